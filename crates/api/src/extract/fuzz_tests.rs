//! Fuzz targets of the form of a picture, and of entity tags: see `crates/fuzz`.

use super::{
    import_upload::fuzz_tests::{assert_is_of_the_client, form},
    precondition_properties::assert_read_as_written,
    upload::{MEMORY, read},
};

/// A form of any bytes, in pieces of any size. A picture is a part of the form, and the size of the pieces does not
/// matter.
#[test]
fn picture_form() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    fuzz::check!("multipart", 3_000, |body: &[u8]| {
        let size = usize::from(body.last().copied().unwrap_or_default()) + 1;
        let [whole, pieces] = [body.len().max(1), size].map(|size| {
            runtime.block_on(async {
                let mut arrival = MEMORY.admit(body.len()).await?;
                read(form(body, size), body.len(), &mut arrival).await
            })
        });
        for outcome in [&whole, &pieces] {
            match outcome {
                Ok(file) => assert!(file.is_empty() || body.windows(file.len()).any(|part| part == file)),
                Err(problem) => assert_is_of_the_client(problem),
            }
        }
        assert_eq!(whole.ok(), pieces.ok(), "in pieces of {size}");
    });
}

/// `If-Match` and `If-None-Match` of any bytes. The entity tags that are read are written and read unchanged.
#[test]
fn entity_tags() {
    fuzz::check!("entity_tags", 10_000, assert_read_as_written);
}
