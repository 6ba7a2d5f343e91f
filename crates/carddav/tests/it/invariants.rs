//! Properties of all inputs.

use carddav::{
    AddressData, CardContent, CardName, CardPart, CardProperty, CardValues, Depth, EntityTags, HeaderError,
    Multistatus, Name, Namespace, Preferences, Property, Resource, Selection, Status, Values, error_document,
};
use proptest::prelude::*;
use vcard::{ContentLine, Lexer, Version};

use crate::{
    support::{BOOK, USER, card, facts},
    tree::Tree,
};

/// Returns what is left of a text in XML.
fn allowed(text: &str) -> String {
    let is_allowed = |c: &char| matches!(c, '\t' | '\n' | '\r') || (*c >= ' ' && *c != '\u{FFFE}' && *c != '\u{FFFF}');
    text.chars().filter(is_allowed).collect()
}

/// Lines without which a text is no card.
const FRAME: [&str; 3] = ["BEGIN", "VERSION", "END"];

/// A line of a card.
#[derive(Debug, Clone)]
struct Line {
    group: Option<&'static str>,
    name: &'static str,
    /// True when the name is folded after its first character.
    is_folded: bool,
    params: &'static str,
    value: &'static str,
    end: &'static str,
}

impl Line {
    fn head(&self) -> String {
        let group = self.group.map(|group| format!("{group}.")).unwrap_or_default();
        let (first, rest) = self.name.split_at(1);
        format!("{group}{first}{}{rest}{}:", if self.is_folded { "\r\n " } else { "" }, self.params)
    }

    /// Returns what an answer has of the line. The first part of its name decides.
    fn selected(&self, parts: &[(String, bool)]) -> Option<String> {
        let is_named = |name: &str| match name.split_once('.') {
            Some((group, name)) => {
                self.name.eq_ignore_ascii_case(name) && self.group.is_some_and(|own| own.eq_ignore_ascii_case(group))
            }
            None => self.name.eq_ignore_ascii_case(name),
        };
        let is_frame = FRAME.iter().any(|name| self.name.eq_ignore_ascii_case(name));
        let part = parts.iter().find(|(name, _)| is_named(name));
        let value = if part.is_some_and(|(_, without_value)| *without_value) && !is_frame { "" } else { self.value };
        (is_frame || part.is_some()).then(|| format!("{}{value}{}", self.head(), self.end))
    }
}

fn line() -> impl Strategy<Value = Line> {
    let names = vec!["BEGIN", "version", "END", "TEL", "tel", "TEL2", "FN", "N", "X-TEL"];
    let params = vec!["", ";TYPE=home", ";X=\"a:b;c\"", ";TYPE=\r\n\thome", ";TEL"];
    let values = vec!["", "1", "1:2", "TEL:1", ":", "1\r\n 2\n\t3", "\"1", " ", "ї\\n"];
    let select = prop::sample::select::<&'static str>;
    (
        prop::option::weighted(0.3, select(vec!["item1", "ITEM1", "tel"])),
        (select(names), prop::bool::weighted(0.1)),
        select(params),
        select(values),
        select(vec!["\r\n", "\n", "\r", "\r\r\n"]),
    )
        .prop_map(|(group, (name, is_folded), params, value, end)| Line {
            group,
            name,
            is_folded,
            params,
            value,
            end,
        })
}

/// Names that a request has, each with the flag that the value is left out.
fn parts() -> impl Strategy<Value = Vec<(String, bool)>> {
    let names = vec!["TEL", "Tel", "FN", "N", "item1.TEL", "item1.fn", "tel.tel", "VERSION", "END", "NOTE"];
    prop::collection::vec((prop::sample::select(names).prop_map(str::to_owned), any::<bool>()), 0..4)
}

