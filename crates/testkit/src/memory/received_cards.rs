use async_trait::async_trait;
use domain::{
    contact::received::{CardUid, ReceivedCard, ReceivedCardQueries, ReceivedCardRepository, ReceivedText},
    error::StoreError,
    ids::{ContactId, UserId},
};

use super::{MemoryStore, MemoryUnit, state::State};

/// Returns the received cards of an owner, by contact id.
fn cards_of(state: &State, owner: UserId) -> impl Iterator<Item = &ReceivedCard> {
    state.received_cards.values().filter(move |card| state.owner_of(card.contact) == Some(owner))
}

#[async_trait]
impl ReceivedCardQueries for MemoryStore {
    async fn received_cards(&self, owner: UserId, ids: &[ContactId]) -> Result<Vec<ReceivedCard>, StoreError> {
        Ok(self.read(|state| cards_of(state, owner).filter(|card| ids.contains(&card.contact)).cloned().collect()))
    }

    async fn received_cards_after(
        &self,
        owner: UserId,
        after: Option<ContactId>,
        limit: u64,
    ) -> Result<Vec<ReceivedCard>, StoreError> {
        Ok(self.read(|state| {
            let behind = cards_of(state, owner).filter(|card| after.is_none_or(|after| card.contact > after));
            behind.take(usize::try_from(limit).unwrap()).cloned().collect()
        }))
    }

    async fn uids_of(&self, owner: UserId) -> Result<Vec<(ContactId, CardUid)>, StoreError> {
        Ok(self.read(|state| {
            let listed = cards_of(state, owner).filter(|card| state.contacts.contains_key(&card.contact));
            listed.map(|card| (card.contact, card.uid.clone())).collect()
        }))
    }

    async fn former_texts(
        &self,
        owner: UserId,
        ids: &[ContactId],
    ) -> Result<Vec<(ContactId, ReceivedText)>, StoreError> {
        Ok(self.read(|state| {
            let own = ids.iter().filter(|id| state.owner_of(**id) == Some(owner));
            own.filter_map(|id| Some((*id, state.former_texts.get(id)?.clone()))).collect()
        }))
    }
}

#[async_trait]
impl ReceivedCardRepository for MemoryUnit {
    async fn put_received_cards(&mut self, owner: UserId, cards: &[ReceivedCard]) -> Result<(), StoreError> {
        if cards.iter().any(|card| self.state.owner_of(card.contact) != Some(owner)) {
            return Err(self.rejection("a received card has no contact"));
        }
        self.state.received_cards.extend(cards.iter().map(|card| (card.contact, card.clone())));
        Ok(())
    }

    async fn overwrite_received_card(
        &mut self,
        owner: UserId,
        card: &ReceivedCard,
        former: &ReceivedText,
    ) -> Result<(), StoreError> {
        self.put_received_cards(owner, std::slice::from_ref(card)).await?;
        self.state.former_texts.insert(card.contact, former.clone());
        Ok(())
    }
}
