//! Fuzz target of the reader: see `crates/fuzz`.

use vcard::{CharsetChoice, Limits, Version, convert, merge, read, split, write};

/// A file is split into cards. Each card is read, merged with itself, written and converted.
#[test]
fn reader() {
    fuzz::check!("reader", 20_000, |file: &[u8]| {
        let limits = Limits::default();
        let framed = [b"BEGIN:VCARD\n", file, b"\nEND:VCARD\n"].concat();
        for entry in
            split(file, limits, &CharsetChoice::default()).chain(split(&framed, limits, &CharsetChoice::default()))
        {
            let Ok(received) = entry.card else { continue };
            let Ok(card) = read(&received.text, &limits) else { continue };
            assert_eq!(merge(&received.text, &card, &limits).unwrap(), received.text);
            for version in [Version::V2_1, Version::V3_0, Version::V4_0] {
                assert!(read(&write(&card, version), &limits).is_ok());
                convert(&received.text, version, &limits).unwrap();
            }
        }
    });
}
