//! Requests of Thunderbird 153, vdirsyncer 0.21 and tsdav 2.3, and further forms of RFC 4918, 6352 and 6578.

use carddav::{
    AddressData, CardPart, CardProperty, Combination, Depth, Filter, LiveProperty as Live, Name, Namespace,
    Precondition, Property, PropertyChange, PropertyCondition, PropertyFilter, Report, RequestError, Selection,
    SyncLevel, parse_propfind, parse_proppatch, parse_report,
};
use vcard::Version;

use crate::support::{Fixture, listed};

const WHOLE_CARD: Property = Property::AddressData(AddressData { version: Version::V3_0, parts: None });

fn report(name: &str) -> Report {
    let fixture = Fixture::read(name);
    assert_eq!(fixture.method, "REPORT");
    parse_report(fixture.body.as_bytes()).unwrap()
}

fn etag_and_card() -> Selection {
    Selection::Listed(vec![Property::Live(Live::GetEtag), WHOLE_CARD])
}

#[test]
fn propfinds_of_clients_are_read() {
    let cases: [(&str, Depth, &[Live]); 16] = [
        ("thunderbird/principal", Depth::Zero, &[Live::CurrentUserPrincipal]),
        ("thunderbird/home", Depth::Zero, &[Live::AddressbookHomeSet]),
        (
            "thunderbird/address_books",
            Depth::One,
            &[Live::ResourceType, Live::DisplayName, Live::CurrentUserPrivilegeSet],
        ),
        ("thunderbird/members", Depth::One, &[Live::ResourceType, Live::GetEtag, Live::GetCtag]),
        ("thunderbird/state", Depth::Zero, &[Live::DisplayName, Live::GetCtag, Live::SyncToken]),
        ("thunderbird/etags", Depth::One, &[Live::GetEtag]),
        ("vdirsyncer/kinds", Depth::One, &[Live::ResourceType]),
        ("vdirsyncer/principal", Depth::Zero, &[Live::CurrentUserPrincipal]),
        ("vdirsyncer/home", Depth::Zero, &[Live::AddressbookHomeSet]),
        ("vdirsyncer/display_name", Depth::Zero, &[Live::DisplayName]),
        ("vdirsyncer/members", Depth::One, &[Live::ResourceType, Live::GetContentType, Live::GetEtag]),
        ("tsdav/probe", Depth::Zero, &[Live::ResourceType]),
        ("tsdav/principal", Depth::Zero, &[Live::CurrentUserPrincipal]),
        ("tsdav/home", Depth::Zero, &[Live::AddressbookHomeSet]),
        ("tsdav/address_books", Depth::One, &[Live::DisplayName, Live::GetCtag, Live::ResourceType, Live::SyncToken]),
        ("tsdav/reports", Depth::Zero, &[Live::SupportedReportSet]),
    ];
    for (name, depth, properties) in cases {
        let fixture = Fixture::read(name);
        assert_eq!((fixture.selection(), fixture.depth()), (listed(properties), depth), "{name}");
    }
}

#[test]
fn multigets_of_clients_are_read() {
    let cases = [
        ("thunderbird/multiget", "/user01/addressbook/", "tb-0"),
        ("vdirsyncer/multiget", "/alice/contacts/", "vd-5 vd-3 vd-1 vd-2 vd-4"),
        ("tsdav/multiget", "/alice/contacts/", "vd-4 vd-2 vd-1 ts-1795623159237 vd-5"),
    ];
    for (name, path, cards) in cases {
        let hrefs = cards.split(' ').map(|card| format!("{path}{card}.vcf")).collect();
        assert_eq!(report(name), Report::Multiget { selection: etag_and_card(), hrefs }, "{name}");
        assert_eq!(Fixture::read(name).path, path);
    }
}

#[test]
fn sync_collections_of_clients_are_read() {
    let thunderbird = Report::SyncCollection {
        selection: etag_and_card(),
        token: Some("http://example.invalid/ns/sync/nonsense".to_owned()),
        level: SyncLevel::One,
        limit: None,
    };
    assert_eq!(report("thunderbird/unknown_token"), thunderbird);
    let Report::SyncCollection { selection, token, .. } = report("tsdav/changes") else { panic!() };
    let properties = vec![Property::Live(Live::GetEtag), WHOLE_CARD, Property::Live(Live::DisplayName)];
    assert_eq!(selection, Selection::Listed(properties));
    assert!(token.unwrap().ends_with("cabc92bf9584f95b0eae6d77920a15f325b011ed0204c51ec54f5845fe8dbdbd"));
}

