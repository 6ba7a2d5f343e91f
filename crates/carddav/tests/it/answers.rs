//! Answers for the state of the traces. They have what the other server answered, as far as clients read it.

use std::collections::BTreeSet;

use carddav::{
    CardContent, CardName, CardValues, Multistatus, Precondition, PrincipalValues, Report, Selection, Status, Values,
    error_document, parse_report,
};
use vcard::Version;

use crate::{
    support::{BOOK, Fixture, USER, address_book, answer_of_other_server, card, facts},
    tree::Tree,
};

/// Returns the name, the ETag and the text of each card in an answer.
fn cards_of(answer: &str) -> Vec<(CardName, String, Option<String>)> {
    let root = Tree::parse(answer);
    let responses = root.all("{DAV:}response").filter(|response| response.at(&["propstat"]).is_some());
    let cards = responses.filter_map(|response| {
        let name = response.at(&["href"])?.text.strip_prefix(BOOK).filter(|name| !name.is_empty())?;
        let prop = response.at(&["propstat", "prop"])?;
        let etag = prop.at(&["getetag"])?.text.trim_matches('"').to_owned();
        let text = prop.all("{urn:ietf:params:xml:ns:carddav}address-data").next();
        Some((CardName::new(name)?, etag, text.map(|text| text.text.clone())))
    });
    cards.collect()
}

/// Writes the same cards with this crate.
fn write_cards(multistatus: &mut Multistatus, answer: &str, selection: &Selection) {
    for (name, etag, text) in cards_of(answer) {
        let content = text.as_deref().map(|text| CardContent { version: Version::V3_0, text });
        let values = CardValues { content, ..card(&name, &etag) };
        multistatus.resource(&Values::Card(values), selection, false);
    }
}

/// Asserts that an answer has each fact of the other server's, except those with one of the texts.
fn assert_has_facts(ours: &str, theirs: &str, except: &[&str]) {
    let has = facts(ours);
    let theirs = facts(theirs).into_iter().filter(|fact| !except.iter().any(|text| fact.contains(text)));
    let missing: BTreeSet<String> = theirs.filter(|fact| !has.contains(fact)).collect();
    assert!(missing.is_empty(), "{missing:#?}\n{has:#?}");
}

/// Returns the answer to a PROPFIND of the address book and its cards.
fn answer_to_propfind(name: &str, state: &str) -> String {
    let selection = Fixture::read(name).selection();
    let mut multistatus = Multistatus::begin();
    multistatus.resource(&Values::AddressBook(address_book(state)), &selection, false);
    write_cards(&mut multistatus, &answer_of_other_server(name), &selection);
    multistatus.end(None)
}

fn report(name: &str) -> Report {
    parse_report(Fixture::read(name).body.as_bytes()).unwrap()
}

#[test]
fn discovery_leads_from_the_root_to_the_address_book() {
    for client in ["thunderbird", "vdirsyncer", "tsdav"] {
        let answer = |request: &str, values: Values<'_>| {
            let mut multistatus = Multistatus::begin();
            let selection = Fixture::read(&format!("{client}/{request}")).selection();
            multistatus.resource(&values, &selection, false);
            Tree::parse(&multistatus.end(None))
        };
        let found = |root: &Tree| {
            let property = &root.at(&["response", "propstat", "prop"]).unwrap().children[0];
            (property.name.clone(), property.at(&["href"]).unwrap().text.clone())
        };
        let root = answer("principal", Values::Root(USER));
        let principal = format!("/dav/principals/{USER}/");
        assert_eq!(found(&root), ("{DAV:}current-user-principal".to_owned(), principal), "{client}");
        let principal = answer("home", Values::Principal(PrincipalValues { user: USER, display_name: "Ada" }));
        let home = format!("/dav/books/{USER}/");
        let name = "{urn:ietf:params:xml:ns:carddav}addressbook-home-set";
        assert_eq!(found(&principal), (name.to_owned(), home), "{client}");
    }
}

