//! Paths below `/dav/`.

use std::fmt;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use uuid::Uuid;

use crate::limits::MAX_CARD_NAME;

/// A resource of the server, by its path.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Resource {
    /// `/dav/`
    Root,
    /// `/dav/principals/{user}/`: a user.
    Principal(Uuid),
    /// `/dav/books/{user}/`: the home of the address books of a user.
    Home(Uuid),
    /// `/dav/books/{user}/contacts/`: the only address book of a user.
    AddressBook(Uuid),
    /// `/dav/books/{user}/contacts/{name}`: a card.
    Card(Uuid, CardName),
}

/// Name of a card, chosen by a client: 1 to 512 characters, without `/` and control characters, and neither `.` nor `..`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CardName(String);

/// Characters that a segment of a path has only as `%41`: all but those of RFC 3986, 3.3.
const ENCODED: AsciiSet = CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

impl CardName {
    /// Returns the name, unless it has characters that no name has, or a wrong length.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let has_length = (1..=MAX_CARD_NAME).contains(&name.chars().take(MAX_CARD_NAME + 1).count());
        let is_name = has_length && name != "." && name != ".." && !name.contains(|c: char| c == '/' || c.is_control());
        is_name.then(|| Self(name.to_owned()))
    }

    /// Returns the name, not encoded.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Resource {
    /// Returns the resource of a request path, or of an href: a URL or a path, in any spelling of percent-encoding. A
    /// collection needs no slash at the end. Returns `None` for other paths.
    #[must_use]
    pub fn parse(href: &str) -> Option<Self> {
        let path = path_of(href.trim())?;
        let (path, ends_with_slash) = path.strip_suffix('/').map_or((path, false), |path| (path, true));
        let mut segments = Vec::with_capacity(5);
        // The decoded text of a segment may have a slash, which separates nothing.
        for segment in path.strip_prefix('/')?.splitn(6, '/') {
            segments.push(percent_decode_str(segment).decode_utf8().ok()?);
        }
        let segments: Vec<&str> = segments.iter().map(|segment| &**segment).collect();
        match *segments.as_slice() {
            ["dav"] => Some(Self::Root),
            ["dav", "principals", user] => user_of(user).map(Self::Principal),
            ["dav", "books", user] => user_of(user).map(Self::Home),
            ["dav", "books", user, "contacts"] => user_of(user).map(Self::AddressBook),
            ["dav", "books", user, "contacts", name] if !ends_with_slash => {
                Some(Self::Card(user_of(user)?, CardName::new(name)?))
            }
            _ => None,
        }
    }

    /// Returns the path in the one spelling that answers have.
    #[must_use]
    pub fn href(&self) -> String {
        self.to_string()
    }

    /// Returns the user to whom the resource belongs.
    #[must_use]
    pub fn user(&self) -> Option<Uuid> {
        match self {
            Self::Root => None,
            Self::Principal(user) | Self::Home(user) | Self::AddressBook(user) | Self::Card(user, _) => Some(*user),
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => f.write_str("/dav/"),
            Self::Principal(user) => write!(f, "/dav/principals/{user}/"),
            Self::Home(user) => write!(f, "/dav/books/{user}/"),
            Self::AddressBook(user) => write!(f, "/dav/books/{user}/contacts/"),
            Self::Card(user, name) => {
                write!(f, "/dav/books/{user}/contacts/{}", utf8_percent_encode(name.as_str(), &ENCODED))
            }
        }
    }
}

/// Returns the path of a URL or of a path. The host is not compared: behind a proxy the server does not know its own.
fn path_of(href: &str) -> Option<&str> {
    let after_scheme = ["http://", "https://"].iter().find_map(|scheme| {
        let start = href.get(..scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then(|| href.get(scheme.len()..)).flatten()
    });
    let path = match after_scheme {
        Some(rest) => rest.get(rest.find('/')?..)?,
        None => href,
    };
    (!path.contains(['?', '#'])).then_some(path)
}

/// Reads the id of a user. Only the spelling with hyphens is a path.
fn user_of(segment: &str) -> Option<Uuid> {
    Uuid::try_parse(segment).ok().filter(|_| segment.len() == 36)
}
