//! Values of a received card.

use uuid::Uuid;

use crate::{
    contact::ChangeNumber,
    ids::ContactId,
    text::{Invalid, single_line},
};

/// Identifier of a contact in all programs: the UID of its vCard (RFC 6350, 6.7.6). A contact without a received card has
/// its id as UID.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CardUid(String);

impl CardUid {
    /// Maximum number of characters.
    pub const MAX: usize = 500;

    /// Normalizes and validates a UID. Drops the prefix `urn:uuid:`, and writes a UUID in lower case, so that the spellings
    /// of vCard 3.0 and 4.0 are equal.
    ///
    /// # Errors
    /// `Blank`, `TooLong` or `ForbiddenCharacter`.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        const URN: &str = "urn:uuid:";
        let text = single_line(raw, Self::MAX)?;
        let id = text.split_at_checked(URN.len()).filter(|(scheme, _)| scheme.eq_ignore_ascii_case(URN));
        // The rest may begin with what is dropped again: blanks, or the prefix.
        let id = id.and_then(|(_, id)| Self::parse(id).ok());
        Ok(match id {
            Some(Self(id)) => Self(id.to_ascii_lowercase()),
            None if Uuid::try_parse(&text).is_ok() => Self(text.to_ascii_lowercase()),
            None => Self(text),
        })
    }

    /// Returns the UID of a contact without a received card.
    #[must_use]
    pub fn of_contact(id: ContactId) -> Self {
        Self(id.0.to_string())
    }

    /// Returns the contact whose id this UID is.
    #[must_use]
    pub fn contact(&self) -> Option<ContactId> {
        let id = ContactId(Uuid::try_parse(&self.0).ok()?);
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

/// Version of a vCard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CardVersion {
    /// vCard 2.1 (versit Consortium, 1996).
    V2_1,
    /// vCard 3.0 (RFC 2426).
    V3_0,
    /// vCard 4.0 (RFC 6350).
    V4_0,
}

impl CardVersion {
    /// All versions.
    pub const ALL: [Self; 3] = [Self::V2_1, Self::V3_0, Self::V4_0];

    /// Parses a stored version. Returns `None` for an unknown one.
    #[must_use]
    pub fn from_stored(version: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == version)
    }

    /// Returns the value of VERSION.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V2_1 => "2.1",
            Self::V3_0 => "3.0",
            Self::V4_0 => "4.0",
        }
    }
}

/// Text of a received vCard, without its photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedText {
    version: CardVersion,
    text: String,
}

/// Error: the text is longer than [`ReceivedText::MAX_BYTES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the card has more than {} KiB without its photo", ReceivedText::MAX_BYTES / 1024)]
pub struct TextTooLarge;

impl ReceivedText {
    /// Maximum number of bytes.
    pub const MAX_BYTES: usize = 256 * 1024;

    /// Checks the size of a text.
    ///
    /// # Errors
    /// [`TextTooLarge`].
    pub fn new(version: CardVersion, text: String) -> Result<Self, TextTooLarge> {
        if text.len() <= Self::MAX_BYTES { Ok(Self { version, text }) } else { Err(TextTooLarge) }
    }

    /// Returns the text of a card without values, for a contact that only needs another UID.
    #[must_use]
    pub fn empty() -> Self {
        Self { version: CardVersion::V3_0, text: "BEGIN:VCARD\r\nVERSION:3.0\r\nEND:VCARD\r\n".to_owned() }
    }

    /// Creates the value from stored text, without validation.
    #[must_use]
    pub const fn from_stored(version: CardVersion, text: String) -> Self {
        Self { version, text }
    }

    /// Returns the version.
    #[must_use]
    pub const fn version(&self) -> CardVersion {
        self.version
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// The card of a contact as it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedCard {
    /// The contact.
    pub contact: ContactId,
    /// Its UID.
    pub uid: CardUid,
    /// Change that stored the card. While the contact has had no other change, the text has all of its values.
    pub change: ChangeNumber,
    /// The text.
    pub text: ReceivedText,
}
