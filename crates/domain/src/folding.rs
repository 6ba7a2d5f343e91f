//! Text made comparable: the form that is searched, and the form that is sorted by.
//!
//! Both are computed here, once, and stored, so that SQLite and PostgreSQL give the same answers.
//! What is stored depends on the Unicode data of the `icu_*` crates: `tests/folding.rs` fails when
//! an upgrade changes it, and then [`VERSION`] must be raised.

use icu_casemap::CaseMapper;
use icu_collator::{CollatorBorrowed, options::CollatorOptions};
use icu_locale_core::locale;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use icu_properties::{
    CodePointMapData,
    props::{GeneralCategory, Script},
};

/// Counts the changes of what is searched and sorted by; stored with each contact. After it was raised, a store
/// computes anew what it kept with a lesser one: see `persistence/src/contacts/refold.rs`.
pub const VERSION: i16 = 2;

/// Stands for "no text" in a sort order: greater than every sort key, whose bytes never reach it.
const AFTER_ALL: [u8; 2] = [0xFF, 0xFF];

/// Sort keys are this long at most, in bytes: PostgreSQL takes no index entry above 2704 bytes, and a
/// hundred characters can be made whose key is longer; no name that is one comes near.
const MAX_SORT_KEY: usize = 1200;

/// Case and accents removed: apostrophes made one, NFKD, marks dropped, full case folding, NFKC, white space runs as one.
///
/// `Straße` gives `strasse`, `Álvaro` gives `alvaro`, `Їжакевич` gives `іжакевич`, `Лук’ян` gives
/// `лук'ян`.
#[must_use]
pub fn fold(text: &str) -> String {
    let text: String = text.chars().map(|c| if is_apostrophe(c) { '\'' } else { c }).collect();
    let decomposed = DecomposingNormalizerBorrowed::new_nfkd().normalize(&text);
    let category = CodePointMapData::<GeneralCategory>::new();
    let bare: String = decomposed.chars().filter(|c| category.get(*c) != GeneralCategory::NonspacingMark).collect();
    let folded = CaseMapper::new().fold_string(&bare).chars().fold(String::with_capacity(bare.len()), push_plain);
    let composed = ComposingNormalizerBorrowed::new_nfkc().normalize(&folded);
    composed.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Adds a letter without the stroke or the ligature that Unicode does not decompose: `Łódź` is found
/// by `lodz`.
fn push_plain(mut text: String, c: char) -> String {
    match c {
        'ł' => text.push('l'),
        'ø' => text.push('o'),
        'đ' | 'ð' => text.push('d'),
        'ħ' => text.push('h'),
        'ŧ' => text.push('t'),
        'ı' => text.push('i'),
        'æ' => text.push_str("ae"),
        'œ' => text.push_str("oe"),
        'þ' => text.push_str("th"),
        other => text.push(other),
    }
    text
}

/// What keyboards give for the apostrophe of `Лук’ян` and `O’Brien`.
fn is_apostrophe(c: char) -> bool {
    matches!(c, '`' | '\u{b4}' | '\u{2b9}' | '\u{2bc}' | '\u{2018}' | '\u{2019}' | '\u{2032}' | '\u{ff07}')
}

/// Case removed, and nothing else: `Друг` and `друг` are one tag, `гай` and `гаї` are two.
#[must_use]
pub fn fold_case(text: &str) -> String {
    ComposingNormalizerBorrowed::new_nfc().normalize(&CaseMapper::new().fold_string(text)).into_owned()
}

/// The decimal digits of a text, in ASCII, whatever script they were typed in.
#[must_use]
pub fn digits(text: &str) -> String {
    DecomposingNormalizerBorrowed::new_nfkd().normalize(text).chars().filter(char::is_ascii_digit).collect()
}

/// Bytes whose order is the order of people: CLDR's Ukrainian collation (UTS #10), in which Ґ, Є, І
/// and Ї are letters of their own in their places, and which orders other scripts as the root
/// collation does. Text that begins with a Cyrillic letter stands after other text, as readers of
/// both languages expect of a mixed list; no text stands after all text.
#[must_use]
pub fn sort_key(text: Option<&str>) -> Vec<u8> {
    let mut key = Vec::new();
    // The collation is compiled in and a Vec takes every byte; should that ever change, an unsorted
    // place at the end is the mild outcome.
    let collator = CollatorBorrowed::try_new(locale!("uk").into(), CollatorOptions::default());
    if let (Some(text), Ok(collator)) = (text, collator) {
        key.push(u8::from(begins_in_cyrillic(text)));
        let Ok(()) = collator.write_sort_key_to(text, &mut key);
        key.truncate(MAX_SORT_KEY);
    } else {
        key.extend_from_slice(&AFTER_ALL);
    }
    key
}

fn begins_in_cyrillic(text: &str) -> bool {
    let script = CodePointMapData::<Script>::new();
    text.chars().find(|c| c.is_alphabetic()).is_some_and(|letter| script.get(letter) == Script::Cyrillic)
}
