//! Labels of e-mails, phones, addresses and links: TYPE, or X-ABLabel of the group.

use super::hex::decode_hex;

/// Property with the label of a group, from Apple.
pub(crate) const ANNOTATION_LABEL: &str = "X-ABLabel";

/// Types of vCard, and the words that stand for them in a label. Words of a label have this order.
const WORDS: [(&str, &str); 13] = [
    ("HOME", "home"),
    ("WORK", "work"),
    ("OTHER", "other"),
    ("SCHOOL", "school"),
    ("MAIN", "main"),
    ("IPHONE", "iPhone"),
    ("CELL", "mobile"),
    ("MOBILE", "mobile"),
    ("FAX", "fax"),
    ("PAGER", "pager"),
    ("CAR", "car"),
    ("ISDN", "isdn"),
    ("ASSISTANT", "assistant"),
];

/// Types without a meaning for the label of a value.
const WITHOUT_PURPOSE: [&str; 16] = [
    "PREF",
    "INTERNET",
    "VOICE",
    "MSG",
    "TEXT",
    "VIDEO",
    "DOM",
    "INTL",
    "POSTAL",
    "PARCEL",
    "TEXTPHONE",
    "X400",
    "URI",
    "8BIT",
    "7BIT",
    "",
];

/// Returns the label of types, such as `work fax`. Unknown types are words of the label, too.
pub(crate) fn label_of_types(types: &[&str]) -> Option<String> {
    let has = |name: &str| types.iter().any(|own| own.eq_ignore_ascii_case(name));
    let is_known = |own: &str| {
        WITHOUT_PURPOSE.iter().chain(WORDS.iter().map(|(name, _)| name)).any(|name| name.eq_ignore_ascii_case(own))
    };
    let known = WORDS.iter().filter(|(name, _)| has(name)).map(|(_, word)| *word);
    let other = types.iter().filter(|own| !is_known(own)).map(|own| without_x(own));
    let mut words: Vec<&str> = known.chain(other).collect();
    if words.contains(&"iPhone") {
        words.retain(|word| *word != "mobile");
    }
    words.dedup();
    let label = words.join(" ");
    (!label.is_empty()).then_some(label)
}

fn without_x(word: &str) -> &str {
    word.strip_prefix("X-").or_else(|| word.strip_prefix("x-")).unwrap_or(word)
}

/// Returns the types whose label is exactly this one. `None` for a label that needs X-ABLabel.
pub(crate) fn types_of_label(label: &str) -> Option<Vec<&'static str>> {
    let mut types = Vec::new();
    for word in label.split(' ') {
        types.push(WORDS.iter().find(|(_, own)| *own == word)?.0);
    }
    (label_of_types(&types).as_deref() == Some(label)).then_some(types)
}

/// Returns the label of an X-ABLabel: `_$!<HomePage>!$_` is one of Apple's own labels, other texts are from a user.
pub(crate) fn apple_label(text: &str) -> Option<String> {
    let text = text.trim();
    let own = text.strip_prefix("_$!<").and_then(|text| text.strip_suffix(">!$_"));
    let label = match own {
        Some("iPhone") => "iPhone".to_owned(),
        Some("HomeFAX") => "home fax".to_owned(),
        Some("WorkFAX") => "work fax".to_owned(),
        Some("OtherFAX") => "other fax".to_owned(),
        Some(own) => own.to_lowercase(),
        None => text.to_owned(),
    };
    (!label.is_empty()).then_some(label)
}

/// Returns the label of a parameter of Android in vCard 2.1:
/// `X-Custom(CHARSET=UTF-8,ENCODING=QUOTED-PRINTABLE,=D0=94)`.
pub(crate) fn android_label(name: &str, raw_value: &str) -> Option<String> {
    const START: &str = "X-CUSTOM(";
    let is_custom = name.get(..START.len()).is_some_and(|start| start.eq_ignore_ascii_case(START));
    let (_, label) = raw_value.strip_suffix(')').filter(|_| is_custom)?.rsplit_once(',')?;
    let mut bytes = Vec::with_capacity(label.len());
    decode_hex(label, b'=', &mut bytes);
    String::from_utf8(bytes).ok().filter(|label| !label.is_empty())
}

/// Returns true for a line that only describes the value of its group, as X-ABLabel and X-ABADR do.
pub(crate) fn annotates(name: &str) -> bool {
    let has_prefix = name.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("X-AB"));
    let is_value =
        ["X-ABDATE", "X-ABRELATEDNAMES", "X-ABSHOWAS", "X-ABUID"].iter().any(|own| own.eq_ignore_ascii_case(name));
    has_prefix && !is_value
}
