//! Properties of the stored sort keys of a contact: they are read as they are selected, and no other text is read.

use domain::contact::StoredSortKeys;
use proptest::prelude::*;

use super::stored_keys::parsed;

fn keys() -> impl Strategy<Value = StoredSortKeys> {
    let key = || prop::collection::vec(any::<u8>(), 0..40);
    (key(), key(), any::<u32>()).prop_map(|(first_name, last_name, birthday)| StoredSortKeys {
        first_name,
        last_name,
        birthday,
    })
}

/// Returns the text of the keys as SQLite selects it. That of PostgreSQL has digits in lower case.
fn selected(keys: &StoredSortKeys) -> String {
    let hex = |key: &[u8]| key.iter().map(|byte| format!("{byte:02X}")).collect::<String>();
    format!("{} {} {}", hex(&keys.first_name), hex(&keys.last_name), keys.birthday)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn keys_are_read_as_each_database_selects_them(keys in keys()) {
        let text = selected(&keys);
        prop_assert_eq!(parsed(&text), Some(keys.clone()), "{:?}", text);
        prop_assert_eq!(parsed(&text.to_ascii_lowercase()), Some(keys), "{:?} in lower case", text);
    }

    #[test]
    fn text_that_is_never_selected_is_not_read(
        text in prop_oneof![
            any::<String>(),
            "[0-9A-Fa-f+x -]{0,16}",
            "([0-9A-Fa-f+ ]{2}){0,3} ([0-9A-Fa-f+]{2}){0,3} [0+-]?[0-9]{0,11} ?.?",
        ],
    ) {
        if let Some(keys) = parsed(&text) {
            prop_assert!(selected(&keys).eq_ignore_ascii_case(&text), "{:?} is read as {:?}", text, keys);
        }
    }
}
