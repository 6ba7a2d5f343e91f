//! The stored JSON form of a card.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{Birthday, ContactCard, PersonName, ValidCard};

/// JSON object of a [`ContactCard`]. It is served as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardJson(String);

/// Error: a stored text is not the JSON form of a card. The error does not contain the text, which is confidential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stored card cannot be read")]
pub struct UnreadableCard;

/// Members that sort orders need. An unreadable member counts as absent, so that one bad row does not fail a
/// list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct SortedMembers {
    /// First name.
    #[serde(deserialize_with = "readable")]
    pub first_name: Option<PersonName>,
    /// Last name.
    #[serde(deserialize_with = "readable")]
    pub last_name: Option<PersonName>,
    /// Birthday.
    #[serde(deserialize_with = "readable")]
    pub birthday: Option<Birthday>,
}

/// The only member that [`CardJson::birthday`] needs.
#[derive(Deserialize)]
struct BirthdayMember {
    birthday: Option<Birthday>,
}

fn readable<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Option<T>, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(deserializer)?).ok())
}

impl CardJson {
    pub(super) fn of(card: &ContactCard) -> Self {
        // Serialization cannot fail: a card consists of texts, lists and a boolean.
        Self(serde_json::to_string(card).unwrap_or_default())
    }

    /// Creates the value from stored text, without parsing it.
    ///
    /// # Errors
    /// [`UnreadableCard`] for a text that is not in braces.
    pub fn from_stored(text: String) -> Result<Self, UnreadableCard> {
        if text.starts_with('{') && text.ends_with('}') { Ok(Self(text)) } else { Err(UnreadableCard) }
    }

    /// Returns the JSON object.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the members of the JSON object without its braces.
    #[must_use]
    pub fn members(&self) -> &str {
        self.0.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or_default()
    }

    /// Parses the card. Its values are not validated: they were validated before they were stored.
    ///
    /// # Errors
    /// [`UnreadableCard`].
    pub fn parse(&self) -> Result<ContactCard, UnreadableCard> {
        serde_json::from_str(&self.0).map_err(|_| UnreadableCard)
    }

    /// Parses the members without their types.
    pub(super) fn to_map(&self) -> Result<Map<String, Value>, UnreadableCard> {
        serde_json::from_str(&self.0).map_err(|_| UnreadableCard)
    }

    /// Parses the members that sort orders need. It is much faster than [`CardJson::parse`].
    #[must_use]
    pub fn sorted_members(&self) -> SortedMembers {
        serde_json::from_str(&self.0).unwrap_or_default()
    }

    /// Parses the birthday only. Returns `None` when there is none, or when it cannot be read.
    #[must_use]
    pub fn birthday(&self) -> Option<Birthday> {
        let member: BirthdayMember = serde_json::from_str(&self.0).ok()?;
        member.birthday
    }

    /// Returns the card in the JSON form of this version.
    ///
    /// # Errors
    /// [`UnreadableCard`].
    pub fn rewritten(&self) -> Result<Self, UnreadableCard> {
        Ok(Self::of(&self.parse()?))
    }
}

impl ValidCard {
    /// Returns the JSON form that is stored and served.
    #[must_use]
    pub fn to_json(&self) -> CardJson {
        CardJson::of(self.card())
    }
}
