//! JSON document with the lists of a contact, stored in one column, so that a page of contacts is one statement.

use domain::contact::{AddressLine, ContactDraft, ContactEmail, Label, Labeled, Link, PhoneNumber, PostalAddress, Tag};
use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

/// E-mails, phones, postal addresses, links and tags.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(default)]
pub struct DetailsDocument {
    emails: Vec<Entry<String>>,
    phones: Vec<Entry<String>>,
    addresses: Vec<Entry<AddressDocument>>,
    urls: Vec<Entry<String>>,
    tags: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Entry<T> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    value: T,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
struct AddressDocument {
    #[serde(skip_serializing_if = "Option::is_none")]
    street: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    postal_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<String>,
}

impl From<&ContactDraft> for DetailsDocument {
    fn from(draft: &ContactDraft) -> Self {
        Self {
            emails: entries(&draft.emails, |email| email.as_str().to_owned()),
            phones: entries(&draft.phones, |phone| phone.as_str().to_owned()),
            addresses: entries(&draft.addresses, |address| address.into()),
            urls: entries(&draft.urls, |link| link.as_str().to_owned()),
            tags: draft.tags.iter().map(|tag| tag.as_str().to_owned()).collect(),
        }
    }
}

impl DetailsDocument {
    /// Moves the lists into a draft.
    pub(super) fn fill(self, draft: &mut ContactDraft) {
        draft.emails = values(self.emails, ContactEmail::from_stored);
        draft.phones = values(self.phones, PhoneNumber::from_stored);
        draft.addresses = values(self.addresses, PostalAddress::from);
        draft.urls = values(self.urls, Link::from_stored);
        draft.tags = self.tags.into_iter().map(Tag::from_stored).collect();
    }
}

impl From<&PostalAddress> for AddressDocument {
    fn from(address: &PostalAddress) -> Self {
        let text = |line: &Option<AddressLine>| line.as_ref().map(|line| line.as_str().to_owned());
        Self {
            street: text(&address.street),
            city: text(&address.city),
            region: text(&address.region),
            postal_code: text(&address.postal_code),
            country: text(&address.country),
        }
    }
}

impl From<AddressDocument> for PostalAddress {
    fn from(stored: AddressDocument) -> Self {
        Self {
            street: stored.street.map(AddressLine::from_stored),
            city: stored.city.map(AddressLine::from_stored),
            region: stored.region.map(AddressLine::from_stored),
            postal_code: stored.postal_code.map(AddressLine::from_stored),
            country: stored.country.map(AddressLine::from_stored),
        }
    }
}

fn entries<T, S>(values: &[Labeled<T>], store: impl Fn(&T) -> S) -> Vec<Entry<S>> {
    let entry = |labeled: &Labeled<T>| Entry {
        label: labeled.label.as_ref().map(|label| label.as_str().to_owned()),
        value: store(&labeled.value),
    };
    values.iter().map(entry).collect()
}

fn values<S, T>(entries: Vec<Entry<S>>, from_stored: impl Fn(S) -> T) -> Vec<Labeled<T>> {
    let value =
        |entry: Entry<S>| Labeled { label: entry.label.map(Label::from_stored), value: from_stored(entry.value) };
    entries.into_iter().map(value).collect()
}
