//! Stores a card under a name, as a client sends it.

mod outcome;
mod sent_photo;

pub use self::outcome::{PutCardError, Stored};
use self::sent_photo::SentPhoto;
use crate::{
    contact::{
        ChangeNumber, Contact, ContactCard, TakenNumbers,
        card_resource::{CardContent, CardName, CardPrecondition, CardResource, GroupCard, PutContact, PutContent},
        received::{CardUid, ReceivedCard, ReceivedText},
    },
    ids::{ContactId, UserId},
    ports::Ports,
    store::UnitOfWork,
    use_cases::steps::{claim_picture, move_to_trash, release_pictures},
};

/// Writes the text that a contact had before it is overwritten. `None` if it cannot be written.
pub type FormerText<'a> = &'a (dyn Fn(&Contact, Option<&ReceivedCard>) -> Option<ReceivedText> + Send + Sync);

/// Stores a card under a name, and replaces the card that has it. A card that is the same as before is not changed.
///
/// The text of the card becomes the received text of the contact, and its values replace those of the contact. Without a
/// picture the contact loses its photo. Without `favorite` in the text it stays as it was. A replaced contact that the
/// client may not have seen leaves its text as former text, for one generation.
///
/// A group instead of a contact moves the contact into the trash; a contact instead of a group removes the group.
///
/// # Errors
/// See [`PutCardError`].
pub async fn put_card(
    ports: &Ports,
    owner: UserId,
    name: &CardName,
    precondition: &CardPrecondition,
    content: PutContent,
    former_text: FormerText<'_>,
) -> Result<Stored, PutCardError> {
    match content {
        PutContent::Contact(mut put) => {
            let mut photo = SentPhoto::of(ports, owner, name, precondition, put.photo.take()).await?;
            let writing = Writing { ports, owner, name, precondition };
            loop {
                match writing.contact(&put, &photo, former_text).await {
                    Ok(Some(stored)) => return Ok(stored),
                    Ok(None) => photo = photo.compared_again(ports, owner, name).await?,
                    Err(rejection) => {
                        photo.release(ports, &rejection).await?;
                        return Err(rejection);
                    }
                }
            }
        }
        PutContent::Group { uid, text } => Writing { ports, owner, name, precondition }.group(uid, text).await,
    }
}

struct Writing<'a> {
    ports: &'a Ports,
    owner: UserId,
    name: &'a CardName,
    precondition: &'a CardPrecondition,
}

