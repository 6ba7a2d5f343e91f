//! XML that is rejected, and unusual XML that is read.

use carddav::{
    LiveProperty, MAX_BODY_BYTES, Precondition, RequestError, Selection, XmlError, parse_propfind, parse_report,
};

use crate::support::listed;

const PROPFIND: &str = "<propfind xmlns='DAV:'><prop><getetag/></prop></propfind>";

/// Reads a PROPFIND with this text inside, and returns the error of XML.
fn error_inside(inside: &str) -> Option<XmlError> {
    error_of(format!("<propfind xmlns='DAV:'><prop><getetag/></prop>{inside}</propfind>").as_bytes())
}

fn error_of(body: &[u8]) -> Option<XmlError> {
    match parse_propfind(body) {
        Err(RequestError::Xml(error)) => Some(error),
        _ => None,
    }
}

fn is_read(body: &[u8]) -> bool {
    parse_propfind(body) == Ok(listed(&[LiveProperty::GetEtag]))
}

#[test]
fn text_that_is_not_well_formed_is_rejected() {
    let cases = ["<", "a", "<a", "</a>", "<a b/>", "<a b=c/>", "<a b='1' b='2'/>", "<!-- -->", "<?xml version='1.0'?>"];
    for body in cases {
        assert_eq!(error_of(body.as_bytes()), Some(XmlError::Syntax), "{body}");
    }
    for inside in ["<a>", "</a>", "<a></b>", "<!-- ", "<a>&</a>", "<a>&amp</a>", "<a>&#xZ;</a>", "<a>&#1114112;</a>"] {
        assert_eq!(error_inside(inside), Some(XmlError::Syntax), "{inside}");
    }
    for after in ["<b/>", "text", "&#65;", "<![CDATA[text]]>", "</propfind>", "<"] {
        assert_eq!(error_of([PROPFIND, after].concat().as_bytes()), Some(XmlError::Syntax), "{after}");
    }
}

#[test]
fn each_limit_and_each_danger_has_its_error() {
    let many = (0..65).map(|number| format!(" a{number}=''")).collect::<String>();
    let cases = [
        ("<!DOCTYPE a>", XmlError::DocumentType),
        ("<a>&other;</a>", XmlError::UnknownEntity),
        ("<a b='&other;'/>", XmlError::UnknownEntity),
        ("<x:a/>", XmlError::UndeclaredPrefix),
        ("<a x:b=''/>", XmlError::UndeclaredPrefix),
        ("<a xmlns:x=''/>", XmlError::UndeclaredPrefix),
        ("<x:a xmlns:x='urn:a'/><x:b/>", XmlError::UndeclaredPrefix),
        ("<1/>", XmlError::Name),
        ("<a$/>", XmlError::Name),
        ("<xml:a:b/>", XmlError::Name),
        ("<xmlns:a/>", XmlError::Syntax),
        ("<xmlns xmlns='http://www.w3.org/2000/xmlns/'/>", XmlError::Syntax),
        ("<a xmlns:xml='urn:a'/>", XmlError::Syntax),
        ("<x:a xmlns:x='http://www.w3.org/XML/1998/namespace'/>", XmlError::Syntax),
        ("<a>&#8;</a>", XmlError::Character),
        ("<a b='&#8;'/>", XmlError::Character),
        ("<a>\u{8}</a>", XmlError::Character),
        ("<a>\u{FFFE}</a>", XmlError::Character),
        (&format!("<a{many}/>"), XmlError::Limit),
        (&format!("<{}/>", "a".repeat(256)), XmlError::Name),
        (&format!("<a xmlns='{}'/>", "a".repeat(256)), XmlError::Name),
        (&("<a>".repeat(32) + &"</a>".repeat(32)), XmlError::Limit),
    ];
    for (inside, expected) in cases {
        assert_eq!(error_inside(inside), Some(expected), "{inside}");
    }
    assert_eq!(error_inside(&("<a>".repeat(31) + &"</a>".repeat(31))), None);
}

#[test]
fn entities_are_never_expanded() {
    let bomb = format!("<!DOCTYPE a [<!ENTITY b 'c'><!ENTITY d '&b;&b;'>]>{PROPFIND}");
    assert_eq!(error_of(bomb.as_bytes()), Some(XmlError::DocumentType));
    let file = format!("<!DOCTYPE a SYSTEM 'file:///etc/passwd'>{PROPFIND}");
    assert_eq!(error_of(file.as_bytes()), Some(XmlError::DocumentType));
    let late = format!("{PROPFIND}<!DOCTYPE a>");
    assert_eq!(error_of(late.as_bytes()), Some(XmlError::DocumentType));
}

#[test]
fn body_over_the_limit_is_rejected_and_one_at_the_limit_is_read() {
    let blanks = " ".repeat(MAX_BODY_BYTES - PROPFIND.len());
    assert!(is_read((PROPFIND.to_owned() + &blanks).as_bytes()));
    let body = PROPFIND.to_owned() + &blanks + " ";
    assert_eq!(parse_propfind(body.as_bytes()), Err(RequestError::BodyTooLarge));
}

