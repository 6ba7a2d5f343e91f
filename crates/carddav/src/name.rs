//! Names of elements and properties: a namespace and a local name.

/// A namespace of XML.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Namespace {
    /// `DAV:`, of WebDAV (RFC 4918).
    Dav,
    /// `urn:ietf:params:xml:ns:carddav` (RFC 6352).
    CardDav,
    /// `http://calendarserver.org/ns/`, of Apple's server.
    CalendarServer,
    /// `http://www.w3.org/XML/1998/namespace`, to which the prefix `xml` is bound in each document.
    Xml,
    /// No namespace, as of most attributes.
    None,
    /// Another namespace.
    Other(String),
}

/// Namespace of declarations such as `xmlns:d`. No element may be in it (Namespaces in XML 1.0, 3).
pub(crate) const DECLARATIONS: &str = "http://www.w3.org/2000/xmlns/";

impl Namespace {
    /// Known namespaces, with the prefixes that answers use.
    pub(crate) const KNOWN: [(Self, &'static str, &'static str); 4] = [
        (Self::Dav, "d", "DAV:"),
        (Self::CardDav, "card", "urn:ietf:params:xml:ns:carddav"),
        (Self::CalendarServer, "cs", "http://calendarserver.org/ns/"),
        (Self::Xml, "xml", "http://www.w3.org/XML/1998/namespace"),
    ];

    /// Returns the namespace with this URI.
    pub(crate) fn of(uri: &str) -> Self {
        let known = Self::KNOWN.into_iter().find(|(_, _, known)| *known == uri);
        known.map_or_else(|| Self::Other(uri.to_owned()), |(namespace, _, _)| namespace)
    }

    /// Returns the prefix of the namespace in answers.
    pub(crate) fn prefix(&self) -> Option<&'static str> {
        Self::KNOWN.into_iter().find(|(known, _, _)| known == self).map(|(_, prefix, _)| prefix)
    }
}

/// A name with its namespace.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Name {
    /// Namespace of the name.
    pub namespace: Namespace,
    /// Name without a prefix.
    pub local: String,
}

impl Name {
    /// Creates a name.
    #[must_use]
    pub fn new(namespace: Namespace, local: &str) -> Self {
        Self { namespace, local: local.to_owned() }
    }

    /// Returns the bytes of the name and of a namespace that is not known.
    pub(crate) fn bytes(&self) -> usize {
        let namespace = match &self.namespace {
            Namespace::Other(uri) => uri.len(),
            _ => 0,
        };
        namespace + self.local.len()
    }

    /// Returns true for the name `local` of WebDAV.
    pub(crate) fn is_dav(&self, local: &str) -> bool {
        self.namespace == Namespace::Dav && self.local == local
    }

    /// Returns true for the name `local` of CardDAV.
    pub(crate) fn is_carddav(&self, local: &str) -> bool {
        self.namespace == Namespace::CardDav && self.local == local
    }
}
