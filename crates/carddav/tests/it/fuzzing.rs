//! Fuzz targets of XML bodies and of headers: see `crates/fuzz`.

use carddav::{
    Filter, Multistatus, PropertyOutcome, Report, Resource, Selection, Values, parse_propfind, parse_proppatch,
    parse_report,
};

use crate::{
    invariants::assert_headers_are_read,
    support::{BOOK, Fixture, USER},
    tree::Tree,
};

const FILTER: &str = "<C:addressbook-query xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:carddav'><D:prop><C:address-data>\
    <C:prop name='FN' novalue='yes'/></C:address-data></D:prop><C:filter test='allof'><C:prop-filter name='a.FN'>\
    <C:text-match collation='i;octet' negate-condition='yes' match-type='equals'>&#8364;</C:text-match>\
    <C:param-filter name='TYPE'><C:is-not-defined/></C:param-filter></C:prop-filter></C:filter>\
    <C:limit><C:nresults>5</C:nresults></C:limit></C:addressbook-query>";

const UPDATE: &str = "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop><D:displayname>a<![CDATA[b]]></D:displayname></D:prop>\
    </D:set><D:remove><D:prop><x:y xmlns:x='urn:x'/></D:prop></D:remove></D:propertyupdate>";

/// Reads a body as each kind of request, and uses what was read. Answers must be well-formed.
fn use_all(body: &[u8]) {
    let answer = |selection: &Selection| {
        let mut multistatus = Multistatus::begin();
        multistatus.resource(&Values::Root(USER), selection, false);
        Tree::parse(&multistatus.end(None));
    };
    if let Ok(selection) = parse_propfind(body) {
        answer(&selection);
    }
    if let Ok(changes) = parse_proppatch(body) {
        let mut multistatus = Multistatus::begin();
        let results: Vec<_> = changes.iter().map(|change| (change.name(), PropertyOutcome::Protected)).collect();
        multistatus.property_changes(BOOK, &results);
        Tree::parse(&multistatus.end(None));
    }
    match parse_report(body) {
        Ok(Report::Multiget { selection, hrefs }) => {
            answer(&selection);
            hrefs.iter().for_each(|href| drop(Resource::parse(href)));
        }
        Ok(Report::Query { selection, filter, .. }) => {
            answer(&selection);
            use_filter(&filter, body);
            if let Some(data) = selection.address_data() {
                let text = String::from_utf8_lossy(body);
                assert!(data.select(&text).len() <= text.len());
            }
        }
        Ok(Report::SyncCollection { selection, .. }) => answer(&selection),
        Err(_) => {}
    }
}

fn use_filter(filter: &Filter, card: &[u8]) {
    for card in [&*String::from_utf8_lossy(card), "BEGIN:VCARD\r\na.FN;TYPE=b:\u{20AC}\r\nEND:VCARD\r\n"] {
        assert!(filter.matches(card) || !filter.properties.is_empty());
    }
}

#[test]
fn requests() {
    let mut bodies: Vec<Vec<u8>> = Fixture::all().into_iter().map(|fixture| fixture.body.into_bytes()).collect();
    bodies.extend([FILTER, UPDATE].map(|body| body.as_bytes().to_vec()));
    bodies.iter().for_each(|body| use_all(body));
    // Each input changes some bytes of a body: the index of the body, then positions with new bytes.
    fuzz::bolero::check!().with_type::<(u8, Vec<(u16, u8)>)>().with_iterations(20_000).for_each(|(index, changes)| {
        let mut body = bodies[usize::from(*index) % bodies.len()].clone();
        for (position, byte) in changes.iter().take(4) {
            let position = usize::from(*position) % body.len();
            match byte % 3 {
                0 => body[position] = *byte,
                1 => body.insert(position, *byte),
                _ => drop(body.drain(position..(position + usize::from(*byte)).min(body.len()))),
            }
            if body.is_empty() {
                return;
            }
        }
        use_all(&body);
    });
}

/// A body of any bytes.
#[test]
fn bodies() {
    fuzz::check!("bodies", 20_000, use_all);
}

/// The values of headers, and a path. A header has documented values only. What is read from a path is written as the
/// same path.
#[test]
fn headers() {
    fuzz::check!("headers", 20_000, |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        assert_headers_are_read(&text);
        if let Some(resource) = Resource::parse(&text) {
            assert_eq!(Resource::parse(&resource.href()), Some(resource));
        }
    });
}
