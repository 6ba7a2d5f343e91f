use std::{cmp::Ordering, collections::HashMap, ops::RangeInclusive, slice};

use async_trait::async_trait;
use domain::{
    contact::{
        ChangeNumber, Contact, ContactCreation, ContactQueries, ContactQuery, ContactRepository, Creation, Cursor,
        Direction, Filter, MonthDay, Needle, PageStart, SearchForms, Sort, Tag, TagCount, TakenNumbers,
    },
    error::StoreError,
    ids::{ContactId, UserId},
    store::Store as _,
};

use super::{Count, MemoryStore, MemoryUnit};

#[async_trait]
impl ContactQueries for MemoryStore {
    async fn find_contact(&self, owner: UserId, id: ContactId) -> Result<Option<Contact>, StoreError> {
        Ok(self.read(|state| state.contacts.get(&id).filter(|contact| contact.owner == owner).cloned()))
    }

    async fn list_contacts(&self, owner: UserId, query: &ContactQuery) -> Result<Vec<Contact>, StoreError> {
        let matching = self.matching(owner, &query.filter).into_iter();
        let mut sorted: Vec<(Cursor, Contact)> =
            matching.map(|contact| (Cursor::at(&contact, &query.sort), contact)).collect();
        sorted.sort_by(|(left, _), (right, _)| compare(left, right, &query.sort));
        let skip = match &query.start {
            PageStart::Skip(skip) => usize::try_from(*skip).unwrap_or(usize::MAX),
            PageStart::After(cursor) => {
                sorted.partition_point(|(position, _)| compare(position, cursor, &query.sort) != Ordering::Greater)
            }
        };
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        Ok(sorted.into_iter().skip(skip).take(limit).map(|(_, contact)| contact).collect())
    }

    async fn list_in_sequence(
        &self,
        owner: UserId,
        queries: &[ContactQuery],
        limit: u64,
    ) -> Result<Vec<Contact>, StoreError> {
        let mut contacts = Vec::new();
        for query in queries {
            contacts.extend(self.list_contacts(owner, query).await?);
        }
        contacts.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(contacts)
    }

    async fn count_contacts(
        &self,
        owner: UserId,
        filter: &Filter,
        after: Option<(&Sort, &Cursor)>,
    ) -> Result<u64, StoreError> {
        self.counts.write().unwrap().push(if after.is_some() { Count::ContactsAfter } else { Count::Contacts });
        let is_counted = |contact: &&Contact| {
            after.is_none_or(|(sort, cursor)| compare(&Cursor::at(contact, sort), cursor, sort) == Ordering::Greater)
        };
        Ok(self.matching(owner, filter).iter().filter(is_counted).count() as u64)
    }

    async fn tag_spellings(&self, owner: UserId) -> Result<Vec<TagCount>, StoreError> {
        let mut counts: HashMap<Tag, u64> = HashMap::new();
        self.read(|state| {
            for contact in state.contacts.values().filter(|contact| contact.owner == owner) {
                for tag in &contact.card.parse().unwrap().tags {
                    *counts.entry(tag.clone()).or_default() += 1;
                }
            }
        });
        Ok(counts.into_iter().map(|(tag, count)| TagCount { tag, count }).collect())
    }
}

impl MemoryStore {
    fn matching(&self, owner: UserId, filter: &Filter) -> Vec<Contact> {
        self.read(|state| {
            let own = state.contacts.values().filter(|contact| contact.owner == owner);
            own.filter(|contact| matches(contact, filter)).cloned().collect()
        })
    }
}

fn compare(left: &Cursor, right: &Cursor, sort: &Sort) -> Ordering {
    let values = sort.keys().iter().zip(left.values()).zip(right.values());
    let by_keys = values.map(|(((_, direction), left), right)| {
        let order = left.cmp(right);
        if *direction == Direction::Descending { order.reverse() } else { order }
    });
    by_keys.fold(Ordering::Equal, Ordering::then).then(left.id().cmp(&right.id()))
}

fn matches(contact: &Contact, filter: &Filter) -> bool {
    let is_born_in = |days: &RangeInclusive<MonthDay>| {
        let birthday = contact.card.birthday();
        birthday.is_some_and(|birthday| days.contains(&birthday.month_day()))
    };
    filter.birthday.as_ref().is_none_or(is_born_in) && matches_text(contact, filter)
}

