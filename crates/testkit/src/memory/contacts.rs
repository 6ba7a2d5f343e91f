use std::{cmp::Ordering, collections::HashMap};

use async_trait::async_trait;
use domain::{
    contact::{
        Birthday, Contact, ContactCard, ContactQueries, ContactQuery, ContactRepository, Cursor, Direction, Filter,
        Needle, PageStart, SearchForms, Sort, SortValue, Tag, TagCount,
    },
    error::StoreError,
    ids::{ContactId, UserId},
};

use super::{MemoryStore, MemoryUnit};

#[async_trait]
impl ContactQueries for MemoryStore {
    async fn find_contact(&self, owner: UserId, id: ContactId) -> Result<Option<Contact>, StoreError> {
        Ok(self.read(|state| state.contacts.get(&id).filter(|contact| contact.owner == owner).cloned()))
    }

    async fn list_contacts(&self, owner: UserId, query: &ContactQuery) -> Result<Vec<Contact>, StoreError> {
        let mut matching = self.matching(owner, &query.filter);
        matching.sort_by(|left, right| compare(left, &Cursor::at(right, &query.sort), &query.sort));
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        Ok(match &query.start {
            PageStart::Skip(skip) => {
                matching.into_iter().skip(usize::try_from(*skip).unwrap_or(usize::MAX)).take(limit).collect()
            }
            PageStart::After(cursor) => matching
                .into_iter()
                .filter(|contact| compare(contact, cursor, &query.sort) == Ordering::Greater)
                .take(limit)
                .collect(),
        })
    }

    async fn count_contacts(&self, owner: UserId, filter: &Filter) -> Result<u64, StoreError> {
        Ok(self.matching(owner, filter).len() as u64)
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

fn card_of(contact: &Contact) -> ContactCard {
    contact.card.parse().unwrap()
}

fn compare(contact: &Contact, place: &Cursor, sort: &Sort) -> Ordering {
    let members = contact.card.sorted_members();
    let by_keys = sort.keys().iter().zip(place.values()).map(|((key, direction), value)| {
        let order = SortValue::of(contact, &members, *key).cmp(value);
        if *direction == Direction::Descending { order.reverse() } else { order }
    });
    by_keys.fold(Ordering::Equal, Ordering::then).then(contact.id.cmp(&place.id()))
}

fn matches(contact: &Contact, filter: &Filter) -> bool {
    let card = card_of(contact);
    let forms = SearchForms::of(&card);
    let has = |text: &Option<String>, part: &Option<String>| {
        part.as_ref().is_none_or(|part| text.as_ref().is_some_and(|text| text.contains(part.as_str())))
    };
    has(&forms.first_name, &filter.first_name)
        && has(&forms.last_name, &filter.last_name)
        && has(&forms.emails, &filter.email)
        && filter.phone.as_ref().is_none_or(|wanted| wanted.finds(forms.phones.as_deref()))
        && has(&forms.tags, &filter.tag.as_ref().map(|tag| format!("\n{tag}\n")))
        && filter.favorite.is_none_or(|favorite| card.favorite == favorite)
        && filter
            .birthday
            .as_ref()
            .is_none_or(|days| card.birthday.map(Birthday::month_day).is_some_and(|birthday| days.contains(&birthday)))
        && filter.words.iter().all(|needle| is_found(&forms, needle))
}

fn is_found(forms: &SearchForms, needle: &Needle) -> bool {
    let by_phone = needle.phone.as_ref().is_some_and(|wanted| wanted.finds(forms.phones.as_deref()));
    forms.text.contains(&needle.folded) || by_phone
}

#[async_trait]
impl ContactRepository for MemoryUnit {
    async fn change_contact_count(&mut self, owner: UserId, change: i64) -> Result<Option<u64>, StoreError> {
        if !self.state.users.contains_key(&owner) {
            return Ok(None);
        }
        let count = self.state.contact_counts.entry(owner).or_default();
        *count += change;
        Ok(Some(u64::try_from(*count).unwrap_or_default()))
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
