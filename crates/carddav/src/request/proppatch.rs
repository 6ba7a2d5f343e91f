//! The body of PROPPATCH (RFC 4918, 9.2).

use crate::{
    error::RequestError,
    limits::MAX_PROPERTIES,
    name::Name,
    xml::{Elements, read_document},
};

/// A change of a property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PropertyChange {
    /// `set`: the property gets this value.
    Set {
        /// Name of the property.
        name: Name,
        /// Text of the value, without elements.
        value: String,
    },
    /// `remove`: the property is removed.
    Remove {
        /// Name of the property.
        name: Name,
    },
}

impl PropertyChange {
    /// Returns the name of the property.
    #[must_use]
    pub fn name(&self) -> &Name {
        match self {
            Self::Set { name, .. } | Self::Remove { name } => name,
        }
    }
}

/// Reads the body of a PROPPATCH: its changes in the order of the document.
///
/// # Errors
/// The body is not the XML of a PROPPATCH, has no change, or is outside of the limits.
pub fn parse_proppatch(body: &[u8]) -> Result<Vec<PropertyChange>, RequestError> {
    let mut changes = Vec::new();
    read_document(body, |elements, root| {
        if !root.name.is_dav("propertyupdate") {
            return Err(RequestError::Unexpected("the body must be a propertyupdate"));
        }
        elements.for_each_child(|elements, child| {
            let sets = child.name.is_dav("set");
            if !sets && !child.name.is_dav("remove") {
                return Ok(());
            }
            elements.for_each_child(|elements, prop| match prop.name.is_dav("prop") {
                true => read_changes(elements, sets, &mut changes),
                false => Ok(()),
            })
        })
    })?;
    if changes.is_empty() {
        Err(RequestError::Unexpected("the body must set or remove a property"))
    } else {
        Ok(changes)
    }
}

fn read_changes(
    elements: &mut Elements<'_>,
    sets: bool,
    changes: &mut Vec<PropertyChange>,
) -> Result<(), RequestError> {
    elements.for_each_child(|elements, property| {
        if changes.len() >= MAX_PROPERTIES {
            return Err(RequestError::Unexpected("the body has too many properties"));
        }
        let name = property.name.clone();
        changes.push(match sets {
            true => PropertyChange::Set { name, value: elements.text()? },
            false => PropertyChange::Remove { name },
        });
        Ok(())
    })
}
