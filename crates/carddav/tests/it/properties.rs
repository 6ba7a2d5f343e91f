//! Answers 207: properties of each kind of resource, and their status.

use carddav::{
    AddressData, CardContent, CardName, CardValues, LiveProperty as Live, Multistatus, Name, Namespace,
    PrincipalValues, Property, PropertyOutcome, Selection, Status, Values,
};
use vcard::Version;

use crate::{
    support::{BOOK, USER, address_book, card, facts, listed},
    tree::Tree,
};

/// Returns the answer for one resource.
fn answer(values: &Values<'_>, selection: &Selection, minimal: bool) -> String {
    let mut multistatus = Multistatus::begin();
    multistatus.resource(values, selection, minimal);
    multistatus.end(None)
}

/// Returns the properties of the answer with a status, as short text.
fn with_status(answer: &str, status: &str) -> Vec<String> {
    let root = Tree::parse(answer);
    let response = root.at(&["response"]).unwrap();
    let found = response.all("{DAV:}propstat").find(|propstat| propstat.at(&["status"]).unwrap().text.contains(status));
    found.map_or(Vec::new(), |propstat| propstat.at(&["prop"]).unwrap().children.iter().map(Tree::short).collect())
}

#[test]
fn each_resource_has_its_properties() {
    let name = CardName::new("a b.vcf").unwrap();
    let content = Some(CardContent { version: Version::V3_0, text: "BEGIN:VCARD\r\n" });
    let date = Some("Wed, 25 Nov 2026 16:28:30 GMT");
    let card = CardValues { content_length: Some(13), last_modified: date, content, ..card(&name, "7.1") };
    let me = format!("href(/dav/principals/{USER}/)");
    let reads = "current-user-privilege-set(privilege(read) privilege(read-current-user-privilege-set))";
    let writes = "current-user-privilege-set(privilege(bind) privilege(read) privilege(read-current-user-privilege-set) \
                  privilege(unbind) privilege(write) privilege(write-content) privilege(write-properties))";
    let cases = [
        (
            Values::Root(USER),
            vec![format!("current-user-principal({me})"), reads.to_owned(), "resourcetype(collection)".to_owned()],
        ),
        (
            Values::Principal(PrincipalValues { user: USER, display_name: "Ada & Co" }),
            vec![
                format!("card:addressbook-home-set(href(/dav/books/{USER}/))"),
                format!("current-user-principal({me})"),
                reads.to_owned(),
                "displayname(Ada & Co)".to_owned(),
                format!("principal-URL({me})"),
                "resourcetype(collection principal)".to_owned(),
            ],
        ),
        (
            Values::Home(USER),
            vec![
                format!("current-user-principal({me})"),
                reads.to_owned(),
                format!("owner({me})"),
                "resourcetype(collection)".to_owned(),
            ],
        ),
        (
            Values::AddressBook(address_book("5-42")),
            vec![
            format!("current-user-principal({me})"),
            writes.to_owned(),
            "displayname(Contacts)".to_owned(),
            "cs:getctag(5-42)".to_owned(),
            "card:max-resource-size(262144)".to_owned(),
            format!("owner({me})"),
            "resourcetype(card:addressbook collection)".to_owned(),
            "card:supported-address-data(card:address-data-type card:address-data-type)".to_owned(),
            "card:supported-collation-set(card:supported-collation(i;ascii-casemap) card:supported-collation(i;octet) \
             card:supported-collation(i;unicode-casemap))".to_owned(),
            "supported-report-set(supported-report(report(card:addressbook-multiget)) \
             supported-report(report(card:addressbook-query)) supported-report(report(sync-collection)))".to_owned(),
            "sync-token(urn:x-contacts:sync:5-42)".to_owned(),
        ],
        ),
        (
            Values::Card(card),
            vec![
                format!("current-user-principal({me})"),
                writes.to_owned(),
                "getcontentlength(13)".to_owned(),
                "getcontenttype(text/vcard; charset=utf-8)".to_owned(),
                "getetag(\"7.1\")".to_owned(),
                "getlastmodified(Wed, 25 Nov 2026 16:28:30 GMT)".to_owned(),
                format!("owner({me})"),
                "resourcetype".to_owned(),
            ],
        ),
    ];
    for (values, expected) in cases {
        // Each name that propname returns has a value, and no other property has one.
        let names = with_status(&answer(&values, &Selection::Names, false), "200 OK");
        let named: Vec<&str> = expected.iter().map(|property| property.split('(').next().unwrap()).collect();
        assert_eq!(names, named);
        let answer = answer(&values, &listed(&ALL), false);
        assert_eq!(with_status(&answer, "200 OK"), expected);
        assert_eq!(with_status(&answer, "404 Not Found").len(), ALL.len() - expected.len());
        assert_eq!(Tree::parse(&answer).at(&["response", "href"]).unwrap().text, values.href());
    }
}