#[test]
fn encodings_of_xml_are_read() {
    assert!(is_read(("\u{FEFF}".to_owned() + PROPFIND).as_bytes()));
    let declared = format!("<?xml version='1.0' encoding='UTF-16'?>{PROPFIND}");
    for order in [u16::to_le_bytes, u16::to_be_bytes] {
        for text in [declared.clone(), format!("\u{FEFF}{PROPFIND}"), format!("\u{FEFF}{declared}")] {
            let bytes: Vec<u8> = text.encode_utf16().flat_map(order).collect();
            assert!(is_read(&bytes), "{text}");
        }
    }
}

#[test]
fn other_encodings_are_rejected() {
    assert_eq!(error_of(b"<a>\xFF</a>"), Some(XmlError::Encoding));
    assert_eq!(error_of(b"\xFF\xFE<\0a\0\x00\xD8"), Some(XmlError::Encoding));
    let declared = format!("<?xml version='1.0' encoding='windows-1251'?>{PROPFIND}");
    assert_eq!(error_of(declared.as_bytes()), Some(XmlError::Encoding));
}

#[test]
fn comments_instructions_and_unknown_elements_are_ignored() {
    let body = "<?xml version='1.0' encoding='utf-8'?><!-- a --><?b c?>
        <x:propfind xmlns:x='DAV:' other='1' x:other='2' xml:lang='en'><!-- a --><y:z xmlns:y='urn:y'><x:prop/></y:z>
        <x:prop>text<x:getetag><x:getctag/></x:getetag><!-- b --></x:prop></x:propfind><!-- c -->\n";
    assert!(is_read(body.as_bytes()));
}

#[test]
fn namespaces_are_resolved_where_they_are_declared() {
    let read = |body: &str| parse_propfind(body.as_bytes());
    // The default namespace changes inside, and the prefix of another one is used for WebDAV.
    assert!(is_read(b"<card:propfind xmlns:card='DAV:' xmlns='urn:a'><card:prop><getetag xmlns='DAV:'/></card:prop></card:propfind>"));
    assert!(is_read(b"<propfind xmlns='D&#65;V:'><prop><getetag/></prop></propfind>"));
    let Ok(Selection::Listed(listed)) = read("<propfind xmlns='DAV:'><prop><getetag xmlns='urn:a'/></prop></propfind>")
    else {
        panic!()
    };
    assert_ne!(listed, [carddav::Property::Live(LiveProperty::GetEtag)]);
}

#[test]
fn numbers_of_properties_and_conditions_are_limited() {
    let properties = |number: usize| {
        let names: String = (0..number).map(|number| format!("<a{number}/>")).collect();
        parse_propfind(format!("<propfind xmlns='DAV:'><prop>{names}</prop></propfind>").as_bytes())
    };
    assert!(properties(128).is_ok());
    assert!(matches!(properties(129), Err(RequestError::Unexpected(_))));
    // They are repeated for each card of the answer.
    let long = |number: usize| {
        let namespace = "&quot;".repeat(255);
        let names: String = (0..number).map(|number| format!("<a:n{number:03} xmlns:a='{namespace}'/>")).collect();
        parse_propfind(format!("<propfind xmlns='DAV:'><prop>{names}</prop></propfind>").as_bytes())
    };
    assert_eq!(long(15).unwrap().unknown_bytes(), 15 * (255 * "&quot;".len() + "<x:n000 xmlns:x=\"\"/>".len()));
    assert!(matches!(long(16), Err(RequestError::Unexpected(_))));
    let filters = |number: usize| {
        let filters = "<prop-filter name='A'><text-match>a</text-match></prop-filter>".repeat(number);
        let body = format!(
            "<addressbook-query xmlns='urn:ietf:params:xml:ns:carddav'><filter>{filters}</filter></addressbook-query>"
        );
        parse_report(body.as_bytes())
    };
    assert!(filters(50).is_ok());
    assert_eq!(filters(51), Err(RequestError::Precondition(Precondition::SupportedFilter)));
}

#[test]
fn number_and_length_of_hrefs_are_limited() {
    let hrefs = |href: &str, number: usize| {
        let hrefs = format!("<d:href>{href}</d:href>").repeat(number);
        let body = format!(
            "<addressbook-multiget xmlns='urn:ietf:params:xml:ns:carddav' xmlns:d='DAV:'>{hrefs}</addressbook-multiget>"
        );
        parse_report(body.as_bytes())
    };
    assert!(hrefs("/a", 20_000).is_ok());
    assert!(matches!(hrefs("/a", 20_001), Err(RequestError::Unexpected(_))));
    assert!(hrefs(&"a".repeat(4096), 1).is_ok());
    assert!(matches!(hrefs(&"a".repeat(4097), 1), Err(RequestError::Unexpected(_))));
}

#[test]
fn text_of_a_card_is_asked_once() {
    let asks = |data: &str| {
        let body = format!(
            "<c:addressbook-multiget xmlns='DAV:' xmlns:c='urn:ietf:params:xml:ns:carddav'><prop>{data}</prop><href>/a</href>\
             </c:addressbook-multiget>"
        );
        parse_report(body.as_bytes())
    };
    let (whole, part) = ("<c:address-data/>", "<c:address-data><c:prop name='FN'/></c:address-data>");
    assert!(asks(&whole.repeat(2)).is_ok());
    assert!(matches!(asks(&format!("{whole}{part}")), Err(RequestError::Unexpected(_))));
}
