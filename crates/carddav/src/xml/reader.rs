//! Reads a document one element after the other.
//!
//! quick-xml finds the tags. This reader resolves names, checks what quick-xml leaves to its users, and limits the input.

use std::borrow::Cow;

use quick_xml::{
    Reader, XmlVersion,
    escape::resolve_predefined_entity,
    events::{BytesDecl, BytesRef, BytesStart, Event},
    name::{Namespace as Uri, NamespaceError, NamespaceResolver, PrefixDeclaration, QName, ResolveResult},
};

use super::{
    chars::{is_allowed, is_blank, is_name},
    decode::{decoded, is_served},
    element::Element,
};
use crate::{
    error::{RequestError, XmlError},
    limits::{MAX_ATTRIBUTES, MAX_DEPTH, MAX_NAME_BYTES},
    name::{DECLARATIONS, Name, Namespace},
};

/// Reader of the elements of a document.
pub(crate) struct Elements<'a> {
    reader: Reader<&'a [u8]>,
    namespaces: NamespaceResolver,
    /// Number of elements that have begun and not ended.
    depth: u16,
}

/// Reads a document: calls `read` with its root element, and checks that it is well-formed up to its end.
pub(crate) fn read_document<T>(
    body: &[u8],
    read: impl FnOnce(&mut Elements<'_>, &Element) -> Result<T, RequestError>,
) -> Result<T, RequestError> {
    let text = decoded(body)?;
    let mut elements = Elements::new(&text);
    let root = elements.next_child()?.ok_or(XmlError::Syntax)?;
    let value = read(&mut elements, &root)?;
    elements.leave(0)?;
    match elements.next_child()? {
        None => Ok(value),
        Some(_) => Err(XmlError::Syntax.into()),
    }
}

impl<'a> Elements<'a> {
    fn new(text: &'a str) -> Self {
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        Self { reader, namespaces: NamespaceResolver::default(), depth: 0 }
    }

    /// Calls `visit` with each child of the current element. `visit` may read the child, or leave it unread.
    pub(crate) fn for_each_child(
        &mut self,
        mut visit: impl FnMut(&mut Self, &Element) -> Result<(), RequestError>,
    ) -> Result<(), RequestError> {
        let depth = self.depth;
        while let Some(child) = self.next_child()? {
            visit(self, &child)?;
            self.leave(depth)?;
        }
        Ok(())
    }

    /// Reads the text of the current element up to its end, without that of its children.
    pub(crate) fn text(&mut self) -> Result<String, RequestError> {
        let mut text = String::new();
        let depth = self.depth;
        while self.depth >= depth {
            let is_own = self.depth == depth;
            match self.next_event()? {
                Event::Text(part) if is_own => text.push_str(&part.xml10_content()),
                Event::CData(part) if is_own => text.push_str(&part.xml10_content()),
                Event::GeneralRef(reference) if is_own => text.push(resolved(&reference)?),
                Event::Start(start) => drop(self.begin(&start)?),
                _ => {}
            }
        }
        Ok(text)
    }

    /// Begins the next child of the current element. Returns `None` when the current element has ended.
    fn next_child(&mut self) -> Result<Option<Element>, XmlError> {
        let depth = self.depth;
        loop {
            match self.next_event()? {
                Event::Start(start) => return self.begin(&start).map(Some),
                Event::End(_) => return Ok(None),
                Event::Eof if depth == 0 => return Ok(None),
                Event::Text(text) if depth == 0 && !is_blank(&text) => return Err(XmlError::Syntax),
                Event::CData(_) | Event::GeneralRef(_) if depth == 0 => return Err(XmlError::Syntax),
                _ => {}
            }
        }
    }

    /// Reads on until only `depth` elements have not ended.
    fn leave(&mut self, depth: u16) -> Result<(), XmlError> {
        while self.depth > depth {
            if let Event::Start(start) = self.next_event()? {
                self.begin(&start)?;
            }
        }
        Ok(())
    }

    /// Reads an event, and checks what every part of a document must fulfil.
    fn next_event(&mut self) -> Result<Event<'a>, XmlError> {
        let event = self.reader.read_event().map_err(|_| XmlError::Syntax)?;
        match &event {
            Event::DocType(_) => return Err(XmlError::DocumentType),
            Event::Eof if self.depth > 0 => return Err(XmlError::Syntax),
            Event::GeneralRef(reference) => drop(resolved(reference)?),
            Event::Decl(declaration) => check_declaration(declaration)?,
            Event::End(_) => {
                self.depth = self.depth.saturating_sub(1);
                self.namespaces.set_level(self.depth);
            }
            _ => {}
        }
        Ok(event)
    }

    /// Enters an element: declares its namespaces, then resolves its name and its attributes.
    fn begin(&mut self, start: &BytesStart<'_>) -> Result<Element, XmlError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(XmlError::Limit);
        }
        self.namespaces.set_level(self.depth);
        let mut attributes = Vec::new();
        for (index, attribute) in start.attributes().enumerate() {
            let attribute = attribute.map_err(|_| XmlError::Syntax)?;
            if index >= MAX_ATTRIBUTES {
                return Err(XmlError::Limit);
            }
            let value = attribute_value(attribute.normalized_value(XmlVersion::Implicit1_0))?;
            match attribute.key.as_namespace_binding() {
                Some(prefix) => self.declare(prefix, &value)?,
                None => attributes.push((attribute.key, value)),
            }
        }
        let name = self.resolve(start.name(), true)?;
        let resolved = attributes.into_iter().map(|(key, value)| Ok((self.resolve(key, false)?, value.into_owned())));
        Ok(Element { name, attributes: resolved.collect::<Result<_, XmlError>>()? })
    }

    fn declare(&mut self, prefix: PrefixDeclaration<'_>, uri: &str) -> Result<(), XmlError> {
        // Only the default namespace can be removed again (Namespaces in XML 1.0, 2.2).
        if uri.is_empty() && prefix != PrefixDeclaration::Default {
            return Err(XmlError::UndeclaredPrefix);
        }
        if uri.len() > MAX_NAME_BYTES {
            return Err(XmlError::Name);
        }
        self.namespaces.add(prefix, Uri(uri)).map_err(|error| match error {
            NamespaceError::TooManyBindings(_) => XmlError::Limit,
            _ => XmlError::Syntax,
        })
    }

    fn resolve(&self, name: QName<'_>, is_element: bool) -> Result<Name, XmlError> {
        let (found, local) = self.namespaces.resolve(name, is_element);
        let local = local.into_inner();
        if local.len() > MAX_NAME_BYTES || !is_name(local) {
            return Err(XmlError::Name);
        }
        let namespace = match found {
            ResolveResult::Bound(Uri(DECLARATIONS)) => return Err(XmlError::Syntax),
            ResolveResult::Bound(uri) => Namespace::of(uri.into_inner()),
            ResolveResult::Unbound => Namespace::None,
            ResolveResult::Unknown(_) => return Err(XmlError::UndeclaredPrefix),
        };
        Ok(Name::new(namespace, local))
    }
}

/// Returns the value of an attribute, or its error: an unknown entity, or a wrong reference.
fn attribute_value<'v>(value: quick_xml::Result<Cow<'v, str>>) -> Result<Cow<'v, str>, XmlError> {
    let value = value.map_err(|_| XmlError::UnknownEntity)?;
    if value.chars().all(is_allowed) { Ok(value) } else { Err(XmlError::Character) }
}

/// Returns the character of a reference such as `&#39;` or `&amp;`.
fn resolved(reference: &BytesRef<'_>) -> Result<char, XmlError> {
    let number = reference.resolve_char_ref().map_err(|_| XmlError::Syntax)?;
    let predefined = || resolve_predefined_entity(reference).and_then(|text| text.chars().next());
    let character = number.or_else(predefined).ok_or(XmlError::UnknownEntity)?;
    if is_allowed(character) { Ok(character) } else { Err(XmlError::Character) }
}

fn check_declaration(declaration: &BytesDecl<'_>) -> Result<(), XmlError> {
    match declaration.encoding() {
        None => Ok(()),
        Some(Ok(label)) if is_served(&label) => Ok(()),
        Some(Ok(_)) => Err(XmlError::Encoding),
        Some(Err(_)) => Err(XmlError::Syntax),
    }
}
