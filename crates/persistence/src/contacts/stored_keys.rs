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

/// Reads the text that [`stored_keys`] selects.
pub(super) fn parsed(text: &str) -> Option<StoredSortKeys> {
    let mut parts = text.split(' ');
    let (first_name, last_name) = (bytes(parts.next()?)?, bytes(parts.next()?)?);
    Some(StoredSortKeys { first_name, last_name, birthday: parts.next()?.parse().ok()? })
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
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
    }
}
