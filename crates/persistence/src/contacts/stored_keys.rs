//! Sort keys of the contacts of a list that another version has written.

use domain::{contact::StoredSortKeys, folding};
use sea_orm::{DbBackend, sea_query::Expr};

/// Name of the column with [`stored_keys`].
pub(super) const STORED_KEYS: &str = "stored_keys";

/// Selects the sort keys of a contact as one text. It is null for a contact of this version, whose card has the same keys.
pub(super) fn stored_keys(backend: DbBackend) -> Expr {
    let hex = |column: &str| match backend {
        DbBackend::Sqlite => format!("hex({column})"),
        _ => format!("encode({column}, 'hex')"),
    };
    Expr::cust(format!(
        "CASE WHEN search_version <> {} THEN {} || ' ' || {} || ' ' || birthday_sort END",
        folding::VERSION,
        hex("first_name_sort"),
        hex("last_name_sort")
    ))
}

/// Reads the text that [`stored_keys`] selects. Returns `None` for any other text.
pub(super) fn parsed(text: &str) -> Option<StoredSortKeys> {
    let mut parts = text.split(' ');
    let (first_name, last_name) = (bytes(parts.next()?)?, bytes(parts.next()?)?);
    let (day, None) = (parts.next()?, parts.next()) else { return None };
    let birthday: u32 = day.parse().ok()?;
    // The parser accepts a sign and leading zeros, too.
    (birthday.to_string() == day).then_some(StoredSortKeys { first_name, last_name, birthday })
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    // The parser of a number accepts a sign, too.
    if !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let (pairs, []) = hex.as_bytes().as_chunks::<2>() else { return None };
    pairs.iter().map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_are_selected() {
        let keys = StoredSortKeys { first_name: vec![0, 0xAB], last_name: vec![0xFF, 0xFF], birthday: 9999 };
        for text in ["00AB FFFF 9999", "00ab ffff 9999"] {
            assert_eq!(parsed(text), Some(keys.clone()), "{text}");
        }
        let empty = StoredSortKeys { first_name: Vec::new(), last_name: Vec::new(), birthday: 101 };
        assert_eq!(parsed("  101"), Some(empty));
        for text in ["", "00AB FFFF", "00A FFFF 101", "00AX FFFF 101", "00AB FFFF -1"] {
            assert_eq!(parsed(text), None, "{text}");
        }
        for text in ["+1AB FFFF 101", "00AB FFFF +101", "00AB FFFF 0101", "00AB FFFF 101 ", "00AB FFFF 101 1"] {
            assert_eq!(parsed(text), None, "{text:?}");
        }
    }
}
