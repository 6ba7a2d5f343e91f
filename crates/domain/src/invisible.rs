//! Invisible characters, and blanks. Both come with copied text: from dialers, web pages and office programs.

use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{
        BidiControl, CanonicalCombiningClass, DefaultIgnorableCodePoint, EmojiModifier, ExtendedPictographic,
        Ideographic, JoiningType, VariationSelector,
    },
};

const ZERO_WIDTH_NON_JOINER: char = '\u{200c}';
const ZERO_WIDTH_JOINER: char = '\u{200d}';

/// Returns true for characters without a glyph: `Default_Ignorable_Code_Point` (soft hyphen, zero-width space, BOM) and
/// `Bidi_Control` (marks, isolates, embeddings).
pub(crate) fn is_invisible(c: char) -> bool {
    !c.is_ascii()
        && (CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
            || CodePointSetData::new::<BidiControl>().contains(c))
}

/// Returns the text without blanks, line breaks and invisible characters at its ends.
#[must_use]
pub(crate) fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || is_invisible(c))
}

/// Returns the text trimmed and without invisible characters, each run of blanks replaced by one space. A line break
/// or a tab inside the text stays, and is left to the check of control characters.
///
/// Invisible characters that change how a neighbour looks stay: see [`shapes`].
#[must_use]
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let mut rest = text.trim().chars();
    while let Some(c) = rest.next() {
        if is_invisible(c) {
            if shapes(line.chars().next_back(), c, rest.clone().next()) {
                line.push(c);
            }
        } else if !c.is_whitespace() || c.is_control() {
            line.push(c);
        } else if !line.ends_with(' ') {
            line.push(' ');
        }
    }
    line.trim().to_owned()
}

/// Returns true when an invisible character changes how its neighbours look:
///
/// - a joiner where a domain name may have one (RFC 5892, A.1 and A.2): in Persian, Sinhala and others;
/// - a joiner between two emoji, and a selector of the variant of an emoji or of an ideograph.
fn shapes(before: Option<char>, c: char, after: Option<char>) -> bool {
    let Some(before) = before else { return false };
    let is_pictograph = |c: char| CodePointSetData::new::<ExtendedPictographic>().contains(c);
    let is_selector = |c: char| CodePointSetData::new::<VariationSelector>().contains(c);
    let follows_virama =
        || CodePointMapData::<CanonicalCombiningClass>::new().get(before) == CanonicalCombiningClass::Virama;
    match (c, after) {
        (ZERO_WIDTH_JOINER | ZERO_WIDTH_NON_JOINER, Some(_)) if follows_virama() => true,
        (ZERO_WIDTH_NON_JOINER, Some(after)) => {
            let joining = CodePointMapData::<JoiningType>::new();
            matches!(joining.get(before), JoiningType::DualJoining | JoiningType::LeftJoining)
                && matches!(joining.get(after), JoiningType::DualJoining | JoiningType::RightJoining)
        }
        (ZERO_WIDTH_JOINER, Some(after)) => {
            let ends_emoji = is_pictograph(before)
                || is_selector(before)
                || CodePointSetData::new::<EmojiModifier>().contains(before);
            ends_emoji && is_pictograph(after)
        }
        (selector, _) => {
            is_selector(selector) && (is_pictograph(before) || CodePointSetData::new::<Ideographic>().contains(before))
        }
    }
}
