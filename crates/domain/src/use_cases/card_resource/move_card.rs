//! Renames a card.

use crate::{
    contact::{
        Contact,
        card_resource::{CardContent, CardName, CardPrecondition, GroupCard},
        received::ReceivedCard,
    },
    error::StoreError,
    ids::UserId,
    ports::Ports,
    use_cases::steps::move_to_trash,
};

/// Errors of [`move_card`].
#[derive(Debug, thiserror::Error)]
pub enum MoveCardError {
    /// The owner has no card with this name.
    #[error("no such card")]
    NotFound,
    /// The state of the card is not one that the client accepts.
    #[error("the card was changed meanwhile")]
    PreconditionFailed,
    /// Another card has the new name, and is not to be replaced.
    #[error("another card has this name")]
    NameTaken,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Gives a card another name. Clients that follow the address book read that the old name was removed, and a change of
/// the card. A move to the same name changes nothing.
///
/// With `overwrite` another card that has the new name is deleted. Returns true when there was one.
///
/// # Errors
/// See [`MoveCardError`].
pub async fn move_card(
    ports: &Ports,
    owner: UserId,
    from: &CardName,
    to: &CardName,
    precondition: &CardPrecondition,
    overwrite: bool,
) -> Result<bool, MoveCardError> {
    let mut unit = ports.store.begin().await?;
    let taken = unit.take_change_numbers(owner, 3, 0).await?.ok_or(MoveCardError::NotFound)?;
    let found = unit.lock_card_resource(owner, from).await?.ok_or(MoveCardError::NotFound)?;
    if !precondition.admits(Some(&found)) {
        return Err(MoveCardError::PreconditionFailed);
    }
    if from == to {
        return Ok(false);
    }
    let replaced = unit.lock_card_resource(owner, to).await?;
    let has_replaced = replaced.is_some();
    match replaced.map(|replaced| replaced.content) {
        Some(_) if !overwrite => return Err(MoveCardError::NameTaken),
        Some(CardContent::Contact(contact)) => {
            unit.take_change_numbers(owner, 0, -1).await?;
            let ports = &Ports { policy: ports.policy.with_contact_limit(taken.own_limit), ..ports.clone() };
            move_to_trash(ports, &mut *unit, owner, &[(contact.0.id, taken.number(1))]).await?;
        }
        Some(CardContent::Group(_)) => unit.remove_group_card(owner, to).await?,
        None => {}
    }
    let change = taken.number(2);
    match found.content {
        CardContent::Contact(contact) => {
            let (contact, received) = *contact;
            let was_current = received.filter(|received| received.change == contact.change);
            let moved = Contact { change, updated_at: ports.clock.now(), ..contact };
            unit.update_contact(&moved).await?;
            unit.name_contact(owner, moved.id, to).await?;
            if let Some(received) = was_current {
                // The values are the same, so the text still has all of them.
                unit.put_received_cards(owner, &[ReceivedCard { change, ..received }]).await?;
            }
        }
        CardContent::Group(group) => {
            unit.remove_group_card(owner, from).await?;
            unit.put_group_card(owner, &GroupCard { name: to.clone(), change, ..*group }).await?;
        }
    }
    unit.record_removed_name(owner, taken.first, from).await?;
    unit.commit().await?;
    Ok(has_replaced)
}
