//! Fuzz target of the form of an import: see `crates/fuzz`.

use std::time::Duration;

use actix_multipart::Multipart;
use actix_web::{
    ResponseError as _,
    error::PayloadError,
    http::header::{CONTENT_TYPE, HeaderMap, HeaderValue},
};
use futures_util::stream;

use super::*;

/// Returns a form that arrives in pieces of this size.
pub(in crate::extract) fn form(body: &[u8], size: usize) -> Multipart {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("multipart/form-data; boundary=b"));
    let pieces: Vec<Result<Bytes, PayloadError>> =
        body.chunks(size).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    Multipart::new(&headers, stream::iter(pieces))
}

/// Asserts that the error is one of the request.
pub(in crate::extract) fn assert_is_of_the_client(problem: &Problem) {
    assert!(matches!(problem.status_code().as_u16(), 400 | 413 | 422), "{problem:?}");
}

async fn imported(body: &[u8], size: usize) -> Result<Vec<u8>, Problem> {
    let mut arrival = MEMORY.admit(body.len()).await?;
    let Begun { first, rest, .. } = begun_form(form(body, size), &mut arrival).await?;
    let (sender, mut pieces) = mpsc::channel(1);
    let receiving = async {
        let mut file = Vec::new();
        while let Some(piece) = pieces.recv().await {
            let piece: Bytes = piece?;
            file.extend_from_slice(&piece);
        }
        Ok(file)
    };
    tokio::select! {
        file = receiving => file,
        never = ArrivingPieces { arrival, first, rest, time: Duration::from_secs(60) }.send_to(sender) => match never {},
    }
}

/// A form of any bytes, in pieces of any size. A file is a part of the form, and the size of the pieces does not matter.
#[test]
fn import_form() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    fuzz::check!("multipart", 3_000, |body: &[u8]| {
        let size = usize::from(body.last().copied().unwrap_or_default()) + 1;
        let [whole, pieces] = [body.len().max(1), size].map(|size| runtime.block_on(imported(body, size)));
        for outcome in [&whole, &pieces] {
            match outcome {
                Ok(file) => assert!(file.is_empty() || body.windows(file.len()).any(|part| part == file)),
                Err(problem) => assert_is_of_the_client(problem),
            }
        }
        assert_eq!(whole.ok(), pieces.ok(), "in pieces of {size}");
    });
}
