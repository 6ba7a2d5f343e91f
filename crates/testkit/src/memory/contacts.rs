use std::{cmp::Ordering, collections::HashMap, ops::RangeInclusive};

use async_trait::async_trait;
use domain::{
    contact::{
        Contact, ContactPage, ContactQueries, ContactQuery, ContactRepository, ContactUsage, Cursor, Direction, Filter,
        MonthDay, Needle, Nickname, Notes, Organization, PageStart, PersonName, Sort, SortValue, Tag, TagCount,
        searchable_phones,
    },
    error::StoreError,
    folding::{fold, fold_case},
    ids::{ContactId, UserId},
};

use super::{MemoryStore, MemoryUnit};

#[async_trait]
impl ContactQueries for MemoryStore {
    async fn find_contact(&self, owner: UserId, id: ContactId) -> Result<Option<Contact>, StoreError> {
        Ok(self.read(|state| state.contacts.get(&id).filter(|contact| contact.owner == owner).cloned()))
    }

    async fn list_contacts(&self, owner: UserId, query: &ContactQuery) -> Result<ContactPage, StoreError> {
        let mut matching: Vec<Contact> = self.read(|state| {
            let own = state.contacts.values().filter(|contact| contact.owner == owner);
            own.filter(|contact| matches(contact, &query.filter)).cloned().collect()
        });
        matching.sort_by(|left, right| compare(left, &Cursor::at(right, &query.sort), &query.sort));
        let total = matching.len() as u64;
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        let items = match &query.start {
            PageStart::Skip(skip) => {
                matching.into_iter().skip(usize::try_from(*skip).unwrap_or(usize::MAX)).take(limit).collect()
            }
            PageStart::After(cursor) => matching
                .into_iter()
                .filter(|contact| compare(contact, cursor, &query.sort) == Ordering::Greater)
                .take(limit)
                .collect(),
        };
        Ok(ContactPage { items, total })
    }

    async fn contacts_with_birthday_in(
        &self,
        owner: UserId,
        ranges: &[RangeInclusive<MonthDay>],
    ) -> Result<Vec<Contact>, StoreError> {
        let is_in = |contact: &Contact| {
            let day = contact.details.birthday.map(domain::contact::Birthday::month_day);
            day.is_some_and(|day| ranges.iter().any(|range| range.contains(&day)))
        };
        Ok(self.read(|state| {
            state.contacts.values().filter(|contact| contact.owner == owner && is_in(contact)).cloned().collect()
        }))
    }

    async fn tag_spellings(&self, owner: UserId) -> Result<Vec<TagCount>, StoreError> {
        let mut counts: HashMap<Tag, u64> = HashMap::new();
        self.read(|state| {
            for contact in state.contacts.values().filter(|contact| contact.owner == owner) {
                for tag in &contact.details.tags {
                    *counts.entry(tag.clone()).or_default() += 1;
                }
            }
        });
        Ok(counts.into_iter().map(|(tag, count)| TagCount { tag, count }).collect())
    }
}

fn compare(contact: &Contact, place: &Cursor, sort: &Sort) -> Ordering {
    let by_keys = sort.keys().iter().zip(place.values()).map(|((key, direction), value)| {
        let order = SortValue::of(contact, *key).cmp(value);
        if *direction == Direction::Descending { order.reverse() } else { order }
    });
    by_keys.fold(Ordering::Equal, Ordering::then).then(contact.id.cmp(&place.id()))
}

fn matches(contact: &Contact, filter: &Filter) -> bool {
    let details = &contact.details;
    let has = |text: Option<&str>, wanted: &Option<String>| {
        wanted.as_ref().is_none_or(|wanted| text.is_some_and(|text| fold(text).contains(wanted.as_str())))
    };
    let phones = searchable_phones(&details.phones);
    let phones = phones.as_deref();
    has(details.first_name.as_ref().map(PersonName::as_str), &filter.first_name)
        && has(details.last_name.as_ref().map(PersonName::as_str), &filter.last_name)
        && (filter.email.is_none() || details.emails.iter().any(|email| has(Some(email.value.as_str()), &filter.email)))
        && filter.phone.as_ref().is_none_or(|wanted| wanted.finds(phones))
        && filter.tag.as_ref().is_none_or(|tag| details.tags.iter().any(|own| fold_case(own.as_str()) == *tag))
        && filter.favorite.is_none_or(|favorite| details.favorite == favorite)
        && filter.words.iter().all(|needle| is_found(contact, phones, needle))
}

fn is_found(contact: &Contact, phones: Option<&str>, needle: &Needle) -> bool {
    let details = &contact.details;
    let texts = [
        details.first_name.as_ref().map(PersonName::as_str),
        details.last_name.as_ref().map(PersonName::as_str),
        details.middle_name.as_ref().map(PersonName::as_str),
        details.nickname.as_ref().map(Nickname::as_str),
        details.organization.as_ref().map(Organization::as_str),
        details.notes.as_ref().map(Notes::as_str),
    ];
    let emails = details.emails.iter().map(|email| email.value.as_str());
    let typed = details.phones.iter().map(|phone| phone.value.as_str());
    texts.into_iter().flatten().chain(emails).chain(typed).any(|text| fold(text).contains(&needle.folded))
        || needle.phone.as_ref().is_some_and(|wanted| wanted.finds(phones))
}

#[async_trait]
impl ContactRepository for MemoryUnit {
    async fn count_contacts_locked(&mut self, owner: UserId) -> Result<Option<ContactUsage>, StoreError> {
        if !self.state.users.contains_key(&owner) {
            return Ok(None);
        }
        let used = self.state.contacts.values().filter(|contact| contact.owner == owner).count() as u64;
        Ok(Some(ContactUsage { used }))
    }

    async fn insert_contacts(&mut self, contacts: &[Contact]) -> Result<(), StoreError> {
        self.state.contacts.extend(contacts.iter().map(|contact| (contact.id, contact.clone())));
        Ok(())
    }

    async fn lock_contact(&mut self, owner: UserId, id: ContactId) -> Result<Option<Contact>, StoreError> {
        Ok(self.state.contacts.get(&id).filter(|contact| contact.owner == owner).cloned())
    }

    async fn lock_contacts(&mut self, owner: UserId, ids: &[ContactId]) -> Result<Vec<Contact>, StoreError> {
        let own = self.state.contacts.values().filter(|contact| contact.owner == owner);
        Ok(own.filter(|contact| ids.contains(&contact.id)).cloned().collect())
    }

    async fn update_contact(&mut self, contact: &Contact) -> Result<(), StoreError> {
        if let Some(own) = self.state.contacts.get_mut(&contact.id).filter(|found| found.owner == contact.owner) {
            *own = contact.clone();
        }
        Ok(())
    }

    async fn update_contacts(&mut self, contacts: &[Contact]) -> Result<(), StoreError> {
        for contact in contacts {
            self.update_contact(contact).await?;
        }
        Ok(())
    }
}
