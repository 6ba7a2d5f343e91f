use async_trait::async_trait;
use domain::{
    contact::{
        ChangeNumber, Contact,
        card_resource::{
            CardChange, CardContent, CardName, CardResource, CardResourceQueries, CardResourceRepository, CardTarget,
            GroupCard,
        },
        changes::{Changes, SyncEpoch},
        received::CardUid,
    },
    error::StoreError,
    ids::{ContactId, UserId},
};
use uuid::Uuid;

use super::{MemoryStore, MemoryUnit, state::State};

fn contacts_of(state: &State, owner: UserId) -> impl Iterator<Item = &Contact> {
    state.contacts.values().filter(move |contact| contact.owner == owner)
}

fn groups_of(state: &State, owner: UserId) -> impl Iterator<Item = &GroupCard> {
    state.group_cards.iter().filter(move |((of, _), _)| *of == owner).map(|(_, group)| group)
}

/// Returns the last changes of all names of an owner, in any order.
fn changes_of(state: &State, owner: UserId) -> Vec<CardChange> {
    let contacts = contacts_of(state, owner).map(|contact| CardChange {
        name: state.name_of(contact.id),
        number: contact.change,
        target: Some(CardTarget::Contact(contact.id)),
    });
    let groups = groups_of(state, owner).map(|group| CardChange {
        name: group.name.clone(),
        number: group.change,
        target: Some(CardTarget::Group),
    });
    let trash = state.trash.values().filter(|trashed| trashed.contact.owner == owner);
    let trash = trash.map(|trashed| (state.trashed_by[&trashed.contact.id], state.name_of(trashed.contact.id)));
    let deleted = state.deletions.iter().filter(|((of, _), _)| *of == owner);
    let deleted = deleted.map(|((_, number), (_, name))| (*number, name.clone()));
    let removed = trash.chain(deleted).map(|(number, name)| CardChange { name, number, target: None });
    contacts.chain(groups).chain(removed).collect()
}

fn resources_of(state: &State, owner: UserId) -> Vec<CardResource> {
    let contacts = contacts_of(state, owner).map(|contact| CardResource {
        name: state.name_of(contact.id),
        content: CardContent::Contact(Box::new((contact.clone(), state.received_cards.get(&contact.id).cloned()))),
    });
    let groups = groups_of(state, owner)
        .map(|group| CardResource { name: group.name.clone(), content: CardContent::Group(Box::new(group.clone())) });
    contacts.chain(groups).collect()
}

#[async_trait]
impl CardResourceQueries for MemoryStore {
    async fn card_changes_after(
        &self,
        owner: UserId,
        after: ChangeNumber,
        limit: u64,
    ) -> Result<Option<Changes<CardChange>>, StoreError> {
        Ok(self.read(|state| {
            state.users.get(&owner)?;
            let mut items = changes_of(state, owner);
            items.retain(|change| change.number > after);
            items.sort_by_key(|change| change.number);
            items.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            let newest = ChangeNumber(state.contact_changes.get(&owner).copied().unwrap_or_default());
            let floor = state.changes_floors.get(&owner).copied().unwrap_or(ChangeNumber(0));
            Some(Changes { epoch: SyncEpoch(Uuid::from_u128(7)), newest, floor, items })
        }))
    }

    async fn card_resources(&self, owner: UserId, names: &[CardName]) -> Result<Vec<CardResource>, StoreError> {
        let mut found = self.read(|state| resources_of(state, owner));
        found.retain(|resource| names.contains(&resource.name));
        Ok(found)
    }

    async fn used_names(&self, owner: UserId, names: &[CardName]) -> Result<Vec<CardName>, StoreError> {
        let found = self.card_resources(owner, names).await?;
        Ok(found.into_iter().map(|resource| resource.name).collect())
    }

    async fn group_cards_after(
        &self,
        owner: UserId,
        after: Option<&CardName>,
        limit: u64,
    ) -> Result<Vec<GroupCard>, StoreError> {
        Ok(self.read(|state| {
            let behind = groups_of(state, owner).filter(|group| after.is_none_or(|after| group.name > *after));
            behind.take(usize::try_from(limit).unwrap()).cloned().collect()
        }))
    }

    async fn group_uids_of(&self, owner: UserId) -> Result<Vec<CardUid>, StoreError> {
        Ok(self.read(|state| groups_of(state, owner).map(|group| group.uid.clone()).collect()))
    }
}

#[async_trait]
impl CardResourceRepository for MemoryUnit {
    async fn lock_card_resource(&mut self, owner: UserId, name: &CardName) -> Result<Option<CardResource>, StoreError> {
        self.has_locked_contacts = true;
        Ok(resources_of(&self.state, owner).into_iter().find(|resource| resource.name == *name))
    }

    async fn card_with_uid(&mut self, owner: UserId, uid: &CardUid) -> Result<Option<CardName>, StoreError> {
        let found = resources_of(&self.state, owner).into_iter().find(|resource| resource.uid() == *uid);
        Ok(found.map(|resource| resource.name))
    }

    async fn name_of_contact(&mut self, owner: UserId, id: ContactId) -> Result<Option<CardName>, StoreError> {
        let is_own = self.state.owner_of(id) == Some(owner);
        Ok(is_own.then(|| self.state.name_of(id)))
    }

    async fn name_contact(&mut self, owner: UserId, id: ContactId, name: &CardName) -> Result<(), StoreError> {
        if self.state.owner_of(id) != Some(owner) {
            return Err(StoreError::Backend("the contact to name does not exist".into()));
        }
        if name.contact() == Some(id) {
            self.state.card_names.remove(&id);
            return Ok(());
        }
        let is_trashed = self.state.trash.contains_key(&id);
        self.require_unique(is_trashed || !self.state.is_name_given_to_another(owner, id, name))?;
        self.state.card_names.insert(id, name.clone());
        Ok(())
    }

    async fn record_removed_name(
        &mut self,
        owner: UserId,
        number: ChangeNumber,
        name: &CardName,
    ) -> Result<(), StoreError> {
        self.spend(owner, number);
        self.state.deletions.insert((owner, number), (None, name.clone()));
        Ok(())
    }

    async fn put_group_card(&mut self, owner: UserId, group: &GroupCard) -> Result<(), StoreError> {
        self.require_user(owner)?;
        self.spend(owner, group.change);
        self.state.group_cards.insert((owner, group.name.clone()), group.clone());
        Ok(())
    }

    async fn remove_group_card(&mut self, owner: UserId, name: &CardName) -> Result<(), StoreError> {
        self.state.group_cards.remove(&(owner, name.clone()));
        Ok(())
    }

    async fn count_group_cards(&mut self, owner: UserId) -> Result<u64, StoreError> {
        Ok(groups_of(&self.state, owner).count() as u64)
    }
}
