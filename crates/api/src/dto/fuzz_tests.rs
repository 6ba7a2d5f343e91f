//! Fuzz target of cursors: see `crates/fuzz`.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    contact::{Cursor, Sort, SortValue},
    ids::ContactId,
};
use uuid::Uuid;

use super::cursor::{MAX_LENGTH, decode, decode_trash, encode, encode_trash};

/// A cursor of any bytes, as text and inside of the base64. What is accepted is written and read unchanged.
#[test]
fn cursor() {
    let sorts = ["last_name,first_name", "created_at", "birthday,last_name,first_name", "-updated_at,-first_name"];
    let sorts = sorts.map(|sort| sort.parse::<Sort>().unwrap());
    fuzz::check!("cursor", 10_000, |bytes: &[u8]| {
        for text in [String::from_utf8_lossy(bytes).into_owned(), URL_SAFE_NO_PAD.encode(bytes)] {
            let accepted: Vec<&Sort> = sorts.iter().filter(|sort| decode(&text, sort).is_some()).collect();
            assert!(accepted.len() <= 1, "a cursor belongs to one order");
            for sort in accepted {
                let cursor = decode(&text, sort).unwrap();
                assert!(text.len() <= MAX_LENGTH);
                assert_eq!(decode(&encode(&cursor, sort), sort), Some(cursor));
                assert_eq!(decode_trash(&text), None, "it is no cursor of the trash");
            }
            if let Some(position) = decode_trash(&text) {
                assert_eq!(decode_trash(&encode_trash(position)), Some(position));
            }
        }
        // A cursor with these sort keys.
        let (first, second) = bytes.split_at(bytes.len() / 2);
        let [sort, ..] = &sorts;
        let values = [first, second].map(|key| SortValue::Text(key.to_vec())).to_vec();
        let cursor = Cursor::new(values, ContactId(Uuid::from_u128(7)), sort).unwrap();
        let text = encode(&cursor, sort);
        assert_eq!(decode(&text, sort), Some(cursor).filter(|_| text.len() <= MAX_LENGTH));
    });
}