#[test]
fn query_of_tsdav_is_read() {
    let filter = Filter {
        combination: Combination::AnyOf,
        properties: vec![PropertyFilter { property: CardProperty::new("FN"), condition: PropertyCondition::Defined }],
    };
    let expected = Report::Query { selection: listed(&[Live::GetEtag]), filter, limit: None };
    assert_eq!(report("tsdav/query"), expected);
}

#[test]
fn propfind_without_a_body_asks_for_allprop() {
    for body in ["", " \r\n\t"] {
        assert_eq!(parse_propfind(body.as_bytes()), Ok(Selection::All { include: Vec::new() }));
    }
}

#[test]
fn propfind_reads_allprop_include_propname_and_unknown_properties() {
    let read = |inside: &str| parse_propfind(format!("<D:propfind xmlns:D='DAV:'>{inside}</D:propfind>").as_bytes());
    let include = vec![Property::Live(Live::SupportedReportSet)];
    assert_eq!(
        read("<D:allprop/><D:include><D:supported-report-set/></D:include>"),
        Ok(Selection::All { include: include.clone() })
    );
    assert_eq!(read("<D:include><D:supported-report-set/></D:include><D:allprop/>"), Ok(Selection::All { include }));
    assert_eq!(read("<D:propname/>"), Ok(Selection::Names));
    let me_card = Name::new(Namespace::CalendarServer, "me-card");
    let restricted = Name::new(Namespace::Other("http://me.com/_namespace/".to_owned()), "guardian-restricted");
    let inside = "<D:prop><A:guardian-restricted xmlns:A='http://me.com/_namespace/'/>\
                  <C:me-card xmlns:C='http://calendarserver.org/ns/'/><C:me-card xmlns:C='http://calendarserver.org/ns/'/>\
                  <bare xmlns=''/></D:prop>";
    let expected = [restricted, me_card, Name::new(Namespace::None, "bare")].map(Property::Unknown);
    assert_eq!(read(inside), Ok(Selection::Listed(expected.to_vec())));
}

#[test]
fn propfind_without_or_with_two_selections_is_rejected() {
    for inside in ["", "<D:other/>", "<D:allprop/><D:propname/>", "<D:prop/><D:prop/>", "<D:include/>"] {
        let body = format!("<D:propfind xmlns:D='DAV:'>{inside}</D:propfind>");
        assert!(matches!(parse_propfind(body.as_bytes()), Err(RequestError::Unexpected(_))), "{inside}");
    }
    assert!(matches!(parse_propfind(b"<propfind/>"), Err(RequestError::Unexpected(_))));
    assert!(matches!(parse_propfind(b"<a xmlns='DAV:'/>"), Err(RequestError::Unexpected(_))));
}

#[test]
fn selection_reports_what_the_caller_must_find() {
    let all = parse_propfind(b"").unwrap();
    assert!(all.contains(Live::GetEtag) && all.contains(Live::ResourceType));
    // Expensive properties, and those of later standards, are not in allprop.
    assert!(!all.contains(Live::SyncToken) && !all.contains(Live::SupportedReportSet));
    assert_eq!(all.address_data(), None);
    assert!(!Selection::Names.contains(Live::GetEtag));
    let named = etag_and_card();
    assert!(named.contains(Live::GetEtag) && !named.contains(Live::GetContentType));
    assert_eq!(named.address_data(), Some(&AddressData { version: Version::V3_0, parts: None }));
}

#[test]
fn proppatch_has_its_changes_in_order() {
    let body = r#"<D:propertyupdate xmlns:D="DAV:" xmlns:Z="http://ns.example.com/">
        <D:set><D:prop><D:displayname>Friends &amp; <![CDATA[family]]></D:displayname></D:prop></D:set>
        <D:remove><D:prop><Z:Copyright-Owner/></D:prop></D:remove>
        <D:set><D:prop><Z:Authors><Z:Author>Jim</Z:Author></Z:Authors><Z:Empty/></D:prop></D:set>
    </D:propertyupdate>"#;
    let other = |local| Name::new(Namespace::Other("http://ns.example.com/".to_owned()), local);
    let expected = vec![
        PropertyChange::Set { name: Name::new(Namespace::Dav, "displayname"), value: "Friends & family".to_owned() },
        PropertyChange::Remove { name: other("Copyright-Owner") },
        PropertyChange::Set { name: other("Authors"), value: String::new() },
        PropertyChange::Set { name: other("Empty"), value: String::new() },
    ];
    assert_eq!(parse_proppatch(body.as_bytes()), Ok(expected));
}

#[test]
fn proppatch_without_a_change_is_rejected() {
    for body in ["<propertyupdate xmlns='DAV:'/>", "<propertyupdate xmlns='DAV:'><set/></propertyupdate>", "<a/>"] {
        assert!(matches!(parse_proppatch(body.as_bytes()), Err(RequestError::Unexpected(_))), "{body}");
    }
}

