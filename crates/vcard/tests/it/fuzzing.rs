//! Fuzz target of the reader. `cargo test` runs it with random input; `cargo bolero test fuzzing::reader` with coverage.

use vcard::{CharsetChoice, Limits, Version, convert, merge, read, split, write};

#[test]
fn reader() {
    bolero::check!().with_iterations(20_000).for_each(|file: &[u8]| {
        let limits = Limits::default();
        let framed = [b"BEGIN:VCARD\n", file, b"\nEND:VCARD\n"].concat();
        for entry in
            split(file, limits, &CharsetChoice::default()).chain(split(&framed, limits, &CharsetChoice::default()))
        {
            let Ok(received) = entry.card else { continue };
            let Ok(card) = read(&received.text, &limits) else { continue };
            assert_eq!(merge(&received.text, &card, &limits).unwrap(), received.text);
            assert!(read(&write(&card, Version::V3_0), &limits).is_ok());
            convert(&received.text, Version::V4_0, &limits).unwrap();
        }
    });
}
