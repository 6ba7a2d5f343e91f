//! An element that has begun.

use crate::name::{Name, Namespace};

/// The start of an element: its name and its attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: Name,
    /// Attributes, without declarations of namespaces.
    pub(super) attributes: Vec<(Name, String)>,
}

impl Element {
    /// Returns the value of an attribute without a namespace.
    pub(crate) fn attribute(&self, local: &str) -> Option<&str> {
        let is_own = |name: &Name| name.namespace == Namespace::None && name.local == local;
        self.attributes.iter().find(|(name, _)| is_own(name)).map(|(_, value)| value.as_str())
    }
}
