//! Alphabetical order of texts.
//!
//! A sort key is computed here, once, and stored. So SQLite and PostgreSQL sort alike. The keys depend on the Unicode
//! data of `icu_collator`. `tests/it/folding.rs` fails when an upgrade changes that data; then
//! [`folding::VERSION`](crate::folding::VERSION) must be raised.

use std::sync::LazyLock;

use icu_collator::{CollatorBorrowed, options::CollatorOptions};
use icu_locale_core::locale;
use icu_properties::{CodePointMapData, props::Script};

/// Sort key of a missing text. It is greater than every other sort key, because collation never produces the byte 0xFF.
const MISSING_TEXT_KEY: [u8; 2] = [0xFF, 0xFF];

/// The collator, made once: to find its data costs more than a sort key. The data is compiled in, so it is always there.
static COLLATOR: LazyLock<Option<CollatorBorrowed<'static>>> =
    LazyLock::new(|| CollatorBorrowed::try_new(locale!("uk").into(), CollatorOptions::default()).ok());

/// Maximum length of a sort key, in bytes. PostgreSQL rejects index entries above 2704 bytes. A text of a hundred
/// characters can be crafted to have a longer key; real names are far shorter.
const MAX_SORT_KEY: usize = 1200;

/// Returns bytes that sort alphabetically, by CLDR's Ukrainian collation (UTS #10). Ґ, Є, І and Ї are separate letters
/// in their alphabetical positions. Other scripts sort as in the root collation.
///
/// Text that begins with a Cyrillic letter sorts after other text, as readers of both languages expect of a mixed list.
/// A missing text sorts after all text.
#[must_use]
pub fn sort_key(text: Option<&str>) -> Vec<u8> {
    let mut key = Vec::new();
    // Without a collator, which never happens, the contact sorts last.
    if let (Some(text), Some(collator)) = (text, COLLATOR.as_ref()) {
        key.push(u8::from(begins_in_cyrillic(text)));
        let Ok(()) = collator.write_sort_key_to(text, &mut key);
        key.truncate(MAX_SORT_KEY);
    } else {
        key.extend_from_slice(&MISSING_TEXT_KEY);
    }
    key
}

fn begins_in_cyrillic(text: &str) -> bool {
    let script = CodePointMapData::<Script>::new();
    text.chars().find(|c| c.is_alphabetic()).is_some_and(|letter| script.get(letter) == Script::Cyrillic)
}