const ALL: [Live; 18] = [
    Live::AddressbookDescription,
    Live::AddressbookHomeSet,
    Live::CurrentUserPrincipal,
    Live::CurrentUserPrivilegeSet,
    Live::DisplayName,
    Live::GetContentLength,
    Live::GetContentType,
    Live::GetCtag,
    Live::GetEtag,
    Live::GetLastModified,
    Live::MaxResourceSize,
    Live::Owner,
    Live::PrincipalUrl,
    Live::ResourceType,
    Live::SupportedAddressData,
    Live::SupportedCollationSet,
    Live::SupportedReportSet,
    Live::SyncToken,
];

#[test]
fn supported_versions_are_attributes() {
    let answer = answer(&Values::AddressBook(address_book("1")), &listed(&[Live::SupportedAddressData]), false);
    let root = Tree::parse(&answer);
    let supported = &root.at(&["response", "propstat", "prop"]).unwrap().children[0];
    let versions: Vec<&str> = supported.children.iter().map(|kind| kind.attributes[1].1.as_str()).collect();
    assert_eq!(versions, ["3.0", "4.0"]);
}

#[test]
fn allprop_has_the_properties_of_webdav_and_those_of_include() {
    let book = Values::AddressBook(address_book("1"));
    let all = |include| Selection::All { include };
    assert_eq!(
        with_status(&answer(&book, &all(Vec::new()), false), "200"),
        ["displayname(Contacts)", "resourcetype(card:addressbook collection)"]
    );
    let include = vec![Property::Live(Live::GetCtag), Property::Live(Live::DisplayName)];
    let answer = answer(&book, &all(include), false);
    let expected = ["displayname(Contacts)", "resourcetype(card:addressbook collection)", "cs:getctag(1)"];
    assert_eq!(with_status(&answer, "200"), expected);
    assert!(with_status(&answer, "404").is_empty());
}

#[test]
fn missing_properties_are_repeated_unless_the_client_prefers_less() {
    let unknown = |namespace, local| Property::Unknown(Name::new(namespace, local));
    let selection = Selection::Listed(vec![
        unknown(Namespace::CalendarServer, "me-card"),
        unknown(Namespace::Dav, "quota-used-bytes"),
        unknown(Namespace::Other("a\"<&b".to_owned()), "c"),
        unknown(Namespace::None, "bare"),
        unknown(Namespace::Xml, "lang"),
        Property::Live(Live::SyncToken),
    ]);
    let home = Values::Home(USER);
    let full = answer(&home, &selection, false);
    assert!(with_status(&full, "200").is_empty());
    let xml = "{http://www.w3.org/XML/1998/namespace}lang";
    assert_eq!(with_status(&full, "404"), ["cs:me-card", "quota-used-bytes", "{a\"<&b}c", "bare", xml, "sync-token"]);
    // The answer has an empty propstat then (RFC 8144, 2.1).
    let minimal = Tree::parse(&answer(&home, &selection, true));
    let response = minimal.at(&["response"]).unwrap();
    assert_eq!(response.all("{DAV:}propstat").count(), 1);
    assert_eq!(response.at(&["propstat", "status"]).unwrap().text, "HTTP/1.1 200 OK");
}

#[test]
fn found_properties_come_before_missing_ones() {
    let selection = listed(&[Live::SyncToken, Live::ResourceType]);
    let root = Tree::parse(&answer(&Values::Home(USER), &selection, false));
    let all: Vec<&str> = root
        .at(&["response"])
        .unwrap()
        .all("{DAV:}propstat")
        .map(|propstat| propstat.at(&["status"]).unwrap().text.as_str())
        .collect();
    assert_eq!(all, ["HTTP/1.1 200 OK", "HTTP/1.1 404 Not Found"]);
}

