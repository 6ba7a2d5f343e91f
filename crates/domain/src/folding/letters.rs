//! Characters that a keyboard or a language replaces by a plain one, and that Unicode does not decompose.

use std::{collections::HashMap, sync::LazyLock};

use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{Dash, GeneralCategory},
};

/// Plain letters, each with the lower-case letters that find it. No Unicode property relates them. Most are named after
/// the plain letter: `LATIN SMALL LETTER L WITH STROKE`, `CYRILLIC SMALL LETTER GHE WITH UPTURN`.
const PLAIN: &[(&str, &str)] = &[
    // Latin
    ("a", "ⱥᶏɑ"),
    ("ae", "æ"),
    ("b", "ƀƃɓᵬᶀꞗ"),
    ("c", "ƈȼɕꞓꞔ"),
    ("d", "đðƌȡɖɗᵭᶁᶑ"),
    ("e", "əɇɛᶒⱸǝ"),
    ("f", "ƒᵮᶂꞙ"),
    ("g", "ǥɠɡᶃꞡ"),
    ("h", "ħɦⱨꞕ"),
    ("i", "ıɨɩᶖ"),
    ("j", "ȷɉʝɟ"),
    ("k", "ƙᶄⱪꝁꝃꝅꞣĸ"),
    ("l", "łƚȴɫɬɭᶅⱡꝉꞎ"),
    ("m", "ɱᵯᶆ"),
    ("n", "ŋƞȵɲɳᵰᶇꞑꞥ"),
    ("o", "øɔɵⱺꝋꝍ"),
    ("oe", "œ"),
    ("p", "ƥᵱᵽᶈꝑꝓꝕ"),
    ("q", "ɋʠꝗꝙ"),
    ("r", "ɍɼɽɾᵲᵳᶉꞧ"),
    ("s", "ȿʂᵴᶊꞩ"),
    ("t", "ŧƫƭȶʈᵵⱦ"),
    ("th", "þ"),
    ("u", "ʉʊᶙꞹ"),
    ("v", "ʋᶌⱱⱴꝟ"),
    ("w", "ⱳ"),
    ("x", "ᶍ"),
    ("y", "ƴɏỿ"),
    ("z", "ƶȥɀʐʑᵶᶎⱬʒ"),
    // Cyrillic
    ("а", "ә"),
    ("г", "ґғҕӷӻ"),
    ("ж", "җ"),
    ("з", "ҙ"),
    ("и", "ҋ"),
    ("к", "қҝҟҡӄ"),
    ("л", "ӆԓԡԯ"),
    ("м", "ӎ"),
    ("н", "ңҥӈӊԣԩ"),
    ("о", "ө"),
    ("п", "ҧԥ"),
    ("р", "ҏ"),
    ("с", "ҫ"),
    ("т", "ҭ"),
    ("у", "үұ"),
    ("х", "ҳӽӿ"),
    ("ч", "ҷҹӌ"),
    // Arabic
    ("ا", "ٱٲٳ"),
    ("ت", "ټ"),
    ("د", "ډ"),
    ("ر", "ڕړ"),
    ("ك", "کڪګ"),
    ("ل", "ڵ"),
    ("ن", "ڼ"),
    ("ه", "ةہھەۃ"),
    ("و", "ۄۆۇۈۊۋۏ"),
    ("ي", "ىیېۍێۑ"),
];

/// Plain text of each letter of [`PLAIN`].
static PLAIN_LETTERS: LazyLock<HashMap<char, &str>> =
    LazyLock::new(|| PLAIN.iter().flat_map(|(plain, letters)| letters.chars().map(|c| (c, *plain))).collect());

/// Returns the plain text for a letter, or `None` when the letter is plain itself.
pub(super) fn plain_letter(c: char) -> Option<&'static str> {
    if c.is_ascii() { None } else { PLAIN_LETTERS.get(&c).copied() }
}

/// Returns `'` for an apostrophe, `-` for a dash, `.` for an ideographic full stop, and any other character unchanged.
pub(super) fn plain_sign(c: char) -> char {
    match c {
        c if c.is_ascii() && c != '`' => c,
        c if is_apostrophe(c) => '\'',
        c if CodePointSetData::new::<Dash>().contains(c) => '-',
        // It separates the labels of a domain, as a dot does (UTS #46).
        '\u{3002}' | '\u{ff61}' => '.',
        c => c,
    }
}

/// Returns true for the characters that people type for the apostrophe of `Лук’ян`, `O’Brien` and `Kaʻahumanu`: the
/// confusables of `'` (UTS #39), and the half rings that transcribe Arabic and Hebrew.
fn is_apostrophe(c: char) -> bool {
    matches!(
        c,
        '`' | '\u{b4}' | '\u{2b9}' | '\u{2bb}'
            ..='\u{2bf}'
                | '\u{2c8}'
                | '\u{2ca}'
                | '\u{2cb}'
                | '\u{2f4}'
                | '\u{374}'
                | '\u{384}'
                | '\u{55a}'
                | '\u{55d}'
                | '\u{5f3}'
                | '\u{7f4}'
                | '\u{7f5}'
                | '\u{1fbd}'
                | '\u{1fbf}'
                | '\u{1fef}'
                | '\u{1ffd}'
                | '\u{1ffe}'
                | '\u{2018}'
                | '\u{2019}'
                | '\u{201b}'
                | '\u{2032}'
                | '\u{2035}'
                | '\u{a78b}'
                | '\u{a78c}'
                | '\u{ff07}'
                | '\u{ff40}'
    )
}

/// First digits of the runs of decimal digits (`Nd`). Unicode encodes the ten digits of a script in order.
static ZEROS: LazyLock<Vec<u32>> = LazyLock::new(|| {
    let categories = CodePointMapData::<GeneralCategory>::new();
    categories.iter_ranges_for_value(GeneralCategory::DecimalNumber).map(|run| *run.start()).collect()
});

/// Returns the value of a decimal digit of any script.
pub(super) fn digit_value(c: char) -> Option<u8> {
    if CodePointMapData::<GeneralCategory>::new().get(c) != GeneralCategory::DecimalNumber {
        return None;
    }
    let later = ZEROS.partition_point(|zero| *zero <= u32::from(c));
    let zero = later.checked_sub(1).and_then(|position| ZEROS.get(position))?;
    // The digits for mathematics are five runs, one directly after the other.
    u8::try_from((u32::from(c) - zero) % 10).ok()
}
