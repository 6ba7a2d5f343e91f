//! Properties of all inputs.

use carddav::{
    AddressData, CardContent, CardName, CardPart, CardProperty, CardValues, EntityTags, Multistatus, Name, Namespace,
    Property, Resource, Selection, Status, Values, error_document,
};
use proptest::prelude::*;
use vcard::Version;

use crate::{
    support::{BOOK, USER, card, facts},
    tree::Tree,
};

/// Returns what is left of a text in XML.
fn allowed(text: &str) -> String {
    let is_allowed = |c: &char| matches!(c, '\t' | '\n' | '\r') || (*c >= ' ' && *c != '\u{FFFE}' && *c != '\u{FFFF}');
    text.chars().filter(is_allowed).collect()
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
    fn selected_lines_are_lines_of_the_card(card in "(?s)([A-Z]{1,3}[.;:=\r\n ]){0,30}", name in "[A-Z]{1,3}") {
        let part = |without_value| CardPart { property: CardProperty::new(&name), without_value };
        for without_value in [false, true] {
            let data = AddressData { version: Version::V3_0, parts: Some(vec![part(without_value)]) };
            prop_assert!(data.select(&card).len() <= card.len());
        }
    }
}
