//! The lists of a contact, as they are kept in one JSON column: read and written whole, so that a
//! page of contacts is one statement.

use std::str::FromStr;

use domain::{
    contact::{AddressLine, ContactDraft, Label, Labeled, PostalAddress, Tag},
    store::StoreError,
};
use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

use crate::error::corrupt;

/// E-mails, phones, addresses, links and tags.
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
    /// Puts the lists into a draft.
    pub(super) fn fill(self, draft: &mut ContactDraft) -> Result<(), StoreError> {
        draft.emails = values(self.emails, |text| parsed(&text, "emails"))?;
        draft.phones = values(self.phones, |text| parsed(&text, "phones"))?;
        draft.addresses = values(self.addresses, PostalAddress::try_from)?;
        draft.urls = values(self.urls, |text| parsed(&text, "urls"))?;
        draft.tags = self.tags.iter().map(|text| parsed::<Tag>(text, "tags")).collect::<Result<_, _>>()?;
        Ok(())
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

impl TryFrom<AddressDocument> for PostalAddress {
    type Error = StoreError;

    fn try_from(stored: AddressDocument) -> Result<Self, StoreError> {
        Ok(Self {
            street: maybe_parsed(stored.street, "addresses")?,
            city: maybe_parsed(stored.city, "addresses")?,
            region: maybe_parsed(stored.region, "addresses")?,
            postal_code: maybe_parsed(stored.postal_code, "addresses")?,
            country: maybe_parsed(stored.country, "addresses")?,
        })
    }
}

/// Takes back a text that was valid when it was stored.
pub(super) fn parsed<T: FromStr>(text: &str, column: &'static str) -> Result<T, StoreError> {
    text.parse().map_err(|_| corrupt(column))
}

/// As [`parsed`], where there may be none.
pub(super) fn maybe_parsed<T: FromStr>(text: Option<String>, column: &'static str) -> Result<Option<T>, StoreError> {
    text.map(|text| parsed(&text, column)).transpose()
}

fn entries<T, S>(values: &[Labeled<T>], store: impl Fn(&T) -> S) -> Vec<Entry<S>> {
    let entry = |labeled: &Labeled<T>| Entry {
        label: labeled.label.as_ref().map(|label| label.as_str().to_owned()),
        value: store(&labeled.value),
    };
    values.iter().map(entry).collect()
}

fn values<S, T>(
    entries: Vec<Entry<S>>,
    take: impl Fn(S) -> Result<T, StoreError>,
) -> Result<Vec<Labeled<T>>, StoreError> {
    let value = |entry: Entry<S>| {
        Ok(Labeled { label: maybe_parsed::<Label>(entry.label, "labels")?, value: take(entry.value)? })
    };
    entries.into_iter().map(value).collect()
}
