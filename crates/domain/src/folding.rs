//! Normalized forms of text: one for search, one for sorting.
//!
//! Both forms are computed here, once, and stored. So SQLite and PostgreSQL return the same results. The stored forms
//! depend on the Unicode data of the `icu_*` crates. `tests/it/folding.rs` fails when an upgrade changes that data; then
//! [`VERSION`] must be raised.

use icu_casemap::CaseMapper;
use icu_collator::{CollatorBorrowed, options::CollatorOptions};
use icu_locale_core::locale;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use icu_properties::{
    CodePointMapData,
    props::{GeneralCategory, Script},
};

/// Version of the stored search and sort forms; stored with each contact. After it is raised, the store recomputes the
/// forms of every contact with a lower version: see `persistence/src/contacts/reindex.rs`.
pub const VERSION: i16 = 1;

/// Sort key of a missing text. It is greater than every other sort key, because collation never produces the byte 0xFF.
const MISSING_TEXT_KEY: [u8; 2] = [0xFF, 0xFF];

/// Maximum length of a sort key, in bytes. PostgreSQL rejects index entries above 2704 bytes. A text of a hundred
/// characters can be crafted to have a longer key; real names are far shorter.
const MAX_SORT_KEY: usize = 1200;

/// Returns the search form of a text, without case and accents. Apostrophes are unified. Then: NFKD, nonspacing marks
/// removed, full case folding, NFKC, runs of white space replaced by one space.
///
/// `Straße` becomes `strasse`, `Álvaro` becomes `alvaro`, `Їжакевич` becomes `іжакевич`, `Лук’ян` becomes `лук'ян`.
#[must_use]
pub fn fold(text: &str) -> String {
    let text: String = text.chars().map(|c| if is_apostrophe(c) { '\'' } else { c }).collect();
    let decomposed = DecomposingNormalizerBorrowed::new_nfkd().normalize(&text);
    let category = CodePointMapData::<GeneralCategory>::new();
    let bare: String = decomposed.chars().filter(|c| category.get(*c) != GeneralCategory::NonspacingMark).collect();
    let folded = CaseMapper::new().fold_string(&bare).chars().fold(String::with_capacity(bare.len()), push_base_letter);
    let composed = ComposingNormalizerBorrowed::new_nfkc().normalize(&folded);
    composed.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Appends a letter without the stroke or the ligature that Unicode does not decompose: `Łódź` is found by `lodz`.
fn push_base_letter(mut text: String, c: char) -> String {
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

/// Returns true for the characters that keyboards produce for the apostrophe of `Лук’ян` and `O’Brien`.
fn is_apostrophe(c: char) -> bool {
    matches!(c, '`' | '\u{b4}' | '\u{2b9}' | '\u{2bc}' | '\u{2018}' | '\u{2019}' | '\u{2032}' | '\u{ff07}')
}

/// Returns the text without case, in NFC. Accents remain: `Друг` and `друг` are the same tag, `гай` and `гаї` are not.
#[must_use]
pub fn fold_case(text: &str) -> String {
    ComposingNormalizerBorrowed::new_nfc().normalize(&CaseMapper::new().fold_string(text)).into_owned()
}

/// Returns the decimal digits of a text in ASCII, from any script.
#[must_use]
pub fn digits(text: &str) -> String {
    DecomposingNormalizerBorrowed::new_nfkd().normalize(text).chars().filter(char::is_ascii_digit).collect()
}

/// Returns bytes that sort alphabetically, by CLDR's Ukrainian collation (UTS #10). Ґ, Є, І and Ї are separate letters
/// in their alphabetical positions. Other scripts sort as in the root collation.
///
/// Text that begins with a Cyrillic letter sorts after other text, as readers of both languages expect of a mixed list.
/// A missing text sorts after all text.
#[must_use]
pub fn sort_key(text: Option<&str>) -> Vec<u8> {
    let mut key = Vec::new();
    // The collation data is compiled in, and a `Vec` accepts every byte, so neither step fails. If that ever changes,
    // the contact sorts last.
    let collator = CollatorBorrowed::try_new(locale!("uk").into(), CollatorOptions::default());
    if let (Some(text), Ok(collator)) = (text, collator) {
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