impl Writing<'_> {
    /// Writes a contact. Returns `None` when another request has replaced the photo since the sent one was compared with it.
    async fn contact(
        &self,
        put: &PutContact,
        photo: &SentPhoto,
        former_text: FormerText<'_>,
    ) -> Result<Option<Stored>, PutCardError> {
        let text = match photo {
            SentPhoto::Unusable => put.text_with_photo.as_ref().unwrap_or(&put.text),
            SentPhoto::None | SentPhoto::Unchanged { .. } | SentPhoto::New { .. } => &put.text,
        };
        let mut unit = self.ports.store.begin().await?;
        let (taken, found) = self.found(&mut *unit, 1).await?;
        let uid = self.free_uid(&mut *unit, found.as_ref(), put.uid.as_ref()).await?;
        let (old, group) = match found.map(|found| found.content) {
            Some(CardContent::Contact(contact)) => (Some(*contact), None),
            Some(CardContent::Group(group)) => (None, Some(group)),
            None => (None, None),
        };
        if !photo.was_compared_with(old.as_ref().and_then(|(before, _)| before.photo.as_ref())) {
            return Ok(None);
        }
        let is_new = old.is_none() && group.is_none();
        let contact = self.written_contact(put, old.as_ref().map(|(contact, _)| contact), photo, taken.first);
        if let Some((before, Some(received))) = &old
            && received.change == before.change
            && (&received.text, &contact.card, &contact.photo) == (text, &before.card, &before.photo)
        {
            // Nothing is written, so the unit takes no number.
            return Ok(Some(self.stored(before.clone(), Some(received.clone()), is_new)));
        }
        let uid = uid.unwrap_or_else(|| CardUid::of_contact(contact.id));
        let received = ReceivedCard { contact: contact.id, uid, change: contact.change, text: text.clone() };
        if group.is_some() {
            unit.remove_group_card(self.owner, self.name).await?;
        }
        match &old {
            Some(_) => unit.update_contact(&contact).await?,
            None => self.insert(&mut *unit, taken, &contact).await?,
        }
        let is_unseen = match self.precondition {
            CardPrecondition::Any | CardPrecondition::Present | CardPrecondition::NoneOf(_) => true,
            CardPrecondition::OneOf(_) | CardPrecondition::Absent => false,
        };
        let unseen = old.as_ref().filter(|_| is_unseen);
        match unseen.and_then(|(before, card)| former_text(before, card.as_ref())) {
            Some(former) => unit.overwrite_received_card(self.owner, &received, &former).await?,
            None => unit.put_received_cards(self.owner, std::slice::from_ref(&received)).await?,
        }
        if let SentPhoto::New { key, .. } = photo {
            unit = claim_picture(self.ports, unit, key).await?;
        }
        let replaced = old.and_then(|(before, _)| before.photo).filter(|photo| contact.photo.as_ref() != Some(photo));
        release_pictures(self.ports, &mut *unit, replaced).await?;
        unit.commit().await?;
        Ok(Some(self.stored(contact, Some(received), is_new)))
    }

    async fn group(&self, uid: Option<CardUid>, text: ReceivedText) -> Result<Stored, PutCardError> {
        let mut unit = self.ports.store.begin().await?;
        let (taken, found) = self.found(&mut *unit, 2).await?;
        let free = self.free_uid(&mut *unit, found.as_ref(), uid.as_ref()).await?;
        let is_new = found.is_none();
        let is_group = match found.map(|found| found.content) {
            Some(CardContent::Contact(contact)) => {
                unit.take_change_numbers(self.owner, 0, -1).await?;
                let policy = self.ports.policy.with_contact_limit(taken.own_limit);
                let ports = &Ports { policy, ..self.ports.clone() };
                move_to_trash(ports, &mut *unit, self.owner, &[(contact.0.id, taken.first)]).await?;
                false
            }
            Some(CardContent::Group(group)) if group.text == text => {
                let content = CardContent::Group(group);
                return Ok(Stored { resource: CardResource { name: self.name.clone(), content }, is_new });
            }
            Some(CardContent::Group(_)) => true,
            None => false,
        };
        if !is_group && unit.count_group_cards(self.owner).await? >= GroupCard::MAX_PER_USER {
            return Err(PutCardError::LimitReached { limit: GroupCard::MAX_PER_USER });
        }
        let uid = free.unwrap_or_else(|| CardUid::of_contact(ContactId(self.ports.ids.next_id())));
        let group = GroupCard { name: self.name.clone(), uid, change: taken.number(1), text };
        unit.put_group_card(self.owner, &group).await?;
        unit.commit().await?;
        let content = CardContent::Group(Box::new(group));
        Ok(Stored { resource: CardResource { name: self.name.clone(), content }, is_new })
    }

    /// Takes numbers, and returns the card that has the name, locked and in a state that the client accepts.
    async fn found(
        &self,
        unit: &mut dyn UnitOfWork,
        numbers: u64,
    ) -> Result<(TakenNumbers, Option<CardResource>), PutCardError> {
        let taken = unit.take_change_numbers(self.owner, numbers, 0).await?.ok_or(PutCardError::OwnerNotFound)?;
        let found = unit.lock_card_resource(self.owner, self.name).await?;
        if self.precondition.admits(found.as_ref()) {
            Ok((taken, found))
        } else {
            Err(PutCardError::PreconditionFailed)
        }
    }

    /// Returns the UID of the card: the sent one, else that of the card that has the name.
    async fn free_uid(
        &self,
        unit: &mut dyn UnitOfWork,
        found: Option<&CardResource>,
        sent: Option<&CardUid>,
    ) -> Result<Option<CardUid>, PutCardError> {
        let current = found.map(CardResource::uid);
        let Some(sent) = sent.filter(|sent| current.as_ref() != Some(*sent)) else { return Ok(current) };
        match unit.card_with_uid(self.owner, sent).await? {
            Some(name) if name != *self.name => Err(PutCardError::UidTaken { name }),
            _ => Ok(Some(sent.clone())),
        }
    }

    /// Returns the contact as it will be written. `old` is the contact that has the name.
    fn written_contact(
        &self,
        put: &PutContact,
        old: Option<&Contact>,
        photo: &SentPhoto,
        change: ChangeNumber,
    ) -> Contact {
        let now = self.ports.clock.now();
        let was_favorite = || old.and_then(|old| old.parsed_card().ok()).is_some_and(|card: ContactCard| card.favorite);
        let card = put.card.clone().with_favorite(put.favorite.unwrap_or_else(was_favorite));
        let photo = match photo {
            SentPhoto::None => None,
            SentPhoto::New { key, .. } => Some(key.clone()),
            // A picture that cannot be shown stays in the text, and the photo remains.
            SentPhoto::Unchanged { .. } | SentPhoto::Unusable => old.and_then(|old| old.photo.clone()),
        };
        let id = || ContactId(self.ports.ids.next_id());
        let contact = Contact::new(old.map_or_else(id, |old| old.id), self.owner, &card, change, now);
        Contact { photo, created_at: old.map_or(now, |old| old.created_at), ..contact }
    }

    async fn insert(
        &self,
        unit: &mut dyn UnitOfWork,
        taken: TakenNumbers,
        contact: &Contact,
    ) -> Result<(), PutCardError> {
        let limit = self.ports.policy.with_contact_limit(taken.own_limit).contact_limit;
        let counted = unit.take_change_numbers(self.owner, 0, 1).await?.ok_or(PutCardError::OwnerNotFound)?;
        if counted.contacts > limit {
            return Err(PutCardError::LimitReached { limit });
        }
        unit.insert_contacts(std::slice::from_ref(contact)).await?;
        unit.name_contact(self.owner, contact.id, self.name).await?;
        Ok(())
    }

    fn stored(&self, contact: Contact, received: Option<ReceivedCard>, is_new: bool) -> Stored {
        let content = CardContent::Contact(Box::new((contact, received)));
        Stored { resource: CardResource { name: self.name.clone(), content }, is_new }
    }
}
