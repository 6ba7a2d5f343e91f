//! Names of cards.

use uuid::Uuid;

use crate::{ids::ContactId, text::Invalid};

/// End of the name of a contact that no client has named.
const EXTENSION: &str = ".vcf";

/// Name of a card in an address book: the last segment of its path. Two names are equal if all characters are.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CardName(String);

impl CardName {
    /// Maximum number of characters. It is greater than that of a UID: many clients use the UID and `.vcf`.
    pub const MAX: usize = 512;

    /// Validates a name. It is not normalized, because the client asks for it as it has sent it.
    ///
    /// # Errors
    /// `Blank`, `TooLong` or `ForbiddenCharacter`: for a control character, a slash, and the names `.` and `..`.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        if raw.trim().is_empty() {
            return Err(Invalid::Blank);
        }
        if raw.chars().count() > Self::MAX {
            return Err(Invalid::TooLong { max: Self::MAX, unit: "characters" });
        }
        let is_path = matches!(raw, "." | "..") || raw.contains('/');
        if is_path || raw.chars().any(char::is_control) {
            return Err(Invalid::ForbiddenCharacter);
        }
        Ok(Self(raw.to_owned()))
    }

    /// Returns the name of a contact that no client has named.
    #[must_use]
    pub fn of_contact(id: ContactId) -> Self {
        Self(format!("{}{EXTENSION}", id.0))
    }

    /// Returns the contact that has this name unless a client has named it.
    #[must_use]
    pub fn contact(&self) -> Option<ContactId> {
        let id = Uuid::try_parse(self.0.strip_suffix(EXTENSION)?).ok().map(ContactId)?;
        // An id has several spellings; the name has one.
        (Self::of_contact(id) == *self).then_some(id)
    }

    /// Creates the value from stored text, without validation.
    #[must_use]
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