/// Preferences, each with its values for an answer: `return=minimal`, and `depth-noroot`.
const PREFERENCES: [(&str, bool, bool); 17] = [
    ("return=minimal", true, false),
    ("RETURN = \"Minimal\"", true, false),
    ("return=minimal; a=b", true, false),
    ("\treturn-minimal ", true, false),
    ("depth-noroot", false, true),
    (" Depth-NoRoot ", false, true),
    ("depth-noroot;return=minimal", false, true),
    ("return=representation", false, false),
    ("return", false, false),
    ("minimal", false, false),
    ("x-return=minimal", false, false),
    ("return=minimally", false, false),
    ("handling=lenient; return=minimal", false, false),
    ("noroot", false, false),
    ("respond-async", false, false),
    ("=", false, false),
    ("", false, false),
];

/// Reads a text as each header. What is read is a documented value of the header, and is in the text.
pub(crate) fn assert_headers_are_read(text: &str) {
    let lower = text.to_ascii_lowercase();
    let depth = match lower.trim() {
        "0" => Ok(Depth::Zero),
        "1" => Ok(Depth::One),
        "infinity" => Ok(Depth::Infinity),
        _ => Err(HeaderError::Depth),
    };
    assert_eq!(Depth::parse(Some(text)), depth, "{text:?}");

    let preferences = Preferences::parse([text]);
    assert!(!preferences.minimal || (lower.contains("return") && lower.contains("minimal")), "{text:?}");
    assert!(!preferences.without_root || lower.contains("depth-noroot"), "{text:?}");
    assert_eq!(Preferences::parse(text.split(',')), preferences, "each line of {text:?} has one preference");
    let all = Preferences { minimal: true, without_root: true };
    assert_eq!(Preferences::parse([text, "depth-noroot, return=minimal"]), all, "{text:?}");

    match EntityTags::parse(text) {
        Ok(EntityTags::Any) => assert_eq!(text.trim(), "*"),
        Ok(EntityTags::Listed(tags)) => {
            let is_tag = |tag: &String| !tag.is_empty() && !tag.contains(['"', ',']) && text.contains(tag.as_str());
            assert!(!tags.is_empty() && tags.iter().all(is_tag), "{tags:?} of {text:?}");
        }
        Err(error) => assert_eq!(error, HeaderError::EntityTags),
    }
}

fn address_data(parts: &[(String, bool)]) -> AddressData {
    let part = |(name, without_value): &(String, bool)| CardPart {
        property: CardProperty::new(name),
        without_value: *without_value,
    };
    AddressData { version: Version::V3_0, parts: Some(parts.iter().map(part).collect()) }
}

