//! Replaces the card of a contact.

use crate::{
    contact::{Contact, Expected, ValidCard},
    ids::{ContactId, UserId},
    ports::Ports,
    use_cases::steps::{EditContactError, change_card},
};

/// Replaces the card of a contact. The same card again changes nothing, not even the entity tag.
///
/// # Errors
/// See [`EditContactError`].
pub async fn replace_contact(
    ports: &Ports,
    owner: UserId,
    id: ContactId,
    expected: &Expected,
    card: ValidCard,
) -> Result<Contact, EditContactError> {
    change_card(ports, owner, id, expected, |_| Ok(card)).await
}
