//! XML as a tree, read by quick-xml alone: the oracle of the tests.

use quick_xml::{
    NsReader, XmlVersion,
    escape::{resolve_predefined_entity, unescape},
    events::Event,
    name::{Namespace, ResolveResult},
};

/// An element.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tree {
    /// Name with the namespace: `{DAV:}href`.
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) text: String,
    pub(crate) children: Vec<Tree>,
}

impl Tree {
    /// Reads a document, which must be well-formed.
    pub(crate) fn parse(xml: &str) -> Self {
        let mut reader = NsReader::from_str(xml);
        reader.config_mut().expand_empty_elements = true;
        let mut open = vec![Self::default()];
        loop {
            match reader.read_resolved_event().unwrap() {
                (namespace, Event::Start(start)) => {
                    let namespace = match namespace {
                        ResolveResult::Bound(Namespace(uri)) => format!("{{{}}}", unescape(uri).unwrap()),
                        ResolveResult::Unbound => String::new(),
                        ResolveResult::Unknown(prefix) => panic!("the prefix {prefix} has no namespace"),
                    };
                    let attributes = start.attributes().map(Result::unwrap);
                    let attributes = attributes.filter(|attribute| attribute.key.as_namespace_binding().is_none());
                    let attributes = attributes.map(|attribute| {
                        let value = attribute.normalized_value(XmlVersion::Implicit1_0).unwrap();
                        (attribute.key.as_ref().to_owned(), value.into_owned())
                    });
                    let name = namespace + start.local_name().as_ref();
                    open.push(Self { name, attributes: attributes.collect(), ..Self::default() });
                }
                (_, Event::End(_)) => {
                    let ended = open.pop().unwrap();
                    open.last_mut().unwrap().children.push(ended);
                }
                (_, Event::Text(text)) => open.last_mut().unwrap().text.push_str(&text.xml10_content()),
                (_, Event::GeneralRef(reference)) => {
                    let character = reference.resolve_char_ref().unwrap();
                    let text = character.map(String::from);
                    let named = || resolve_predefined_entity(&reference).unwrap().to_owned();
                    open.last_mut().unwrap().text.push_str(&text.unwrap_or_else(named));
                }
                (_, Event::Eof) => break,
                _ => {}
            }
        }
        let [document] = open.try_into().unwrap();
        let [root] = document.children.try_into().unwrap();
        root
    }

    /// Returns the children with a name.
    pub(crate) fn all<'t>(&'t self, name: &str) -> impl Iterator<Item = &'t Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// Returns the first element at a path of names of WebDAV.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Self> {
        let Some((name, rest)) = path.split_first() else { return Some(self) };
        self.all(&format!("{{DAV:}}{name}")).find_map(|child| child.at(rest))
    }

    /// Returns the element as short text: `name(child(text) child)`. The order of children does not matter.
    pub(crate) fn short(&self) -> String {
        let mut inside: Vec<String> = self.children.iter().map(Self::short).collect();
        inside.sort();
        let name = self.name.replace("{DAV:}", "").replace("{urn:ietf:params:xml:ns:carddav}", "card:");
        let name = name.replace("{http://calendarserver.org/ns/}", "cs:");
        let text = if self.children.is_empty() { self.text.clone() } else { inside.join(" ") };
        if text.is_empty() { name } else { format!("{name}({text})") }
    }
}