#[test]
fn address_book_in_its_home_has_what_clients_read() {
    for (name, state) in [("thunderbird/address_books", ""), ("tsdav/address_books", "125a3669")] {
        let selection = Fixture::read(name).selection();
        let mut multistatus = Multistatus::begin();
        multistatus.resource(&Values::Home(USER), &selection, false);
        multistatus.resource(&Values::AddressBook(address_book(state)), &selection, false);
        let ours = multistatus.end(None);
        // The home of the other server is the principal, too. Its tokens, and its privilege `all`, are its own.
        let theirs = answer_of_other_server(name);
        assert_has_facts(&ours, &theirs, &["/user01/ ", "/alice/ ", "privilege(all)", "cs:getctag", "sync-token"]);
        assert!(facts(&ours).iter().any(|fact| fact.contains("privilege(write)")) == name.starts_with("thunderbird"));
    }
}

#[test]
fn state_of_an_address_book_is_answered() {
    let state = "e0802cc032730480774febe90db7742b06321e4235421382e66c45306c237de7";
    let ours = answer_to_propfind("thunderbird/state", state);
    // The ctag of the other server is an entity tag.
    assert_has_facts(&ours, &answer_of_other_server("thunderbird/state"), &["cs:getctag"]);
    assert!(facts(&ours).contains(&format!("{BOOK} HTTP/1.1 200 OK cs:getctag({state})")));
    let ours = answer_to_propfind("vdirsyncer/display_name", state);
    assert_has_facts(&ours, &answer_of_other_server("vdirsyncer/display_name"), &[]);
}

#[test]
fn members_of_an_address_book_are_answered() {
    for name in ["thunderbird/members", "vdirsyncer/members"] {
        let theirs = answer_of_other_server(name).replace("text/vcard;charset", "text/vcard; charset");
        // The address book of the other server has an entity tag and a media type of its own.
        let collection = format!("{BOOK} HTTP/1.1 200 OK get");
        assert!(cards_of(&theirs).len() == if name.starts_with("thunderbird") { 1 } else { 5 });
        assert_has_facts(&answer_to_propfind(name, "1"), &theirs, &[&collection, "200 OK cs:getctag"]);
    }
}

#[test]
fn reports_of_an_address_book_include_those_of_clients() {
    let ours = answer_to_propfind("tsdav/reports", "1");
    let theirs = answer_of_other_server("tsdav/reports");
    for report in ["card:addressbook-multiget", "card:addressbook-query", "sync-collection"] {
        let element = format!("report({report})");
        let has = |answer: &str| facts(answer).iter().any(|fact| fact.contains(&element));
        assert!(has(&ours) && has(&theirs), "{report}");
    }
}

#[test]
fn multigets_and_queries_are_answered() {
    for name in ["thunderbird/multiget", "vdirsyncer/multiget", "tsdav/multiget", "tsdav/query"] {
        let (Report::Multiget { selection, .. } | Report::Query { selection, .. }) = report(name) else { panic!() };
        let theirs = answer_of_other_server(name);
        let mut multistatus = Multistatus::begin();
        write_cards(&mut multistatus, &theirs, &selection);
        assert_has_facts(&multistatus.end(None), &theirs, &[]);
    }
}

#[test]
fn changes_and_removed_cards_are_answered() {
    for name in ["thunderbird/changes", "tsdav/changes", "thunderbird/removed", "tsdav/removed"] {
        let Report::SyncCollection { selection, .. } = report(name) else { panic!() };
        let theirs = answer_of_other_server(name);
        let root = Tree::parse(&theirs);
        let token = root.at(&["sync-token"]).unwrap().text.strip_prefix("urn:x-contacts:sync:").unwrap();
        let mut multistatus = Multistatus::begin();
        write_cards(&mut multistatus, &theirs, &selection);
        for removed in root.all("{DAV:}response").filter(|response| response.at(&["status"]).is_some()) {
            multistatus.status(&removed.at(&["href"]).unwrap().text, Status::NotFound);
        }
        assert_has_facts(&multistatus.end(Some(token)), &theirs, &[]);
    }
}

#[test]
fn unknown_token_is_answered_by_its_condition() {
    let theirs = Tree::parse(&answer_of_other_server("thunderbird/unknown_token"));
    let ours = Tree::parse(&error_document(Some(&Precondition::ValidSyncToken), "begin again"));
    assert_eq!((&ours.name, &ours.children[0]), (&theirs.name, &theirs.children[0]));
}
