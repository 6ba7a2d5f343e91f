//! Changes some members of a contact.

use crate::{
    contact::{CardPatch, Contact, Expected, PatchError, UnreadableContact},
    ids::{ContactId, UserId},
    ports::Ports,
    use_cases::steps::{EditContactError, change_card},
};

/// Changes some members of the card of a contact.
///
/// # Errors
/// See [`EditContactError`].
pub async fn patch_contact(
    ports: &Ports,
    owner: UserId,
    id: ContactId,
    expected: &Expected,
    patch: CardPatch,
) -> Result<Contact, EditContactError> {
    let change = |old: &Contact| {
        patch.apply(&old.card).map_err(|error| match error {
            PatchError::Invalid(errors) => EditContactError::Invalid(errors),
            PatchError::Unreadable(_) => EditContactError::Store(UnreadableContact(old.id).into()),
        })
    };
    change_card(ports, owner, id, expected, change).await
}