#[test]
fn card_is_written_with_each_of_its_bytes_but_forbidden_characters() {
    let name = CardName::new("a.vcf").unwrap();
    let text = "BEGIN:VCARD\r\nNOTE:<b> & \"c\" ]]> \u{1}їжак\u{FFFF}\tend\nEND:VCARD\r\n";
    for (version, attributes) in [(Version::V3_0, 0), (Version::V4_0, 2)] {
        let content = Some(CardContent { version, text });
        let values = Values::Card(CardValues { content, ..card(&name, "1") });
        let data = Property::AddressData(AddressData { version, parts: None });
        let root = Tree::parse(&answer(&values, &Selection::Listed(vec![data]), false));
        let written = &root.at(&["response", "propstat", "prop"]).unwrap().children[0];
        assert_eq!(written.text, text.replace(['\u{1}', '\u{FFFF}'], ""));
        assert_eq!(written.attributes.len(), attributes, "{version:?}");
    }
}

#[test]
fn card_that_was_not_read_and_other_resources_have_no_address_data() {
    let name = CardName::new("a.vcf").unwrap();
    let data = Property::AddressData(AddressData { version: Version::V3_0, parts: None });
    for values in [Values::Card(card(&name, "1")), Values::AddressBook(address_book("1"))] {
        let answer = answer(&values, &Selection::Listed(vec![data.clone()]), false);
        assert_eq!(with_status(&answer, "404"), ["card:address-data"]);
    }
}

#[test]
fn answer_can_be_sent_in_parts() {
    let name = CardName::new("a.vcf").unwrap();
    let mut multistatus = Multistatus::begin();
    let mut sent = multistatus.take();
    assert_eq!(multistatus.pending_bytes(), 0);
    for _ in 0..3 {
        multistatus.resource(&Values::Card(card(&name, "1")), &listed(&[Live::GetEtag]), false);
        assert!(multistatus.pending_bytes() > 0);
        sent += &multistatus.take();
    }
    multistatus.status("/dav/removed & gone", Status::NotFound);
    multistatus.truncated(BOOK);
    sent += &multistatus.end(Some("5-42"));
    let root = Tree::parse(&sent);
    assert_eq!(root.children.len(), 6);
    let short: Vec<String> = root.children.iter().skip(3).map(Tree::short).collect();
    assert_eq!(
        short,
        [
            "response(href(/dav/removed & gone) status(HTTP/1.1 404 Not Found))".to_owned(),
            format!(
                "response(error(number-of-matches-within-limits) href({BOOK}) status(HTTP/1.1 507 Insufficient Storage))"
            ),
            "sync-token(urn:x-contacts:sync:5-42)".to_owned(),
        ]
    );
}

#[test]
fn results_of_a_proppatch_are_grouped_by_status() {
    let names = ["displayname", "getetag", "owner"].map(|local| Name::new(Namespace::Dav, local));
    let other = Name::new(Namespace::Other("urn:a".to_owned()), "b");
    let mut multistatus = Multistatus::begin();
    multistatus.property_changes(
        BOOK,
        &[
            (&names[0], PropertyOutcome::NotChanged),
            (&names[1], PropertyOutcome::Protected),
            (&other, PropertyOutcome::NotChanged),
            (&names[2], PropertyOutcome::Protected),
        ],
    );
    multistatus.property_changes(BOOK, &[(&other, PropertyOutcome::Changed)]);
    let answer = multistatus.end(None);
    let expected = [
        "HTTP/1.1 200 OK {urn:a}b",
        "HTTP/1.1 403 Forbidden getetag",
        "HTTP/1.1 403 Forbidden owner",
        "HTTP/1.1 424 Failed Dependency displayname",
        "HTTP/1.1 424 Failed Dependency {urn:a}b",
    ];
    assert_eq!(facts(&answer), expected.map(|fact| format!("{BOOK} {fact}")).into());
    let protected =
        "propstat(error(cannot-modify-protected-property) prop(getetag owner) status(HTTP/1.1 403 Forbidden))";
    assert!(Tree::parse(&answer).short().contains(protected), "{answer}");
}