fn matches_text(contact: &Contact, filter: &Filter) -> bool {
    if (Filter { birthday: None, ..filter.clone() }) == Filter::default() {
        return true;
    }
    let card = contact.card.parse().unwrap();
    let forms = SearchForms::of(&card);
    let has = |text: &Option<String>, part: &Option<String>| {
        part.as_ref().is_none_or(|part| text.as_ref().is_some_and(|text| text.contains(part.as_str())))
    };
    has(&forms.first_name, &filter.first_name)
        && has(&forms.last_name, &filter.last_name)
        && has(&forms.emails, &filter.email)
        && filter.phone.as_ref().is_none_or(|phone| phone.finds(forms.phones.as_deref()))
        && has(&forms.tags, &filter.tag.as_ref().map(|tag| format!("\n{tag}\n")))
        && filter.favorite.is_none_or(|favorite| card.favorite == favorite)
        && filter.words.iter().all(|needle| is_found(&forms, needle))
}

fn is_found(forms: &SearchForms, needle: &Needle) -> bool {
    let by_phone = needle.phone.as_ref().is_some_and(|phone| phone.finds(forms.phones.as_deref()));
    needle.words.iter().all(|word| forms.text.contains(word.as_str())) || by_phone
}

#[async_trait]
impl ContactCreation for MemoryStore {
    async fn create_contact(&self, contact: Contact, limit: u64) -> Result<Creation, StoreError> {
        let mut unit = self.begin().await?;
        let Some(taken) = unit.take_change_numbers(contact.owner, 1, 1).await? else {
            return Ok(Creation::OwnerNotFound);
        };
        let limit = taken.own_limit.unwrap_or(limit);
        if taken.contacts > limit {
            return Ok(Creation::LimitReached(limit));
        }
        let contact = Contact { change: taken.first, ..contact };
        unit.insert_contacts(slice::from_ref(&contact)).await?;
        unit.commit().await?;
        Ok(Creation::Created(contact))
    }
}

impl MemoryUnit {
    /// Panics unless the unit has taken this number, and not yet written a contact with it.
    pub(super) fn spend(&mut self, owner: UserId, change: ChangeNumber) {
        assert!(self.taken.remove(&(owner, change)), "{change:?} was not taken in this unit, or is already written");
    }
}

#[async_trait]
impl ContactRepository for MemoryUnit {
    async fn take_change_numbers(
        &mut self,
        owner: UserId,
        numbers: u64,
        added: i64,
    ) -> Result<Option<TakenNumbers>, StoreError> {
        assert!(numbers == 0 || !self.has_locked_contacts, "a unit takes its change numbers before it locks a contact");
        if !self.state.users.contains_key(&owner) {
            return Ok(None);
        }
        let count = self.state.contact_counts.entry(owner).or_default();
        *count += added;
        let contacts = u64::try_from(*count).unwrap_or_default();
        let changes = self.state.contact_changes.entry(owner).or_default();
        let first = ChangeNumber(*changes + 1);
        *changes += i64::try_from(numbers).unwrap();
        self.taken.extend((first.0..=*changes).map(|number| (owner, ChangeNumber(number))));
        Ok(Some(TakenNumbers { first, contacts, own_limit: self.state.contact_limits.get(&owner).copied() }))
    }

    async fn insert_contacts(&mut self, contacts: &[Contact]) -> Result<(), StoreError> {
        for contact in contacts {
            self.spend(contact.owner, contact.change);
            self.require_unique(self.state.owner_of(contact.id).is_none())?;
            self.state.contacts.insert(contact.id, contact.clone());
        }
        Ok(())
    }

    async fn lock_contact(&mut self, owner: UserId, id: ContactId) -> Result<Option<Contact>, StoreError> {
        self.has_locked_contacts = true;
        Ok(self.state.contacts.get(&id).filter(|contact| contact.owner == owner).cloned())
    }

    async fn lock_contacts(&mut self, owner: UserId, ids: &[ContactId]) -> Result<Vec<Contact>, StoreError> {
        self.has_locked_contacts = true;
        let own = self.state.contacts.values().filter(|contact| contact.owner == owner);
        Ok(own.filter(|contact| ids.contains(&contact.id)).cloned().collect())
    }

    async fn update_contact(&mut self, contact: &Contact) -> Result<(), StoreError> {
        self.spend(contact.owner, contact.change);
        let own = self.state.contacts.get_mut(&contact.id).filter(|found| found.owner == contact.owner);
        *own.ok_or_else(|| StoreError::Backend("the contact to update does not exist".into()))? = contact.clone();
        Ok(())
    }

    async fn update_contacts(&mut self, contacts: &[Contact]) -> Result<(), StoreError> {
        for contact in contacts {
            self.update_contact(contact).await?;
        }
        Ok(())
    }
}
