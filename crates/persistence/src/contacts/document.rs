//! Conversion between the lists of a contact and their stored document.

use domain::contact::{AddressLine, ContactDraft, ContactEmail, Label, Labeled, Link, PhoneNumber, PostalAddress, Tag};

use crate::entities::details_document::{AddressDocument, DetailsDocument, Entry};

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

/// Moves the lists of a document into a draft.
pub(super) fn fill(draft: &mut ContactDraft, document: DetailsDocument) {
    draft.emails = values(document.emails, ContactEmail::from_stored);
    draft.phones = values(document.phones, PhoneNumber::from_stored);
    draft.addresses = values(document.addresses, PostalAddress::from);
    draft.urls = values(document.urls, Link::from_stored);
    draft.tags = document.tags.into_iter().map(Tag::from_stored).collect();
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