proptest! {
    #[test]
    fn answer_returns_each_text(text in any::<String>(), etag in any::<String>(), href in any::<String>()) {
        let name = CardName::new("a.vcf").unwrap();
        let content = Some(CardContent { version: Version::V4_0, text: &text });
        let values = Values::Card(CardValues { content, ..card(&name, &etag) });
        let data = AddressData { version: Version::V4_0, parts: None };
        let mut multistatus = Multistatus::begin();
        multistatus.resource(&values, &Selection::Listed(vec![Property::AddressData(data)]), false);
        multistatus.status(&href, Status::NotFound);
        let root = Tree::parse(&multistatus.end(Some(&etag)));
        let card = &root.at(&["response", "propstat", "prop"]).unwrap().children[0];
        prop_assert_eq!(&card.text, &allowed(&text));
        prop_assert_eq!(&root.children[1].at(&["href"]).unwrap().text, &allowed(&href));
        let document = error_document(None, &text);
        prop_assert_eq!(&Tree::parse(&document).children[0].text, &allowed(&text));
    }

    #[test]
    fn unknown_property_is_repeated(uri in "[ -~ї]{1,40}", local in "[A-Za-z_ї][A-Za-z0-9._ї-]{0,20}") {
        let escaped = uri.replace('&', "&amp;").replace('<', "&lt;").replace('\'', "&apos;");
        let body = format!("<propfind xmlns='DAV:'><prop><x:{local} xmlns:x='{escaped}'/></prop></propfind>");
        let selection = carddav::parse_propfind(body.as_bytes()).unwrap();
        let name = Name::new(Namespace::Other(uri.clone()), &local);
        prop_assert_eq!(&selection, &Selection::Listed(vec![Property::Unknown(name)]));
        let mut multistatus = Multistatus::begin();
        multistatus.resource(&Values::Root(USER), &selection, false);
        let fact = format!("/dav/ HTTP/1.1 404 Not Found {{{uri}}}{local}");
        prop_assert!(facts(&multistatus.end(None)).contains(&fact), "{}", fact);
    }

    #[test]
    fn name_of_a_card_is_read_from_its_path(name in any::<String>()) {
        if let Some(name) = CardName::new(&name) {
            let resource = Resource::Card(USER, name);
            prop_assert_eq!(Resource::parse(&resource.href()), Some(resource.clone()));
            prop_assert!(resource.href().is_ascii());
        }
    }

    #[test]
    fn path_of_each_text_is_a_resource_with_one_spelling_or_none(text in any::<String>()) {
        for href in [text.clone(), format!("{BOOK}{text}"), format!("https://{text}")] {
            if let Some(resource) = Resource::parse(&href) {
                prop_assert_eq!(Resource::parse(&resource.href()), Some(resource));
            }
        }
    }

    #[test]
    fn entity_tag_of_the_server_is_found_in_its_header(tags in prop::collection::vec("[0-9]{1,9}\\.[0-9]", 1..5)) {
        let header = tags.iter().map(|tag| format!("\"{tag}\"")).collect::<Vec<_>>().join(", ");
        let parsed = EntityTags::parse(&header).unwrap();
        prop_assert!(tags.iter().all(|tag| parsed.matches(tag)));
    }

    #[test]
    fn preferences_of_all_lines_are_read(
        lines in prop::collection::vec(prop::collection::vec(prop::sample::select(PREFERENCES.to_vec()), 0..4), 0..4),
    ) {
        let expected = Preferences {
            minimal: lines.iter().flatten().any(|(_, minimal, _)| *minimal),
            without_root: lines.iter().flatten().any(|(_, _, without_root)| *without_root),
        };
        let values: Vec<String> =
            lines.iter().map(|line| line.iter().map(|(text, ..)| *text).collect::<Vec<_>>().join(",")).collect();
        prop_assert_eq!(Preferences::parse(values.iter().map(String::as_str)), expected, "{:?}", values);
    }

    #[test]
    fn header_of_each_text_has_a_documented_value_or_none(
        text in prop_oneof![
            any::<String>(),
            "[ \t]{0,2}(0|1|2|00|0,1|[iI]nfinity|INFINITY|infinite)[ \t]{0,2}",
            "([a-z]|return|minimal|depth-noroot|W/|-gzip|-br|[\"*=,; \t-]){0,12}",
        ],
    ) {
        assert_headers_are_read(&text);
    }

    /// The model knows the parts of each line, and does not read the card.
    #[test]
    fn selection_has_exactly_the_lines_of_the_named_properties(
        lines in prop::collection::vec(line(), 0..12), has_last_end in any::<bool>(), parts in parts(),
    ) {
        let mut lines = lines;
        if let Some(last) = lines.last_mut().filter(|_| !has_last_end) {
            last.end = "";
        }
        let card = lines.iter().map(|line| format!("{}{}{}", line.head(), line.value, line.end)).collect::<String>();
        let selected = lines.iter().filter_map(|line| line.selected(&parts)).collect::<String>();
        prop_assert_eq!(address_data(&parts).select(&card), selected, "{:?}", card);
    }

    /// Any text, even one that is no card.
    #[test]
    fn selection_of_any_text_has_whole_lines_in_their_order(
        card in "((BEGIN|VERSION|END|tel|[A-C]{1,2}|[.;:=\"\r\n ]|\\PC){1,3}[\r\n:]{0,2}){0,20}",
        names in prop::collection::vec("BEGIN|TEL|[A-C]{1,2}", 0..4),
    ) {
        let parts: Vec<_> = names.iter().map(|name| (name.clone(), false)).collect();
        let is_selected = |line: &ContentLine<'_>| {
            let names = names.iter().map(String::as_str).chain(FRAME);
            names.into_iter().any(|name| line.name().eq_ignore_ascii_case(name))
        };
        let lines = Lexer::new(&card).filter(is_selected).map(|line| line.raw().to_owned());
        prop_assert_eq!(address_data(&parts).select(&card), lines.collect::<String>());
    }
}
