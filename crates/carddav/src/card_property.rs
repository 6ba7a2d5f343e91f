//! Names of properties of a card in a request.

use vcard::ContentLine;

/// Name of a property of a card, such as `TEL` or `item1.TEL` (RFC 6352, 10.4.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardProperty {
    /// Group of the line. Without one the line may have any group.
    group: Option<String>,
    name: String,
}

impl CardProperty {
    /// Reads a name with or without a group.
    #[must_use]
    pub fn new(text: &str) -> Self {
        match text.trim().rsplit_once('.') {
            Some((group, name)) => Self { group: Some(group.to_owned()), name: name.to_owned() },
            None => Self { group: None, name: text.trim().to_owned() },
        }
    }

    /// Returns the name without the group, as the request has it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns true when a line has this property. Names and groups ignore case.
    pub(crate) fn is_in(&self, line: &ContentLine<'_>) -> bool {
        let has_group = |group: &String| line.group().is_some_and(|own| own.eq_ignore_ascii_case(group));
        line.is(&self.name) && self.group.as_ref().is_none_or(has_group)
    }
}
