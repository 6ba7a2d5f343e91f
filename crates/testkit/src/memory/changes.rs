use async_trait::async_trait;
use domain::{
    contact::{
        ChangeNumber,
        changes::{Change, ChangeQueries, Changes, DeletionRepository, RETAINED_DELETIONS_PER_CONTACT, SyncEpoch},
    },
    error::StoreError,
    ids::UserId,
};
use uuid::Uuid;

use super::{MemoryStore, MemoryUnit, state::State};

/// Returns the last changes of all contacts of an owner, in any order.
fn changes_of(state: &State, owner: UserId) -> Vec<Change> {
    let contacts = state.contacts.values().filter(|contact| contact.owner == owner);
    let contacts =
        contacts.map(|contact| Change { number: contact.change, id: contact.id, contact: Some(contact.clone()) });
    let trash = state.trash.values().filter(|trashed| trashed.contact.owner == owner);
    let trash = trash.map(|trashed| (state.trashed_by[&trashed.contact.id], trashed.contact.id));
    let purged = state.deletions.iter().filter(|((deleted_of, _), _)| *deleted_of == owner);
    let purged = purged.filter_map(|((_, number), (id, _))| Some((*number, (*id)?)));
    contacts.chain(trash.chain(purged).map(|(number, id)| Change { number, id, contact: None })).collect()
}

#[async_trait]
impl ChangeQueries for MemoryStore {
    async fn changes_after(
        &self,
        owner: UserId,
        after: ChangeNumber,
        limit: u64,
    ) -> Result<Option<Changes>, StoreError> {
        Ok(self.read(|state| {
            state.users.get(&owner)?;
            let mut items = changes_of(state, owner);
            items.retain(|change| change.number > after);
            items.sort_by_key(|change| change.number);
            items.truncate(usize::try_from(limit).unwrap());
            let newest = ChangeNumber(state.contact_changes.get(&owner).copied().unwrap_or_default());
            let floor = state.changes_floors.get(&owner).copied().unwrap_or(ChangeNumber(0));
            Some(Changes { epoch: SyncEpoch(Uuid::from_u128(7)), newest, floor, items })
        }))
    }

    async fn users_with_many_deletions(
        &self,
        contact_limit: u64,
        limit: u64,
    ) -> Result<Vec<(UserId, u64)>, StoreError> {
        Ok(self.read(|state| {
            let retained = |user: &UserId| {
                let contacts = state.contact_limits.get(user).copied().unwrap_or(contact_limit);
                (*user, contacts * RETAINED_DELETIONS_PER_CONTACT)
            };
            let recorded = |user: UserId| state.deletions.keys().filter(|(owner, _)| *owner == user).count() as u64;
            let many = state.users.keys().map(retained).filter(|(user, retained)| recorded(*user) > *retained);
            many.take(usize::try_from(limit).unwrap()).collect()
        }))
    }
}

#[async_trait]
impl DeletionRepository for MemoryUnit {
    async fn forget_deletions(&mut self, owner: UserId, retained: u64, limit: u64) -> Result<u64, StoreError> {
        let state = &mut self.state;
        let numbers: Vec<ChangeNumber> =
            state.deletions.keys().filter(|(deleted_of, _)| *deleted_of == owner).map(|(_, number)| *number).collect();
        let beyond = numbers.len().saturating_sub(usize::try_from(retained).unwrap());
        let removed = &numbers[..beyond.min(usize::try_from(limit).unwrap())];
        for number in removed {
            state.deletions.remove(&(owner, *number));
            let floor = state.changes_floors.entry(owner).or_insert(*number);
            *floor = (*floor).max(*number);
        }
        Ok(removed.len() as u64)
    }
}
