//! Changes to a card: JSON Merge Patch (RFC 7396).

use chrono::NaiveDate;
use serde_json::{Map, Value};

use super::{
    CardJson, ContactCard, UnreadableCard, ValidCard,
    card_reader::{CardError, Reader},
};

/// Valid members that replace those of a card. Lists are replaced as a whole, as RFC 7396 specifies.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CardPatch(Map<String, Value>);

/// Errors of [`CardPatch::apply`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PatchError {
    /// The changed card violates a rule that concerns several members.
    Invalid(Vec<CardError>),
    /// The stored card cannot be read.
    Unreadable(UnreadableCard),
}

impl CardPatch {
    /// Parses the patch of a client by the rules of [`ContactCard::parse`], except those of the card as a whole.
    /// `null` clears a member.
    ///
    /// # Errors
    /// All errors of the patch, but at most [`CardError::MAX_REPORTED`].
    pub fn parse(json: Value, today: NaiveDate) -> Result<Self, Vec<CardError>> {
        let given: Vec<String> = json.as_object().map(|members| members.keys().cloned().collect()).unwrap_or_default();
        let mut reader = Reader::default();
        let card: ContactCard = reader.member(json);
        card.check_members(today, &mut reader);
        let mut members = members_of(&card);
        // A member in the form of a card is stored as it is. What the client left out stays unchanged.
        members.retain(|name, _| given.contains(name));
        reader.finish(Self(members))
    }

    /// Returns the changed card. Members that the patch does not name are not judged again.
    ///
    /// # Errors
    /// See [`PatchError`].
    pub fn apply(self, card: &CardJson) -> Result<ValidCard, PatchError> {
        let mut members = card.to_map().map_err(PatchError::Unreadable)?;
        members.extend(self.0);
        let changed = serde_json::from_value::<ContactCard>(Value::Object(members));
        changed
            .map_err(|_| PatchError::Unreadable(UnreadableCard))?
            .check_whole(Reader::default())
            .map_err(PatchError::Invalid)
    }
}

fn members_of(card: &ContactCard) -> Map<String, Value> {
    match serde_json::to_value(card) {
        Ok(Value::Object(members)) => members,
        // A card is always an object.
        _ => Map::new(),
    }
}
