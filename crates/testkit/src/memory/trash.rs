use async_trait::async_trait;
use domain::{
    contact::{
        ChangeNumber, Contact,
        trash::{PurgeScope, Purged, TrashPosition, TrashQueries, TrashRepository, TrashedContact},
    },
    error::StoreError,
    ids::{ContactId, UserId},
    time::Timestamp,
};

use super::{Count, MemoryStore, MemoryUnit, state::State};

/// Returns the trash of an owner, most recently deleted first.
fn trash_of(state: &State, owner: UserId) -> Vec<&TrashedContact> {
    let mut trash: Vec<_> = state.trash.values().filter(|trashed| trashed.contact.owner == owner).collect();
    trash.sort_by_key(|trashed| std::cmp::Reverse(trashed.position()));
    trash
}

#[async_trait]
impl TrashQueries for MemoryStore {
    async fn list_trash(
        &self,
        owner: UserId,
        after: Option<TrashPosition>,
        limit: u64,
    ) -> Result<Vec<TrashedContact>, StoreError> {
        Ok(self.read(|state| {
            let trash = trash_of(state, owner).into_iter();
            let behind = trash.filter(|trashed| after.is_none_or(|after| trashed.position() < after));
            behind.take(usize::try_from(limit).unwrap_or(usize::MAX)).cloned().collect()
        }))
    }

    async fn count_trash(&self, owner: UserId) -> Result<u64, StoreError> {
        self.counts.write().unwrap().push(Count::Trash);
        Ok(self.read(|state| trash_of(state, owner).len() as u64))
    }

    async fn held_contacts(
        &self,
        owner: UserId,
        after: Option<ContactId>,
        limit: u64,
    ) -> Result<Vec<(Contact, Option<Timestamp>)>, StoreError> {
        Ok(self.read(|state| {
            let not_trashed = state.contacts.values().map(|contact| (contact.clone(), None));
            let trash = state.trash.values().map(|trashed| (trashed.contact.clone(), Some(trashed.deleted_at)));
            let is_selected =
                |contact: &Contact| contact.owner == owner && after.is_none_or(|after| contact.id > after);
            let mut held: Vec<_> = not_trashed.chain(trash).filter(|(contact, _)| is_selected(contact)).collect();
            held.sort_by_key(|(contact, _)| contact.id);
            held.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            held
        }))
    }

    async fn held_contacts_among(&self, owner: UserId, ids: &[ContactId]) -> Result<Vec<Contact>, StoreError> {
        let held = self.held_contacts(owner, None, u64::MAX).await?;
        Ok(held.into_iter().map(|(contact, _)| contact).filter(|contact| ids.contains(&contact.id)).collect())
    }
}

#[async_trait]
impl TrashRepository for MemoryUnit {
    async fn trash_contacts(
        &mut self,
        owner: UserId,
        contacts: &[(ContactId, ChangeNumber)],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        for (id, change) in contacts {
            self.spend(owner, *change);
            let contact = self.state.contacts.remove(id).filter(|contact| contact.owner == owner);
            let contact = contact.ok_or_else(|| StoreError::Backend("a contact to trash does not exist".into()))?;
            self.state.trashed_by.insert(*id, *change);
            self.state.trash.insert(*id, TrashedContact { contact, deleted_at: at });
        }
        Ok(())
    }

    async fn lock_trashed_contact(
        &mut self,
        owner: UserId,
        id: ContactId,
    ) -> Result<Option<TrashedContact>, StoreError> {
        self.has_locked_contacts = true;
        Ok(self.state.trash.get(&id).filter(|trashed| trashed.contact.owner == owner).cloned())
    }

    async fn untrash_contact(&mut self, contact: &Contact) -> Result<(), StoreError> {
        self.spend(contact.owner, contact.change);
        let gone = || StoreError::Backend("the contact to restore does not exist".into());
        self.state.trash.remove(&contact.id).filter(|own| own.contact.owner == contact.owner).ok_or_else(gone)?;
        self.state.trashed_by.remove(&contact.id);
        let name = self.state.card_names.get(&contact.id);
        let is_taken = name.is_some_and(|name| self.state.is_name_given_to_another(contact.owner, contact.id, name));
        self.require_unique(!is_taken)?;
        self.state.contacts.insert(contact.id, contact.clone());
        Ok(())
    }

    async fn purge_trash(&mut self, scope: PurgeScope, limit: u64) -> Result<Purged, StoreError> {
        let at_most = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let found: Vec<&TrashedContact> = match scope {
            PurgeScope::One(owner, id) => {
                trash_of(&self.state, owner).into_iter().filter(|own| own.contact.id == id).collect()
            }
            PurgeScope::AllOf(owner) => trash_of(&self.state, owner),
            PurgeScope::Surplus(owner, limit) => {
                trash_of(&self.state, owner).into_iter().skip(at_most(limit)).collect()
            }
            PurgeScope::DeletedBefore(before) => {
                self.state.trash.values().filter(|trashed| trashed.deleted_at < before).collect()
            }
        };
        let found: Vec<_> = found.into_iter().take(at_most(limit)).collect();
        let purged: Vec<(UserId, ContactId)> =
            found.iter().map(|trashed| (trashed.contact.owner, trashed.contact.id)).collect();
        let photos = found.iter().filter_map(|trashed| trashed.contact.photo.clone()).collect();
        for (owner, id) in &purged {
            let number = self.state.trashed_by.remove(id).unwrap();
            self.state.trash.remove(id);
            let name = self.state.name_of(*id);
            self.state.card_names.remove(id);
            self.state.deletions.insert((*owner, number), (Some(*id), name));
        }
        self.state.forget_cards_without_contact();
        Ok(Purged { contacts: purged.len() as u64, photos })
    }
}