#[test]
fn sync_collection_reads_its_token_level_and_limit() {
    let read = |inside: &str| {
        let body = format!("<sync-collection xmlns='DAV:'>{inside}<prop><getetag/></prop></sync-collection>");
        parse_report(body.as_bytes())
    };
    let expected = |token: Option<&str>, level, limit| {
        let token = token.map(str::to_owned);
        Ok(Report::SyncCollection { selection: listed(&[Live::GetEtag]), token, level, limit })
    };
    assert_eq!(read("<sync-token/><sync-level>1</sync-level>"), expected(None, SyncLevel::One, None));
    assert_eq!(read("<sync-token>\n</sync-token>"), expected(None, SyncLevel::One, None));
    assert_eq!(
        read(
            "<sync-token> urn:x-contacts:sync:7-42\n</sync-token><sync-level>infinite</sync-level>\
              <limit><nresults>100</nresults></limit>"
        ),
        expected(Some("7-42"), SyncLevel::Infinite, Some(100))
    );
    for inside in [
        "<sync-level>2</sync-level>",
        "<limit><nresults>0</nresults></limit>",
        "<limit><nresults>many</nresults></limit>",
    ] {
        assert!(matches!(read(inside), Err(RequestError::Unexpected(_))), "{inside}");
    }
}

#[test]
fn address_data_reads_its_version_and_its_parts() {
    let read = |data: &str| {
        let body = format!(
            "<C:addressbook-multiget xmlns='DAV:' xmlns:C='urn:ietf:params:xml:ns:carddav'>\
             <prop>{data}</prop><href>/a</href></C:addressbook-multiget>"
        );
        parse_report(body.as_bytes()).map(|report| match report {
            Report::Multiget { selection, .. } => selection.address_data().cloned().unwrap(),
            _ => panic!(),
        })
    };
    let data = |version, parts| Ok(AddressData { version, parts });
    let part = |name, without_value| CardPart { property: CardProperty::new(name), without_value };
    assert_eq!(read("<C:address-data/>"), data(Version::V3_0, None));
    assert_eq!(read("<C:address-data><C:allprop/></C:address-data>"), data(Version::V3_0, None));
    assert_eq!(read("<C:address-data content-type='text/vcard' version='4.0'/>"), data(Version::V4_0, None));
    assert_eq!(
        read("<C:address-data><C:prop name='FN'/><C:prop name='item1.TEL' novalue='yes'/></C:address-data>"),
        data(Version::V3_0, Some(vec![part("FN", false), part("item1.TEL", true)]))
    );
    for wrong in ["<C:address-data version='2.1'/>", "<C:address-data content-type='application/json'/>"] {
        assert_eq!(read(wrong), Err(RequestError::Precondition(Precondition::SupportedAddressData)), "{wrong}");
    }
}

#[test]
fn unknown_report_names_its_precondition() {
    for root in ["expand-property", "principal-property-search", "addressbook-query"] {
        let body = format!("<{root} xmlns='DAV:'/>");
        let expected = Err(RequestError::Precondition(Precondition::SupportedReport));
        assert_eq!(parse_report(body.as_bytes()), expected, "{root}");
    }
}

#[test]
fn multiget_without_an_href_is_rejected() {
    let body = b"<addressbook-multiget xmlns='urn:ietf:params:xml:ns:carddav'/>";
    assert!(matches!(parse_report(body), Err(RequestError::Unexpected(_))));
}

#[test]
fn query_without_a_filter_asks_for_all_cards() {
    let body = b"<C:addressbook-query xmlns='DAV:' xmlns:C='urn:ietf:params:xml:ns:carddav'><prop><getetag/></prop>\
        <C:limit><C:nresults>5</C:nresults></C:limit></C:addressbook-query>";
    let filter = Filter { combination: Combination::AnyOf, properties: Vec::new() };
    assert!(filter.matches("BEGIN:VCARD\r\nEND:VCARD\r\n"));
    let expected = Report::Query { selection: listed(&[Live::GetEtag]), filter, limit: Some(5) };
    assert_eq!(parse_report(body), Ok(expected));
}

#[test]
fn multiget_of_ten_thousand_cards_is_read() {
    let hrefs: String =
        (0..10_000).map(|number| format!("<href>/dav/books/alice/contacts/{number:036}.vcf</href>")).collect();
    let body = format!(
        "<C:addressbook-multiget xmlns='DAV:' xmlns:C='urn:ietf:params:xml:ns:carddav'>{hrefs}</C:addressbook-multiget>"
    );
    let Report::Multiget { hrefs, selection } = parse_report(body.as_bytes()).unwrap() else { panic!() };
    assert_eq!((hrefs.len(), selection), (10_000, Selection::Listed(Vec::new())));
}
