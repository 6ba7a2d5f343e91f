//! Normalized forms of text for search.
//!
//! They are computed here, once, and stored. So SQLite and PostgreSQL find the same contacts. The stored forms depend on the Unicode data of the `icu_*` crates. `tests/it/folding.rs` fails when an upgrade changes that data; then
//! [`VERSION`] must be raised.

mod letters;

use icu_casemap::CaseMapper;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use icu_properties::{
    CodePointMapData,
    props::{GeneralCategory, Script},
};

use self::letters::{digit_value, plain_letter, plain_sign};
use crate::invisible::is_invisible;

/// Version of the stored search and sort forms; stored with each contact. After it is raised, the store recomputes the
/// forms of every contact with a lower version: see `persistence/src/contacts/reindex.rs`.
pub const VERSION: i16 = 1;

/// Returns the search form of a text, without case, accents and invisible characters. Every dash is `-`, every apostrophe
/// `'`, every digit ASCII; a letter with a stroke or a hook is the plain one; blanks are one space.
///
/// `Straße` becomes `strasse`, `Álvaro` becomes `alvaro`, `Їжакевич` becomes `іжакевич`, `Лук’ян` becomes `лук'ян`,
/// `Ґудзь` becomes `гудзь`. Marks of other scripts are parts of letters: `パパ` and `सुनील` stay as they are.
#[must_use]
pub fn fold(text: &str) -> String {
    let text: String = text.chars().map(plain_sign).collect();
    let decomposed = DecomposingNormalizerBorrowed::new_nfkd().normalize(&text);
    let folded = CaseMapper::new().fold_string(&without_accents(&decomposed)).into_owned();
    let mut plain = String::with_capacity(folded.len());
    for c in folded.chars() {
        match (plain_letter(c), digit_value(c)) {
            (Some(letter), _) => plain.push_str(letter),
            (None, Some(digit)) => plain.push(char::from(b'0' + digit)),
            (None, None) => plain.push(plain_sign(c)),
        }
    }
    let composed = ComposingNormalizerBorrowed::new_nfkc().normalize(&plain);
    composed.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns a decomposed text without invisible characters, and without the accents of letters of Latin, Greek, Cyrillic,
/// Hebrew and Arabic. A mark without a letter before it stays: it must not find every text.
fn without_accents(decomposed: &str) -> String {
    const TATWEEL: char = '\u{640}';
    // The iota below a Greek letter. Where there is no letter above it, folding the case makes it a letter.
    const YPOGEGRAMMENI: char = '\u{345}';

    let category = CodePointMapData::<GeneralCategory>::new();
    let script = CodePointMapData::<Script>::new();
    let is_accented = |base: char| {
        matches!(script.get(base), Script::Latin | Script::Greek | Script::Cyrillic | Script::Hebrew | Script::Arabic)
    };
    let mut base = ' ';
    let mut bare = String::with_capacity(decomposed.len());
    for c in decomposed.chars() {
        // The tatweel stretches an Arabic letter.
        let is_mark = !c.is_ascii() && (category.get(c) == GeneralCategory::NonspacingMark || c == TATWEEL);
        if is_invisible(c) || (is_mark && is_accented(base)) {
            continue;
        }
        if c == YPOGEGRAMMENI {
            base = 'ι';
        } else if !is_mark {
            base = c;
        }
        bare.push(c);
    }
    bare
}

/// Returns true when a search form has nothing but marks that belong to no letter.
#[must_use]
pub(crate) fn is_blank(folded: &str) -> bool {
    let category = CodePointMapData::<GeneralCategory>::new();
    folded.chars().all(|c| c.is_whitespace() || category.get(c) == GeneralCategory::NonspacingMark)
}

/// Returns the text without case and invisible characters, in NFC, with one dash and one apostrophe. Accents remain:
/// `Друг` and `друг` are the same tag, `гай` and `гаї` are not.
#[must_use]
pub fn fold_case(text: &str) -> String {
    let visible: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    let plain: String = CaseMapper::new().fold_string(&visible).chars().map(plain_sign).collect();
    ComposingNormalizerBorrowed::new_nfc().normalize(&plain).into_owned()
}

/// Returns the decimal digits of a text in ASCII, from any script.
#[must_use]
pub fn digits(text: &str) -> String {
    fold(text).chars().filter(char::is_ascii_digit).collect()
}
