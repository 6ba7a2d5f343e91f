//! Requests and answers of real clients, and short ways to the values of tests.

use std::{collections::BTreeSet, fs, path::Path};

use carddav::{AddressBookValues, CardName, CardValues, Depth, LiveProperty, Property, Selection, parse_propfind};
use uuid::Uuid;

use crate::tree::Tree;

/// The user of the tests.
pub(crate) const USER: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);

/// Path of the address book of the user.
pub(crate) const BOOK: &str = "/dav/books/01900000-0000-7000-8000-000000000001/contacts/";

/// A request of a client.
pub(crate) struct Fixture {
    pub(crate) method: String,
    pub(crate) path: String,
    depth: Option<String>,
    pub(crate) body: String,
}

impl Fixture {
    /// Reads the request `name` of a client, such as `tsdav/query`.
    pub(crate) fn read(name: &str) -> Self {
        Self::parse(&read(&format!("{name}.http")))
    }

    fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\n\n").unwrap();
        let mut lines = head.lines();
        let (method, path) = lines.next().unwrap().split_once(' ').unwrap();
        let depth = lines.find_map(|line| line.strip_prefix("Depth: ")).map(str::to_owned);
        Self { method: method.to_owned(), path: path.to_owned(), depth, body: body.to_owned() }
    }

    /// Reads all requests.
    pub(crate) fn all() -> Vec<Self> {
        let clients = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
        let files = clients.flat_map(|client| fs::read_dir(client).unwrap().map(|entry| entry.unwrap().path()));
        let requests = files.filter(|file| file.extension().is_some_and(|extension| extension == "http"));
        requests.map(|file| Self::parse(&fs::read_to_string(file).unwrap())).collect()
    }

    pub(crate) fn depth(&self) -> Depth {
        Depth::parse(self.depth.as_deref()).unwrap()
    }

    /// Reads the body as a PROPFIND.
    pub(crate) fn selection(&self) -> Selection {
        assert_eq!(self.method, "PROPFIND");
        parse_propfind(self.body.as_bytes()).unwrap()
    }
}

/// Returns the answer of another server to a request of a client, with the paths and the token of this one.
pub(crate) fn answer_of_other_server(name: &str) -> String {
    let answer = read(&format!("{name}.answer.xml"));
    let answer = answer.replace("/alice/contacts/", BOOK).replace("/user01/addressbook/", BOOK);
    answer.replace("http://radicale.org/ns/sync/", "urn:x-contacts:sync:")
}

/// Returns the content of an answer: path, status and property of each line.
pub(crate) fn facts(answer: &str) -> BTreeSet<String> {
    let root = Tree::parse(answer);
    assert_eq!(root.name, "{DAV:}multistatus");
    let mut facts: BTreeSet<String> = root.all("{DAV:}sync-token").map(Tree::short).collect();
    for response in root.all("{DAV:}response") {
        let href = &response.at(&["href"]).unwrap().text;
        if let Some(status) = response.at(&["status"]) {
            facts.insert(format!("{href} {}", status.text));
        }
        for propstat in response.all("{DAV:}propstat") {
            let status = &propstat.at(&["status"]).unwrap().text;
            for property in &propstat.at(&["prop"]).unwrap().children {
                facts.insert(format!("{href} {status} {}", property.short()).replace('\r', ""));
            }
        }
    }
    facts
}

/// Returns the selection of live properties.
pub(crate) fn listed(properties: &[LiveProperty]) -> Selection {
    Selection::Listed(properties.iter().map(|property| Property::Live(*property)).collect())
}

/// Returns the values of the address book of the user.
pub(crate) fn address_book<'a>(state: &'a str) -> AddressBookValues<'a> {
    AddressBookValues {
        user: USER,
        display_name: "Contacts",
        sync_token: state,
        ctag: state,
        max_resource_size: 262_144,
    }
}

/// Returns the values of a card without content.
pub(crate) fn card<'a>(name: &'a CardName, etag: &'a str) -> CardValues<'a> {
    CardValues { user: USER, name, etag, content_length: None, last_modified: None, content: None }
}

fn read(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap()
}

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}
