//! Properties that a request asks for.

use super::address_data::read_address_data;
use crate::{
    address_data::AddressData,
    error::RequestError,
    limits::{MAX_PROPERTIES, MAX_UNKNOWN_BYTES},
    property::{LiveProperty, Property, is_address_data},
    xml::{Element, Elements, XmlWriter},
};

/// Properties that a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// `allprop`: the common properties, and those of `include` (RFC 4918, 9.1).
    All {
        /// Further properties.
        include: Vec<Property>,
    },
    /// `propname`: the names of the properties that a resource has.
    Names,
    /// `prop`: these properties, each one once.
    Listed(Vec<Property>),
}

impl Selection {
    /// Returns true when the answer has the value of this property. The caller need not find other values.
    #[must_use]
    pub fn contains(&self, property: LiveProperty) -> bool {
        match self {
            Self::All { include } => property.is_in_allprop() || include.contains(&Property::Live(property)),
            Self::Names => false,
            Self::Listed(listed) => listed.contains(&Property::Live(property)),
        }
    }

    /// Returns the bytes of the unknown properties, which the answer repeats for each resource.
    #[must_use]
    pub fn unknown_bytes(&self) -> usize {
        let (Self::All { include: named } | Self::Listed(named)) = self else { return 0 };
        let mut xml = XmlWriter::default();
        for property in named {
            if let Property::Unknown(name) = property {
                xml.empty_name(name);
            }
        }
        xml.len()
    }

    /// Returns the part of a card that the answer has.
    #[must_use]
    pub fn address_data(&self) -> Option<&AddressData> {
        let (Self::All { include: named } | Self::Listed(named)) = self else { return None };
        named.iter().find_map(|property| match property {
            Property::AddressData(data) => Some(data),
            _ => None,
        })
    }
}

/// The elements of a selection, as far as they are read.
#[derive(Debug, Default)]
pub(super) struct SelectionReader {
    selection: Option<Selection>,
    include: Vec<Property>,
}

impl SelectionReader {
    /// Reads an element of a selection. Ignores other elements.
    pub(super) fn read(&mut self, elements: &mut Elements<'_>, child: &Element) -> Result<(), RequestError> {
        let found = if child.name.is_dav("allprop") {
            Selection::All { include: Vec::new() }
        } else if child.name.is_dav("propname") {
            Selection::Names
        } else if child.name.is_dav("prop") {
            Selection::Listed(read_properties(elements)?)
        } else {
            if child.name.is_dav("include") {
                self.include = read_properties(elements)?;
            }
            return Ok(());
        };
        match self.selection.replace(found) {
            None => Ok(()),
            Some(_) => Err(RequestError::Unexpected("the body must have one of allprop, propname and prop")),
        }
    }

    /// Returns the selection, or `None` when there was none.
    pub(super) fn finish(self) -> Option<Selection> {
        match self.selection? {
            Selection::All { .. } => Some(Selection::All { include: self.include }),
            other => Some(other),
        }
    }
}

/// Reads the children of the current element as properties, each one once.
fn read_properties(elements: &mut Elements<'_>) -> Result<Vec<Property>, RequestError> {
    let (mut properties, mut unknown_bytes) = (Vec::new(), 0);
    elements.for_each_child(|elements, child| {
        let data = if is_address_data(&child.name) { Some(read_address_data(elements, child)?) } else { None };
        let property = Property::of(child.name.clone(), data);
        if properties.contains(&property) {
            return Ok(());
        }
        if properties.len() >= MAX_PROPERTIES {
            return Err(RequestError::Unexpected("the body has too many properties"));
        }
        match &property {
            Property::Unknown(name) => unknown_bytes += name.bytes(),
            Property::AddressData(_) if properties.iter().any(|known| matches!(known, Property::AddressData(_))) => {
                return Err(RequestError::Unexpected("the body must have one address-data"));
            }
            Property::AddressData(_) | Property::Live(_) => {}
        }
        if unknown_bytes > MAX_UNKNOWN_BYTES {
            return Err(RequestError::Unexpected("the names of the properties are too long"));
        }
        properties.push(property);
        Ok(())
    })?;
    Ok(properties)
}
