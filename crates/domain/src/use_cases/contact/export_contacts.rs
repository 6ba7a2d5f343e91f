//! Exports contacts, with what other programs need beside them.

use std::collections::HashMap;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::{
    contact::{
        Contact, ContactQuery, Cursor, Filter, PageStart, Sort,
        part::{PartSize, length},
        received::ReceivedCard,
    },
    error::StoreError,
    ids::{ContactId, UserId},
    picture::PictureStoreError,
    ports::Ports,
};

/// Maximum number of contacts of a part with photos. Its photos take a few MiB at most.
const MAX_WITH_PHOTOS: u64 = 10;
/// Maximum number of contacts of a part with received cards. A card has at most 256 KiB.
const MAX_WITH_RECEIVED_CARDS: u64 = 50;
/// Number of photos that are read at once.
const PHOTOS_AT_ONCE: usize = 5;

/// Data that is read beside the contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ExportExtras {
    /// True to read the received cards.
    pub received_cards: bool,
    /// True to read the photos.
    pub photos: bool,
}

/// A contact with the extras that were asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedContact {
    /// The contact.
    pub contact: Contact,
    /// Its received card, if it has one.
    pub received: Option<ReceivedCard>,
    /// Its photo in JPEG, if it has one.
    pub photo: Option<Vec<u8>>,
}

/// The owner's contacts that match a filter, read in parts. The parts after the first one begin at a cursor. So they
/// neither repeat nor skip contacts when others are added or removed meanwhile.
#[derive(Debug, Clone)]
pub struct ContactExport {
    owner: UserId,
    query: ContactQuery,
    extras: ExportExtras,
    size: PartSize,
}

/// One part of an export, and the rest unless the export is complete.
#[derive(Debug)]
pub struct ContactExportPart {
    /// The contacts, in order.
    pub contacts: Vec<ExportedContact>,
    /// The rest.
    pub rest: Option<ContactExport>,
}

/// Errors of [`ContactExport::read`].
#[derive(Debug, thiserror::Error)]
pub enum ExportContactsError {
    /// A photo could not be read.
    #[error(transparent)]
    Photo(#[from] PictureStoreError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Errors of [`export_contact`].
#[derive(Debug, thiserror::Error)]
pub enum ExportContactError {
    /// The owner has no such contact.
    #[error("no such contact")]
    NotFound,
    /// The contact or its photo was not read.
    #[error(transparent)]
    Failed(#[from] ExportContactsError),
}

impl ContactExport {
    /// Creates an export. Nothing is read yet.
    #[must_use]
    pub fn new(owner: UserId, filter: Filter, sort: Sort, extras: ExportExtras) -> Self {
        let query = ContactQuery { filter, sort, start: PageStart::Skip(0), limit: 0 };
        Self { owner, query, extras, size: PartSize::default() }
    }

    /// Returns the maximum number of contacts that the next part reads.
    #[must_use]
    pub fn next_contacts(&self) -> u64 {
        let max = match self.extras {
            ExportExtras { photos: true, .. } => MAX_WITH_PHOTOS,
            ExportExtras { received_cards: true, .. } => MAX_WITH_RECEIVED_CARDS,
            ExportExtras { .. } => u64::MAX,
        };
        self.size.contacts().min(max)
    }

    /// Reads the next part. Costs one statement, another one for the received cards, and one call of the picture store
    /// for each photo.
    ///
    /// # Errors
    /// See [`ExportContactsError`].
    pub async fn read(mut self, ports: &Ports) -> Result<ContactExportPart, ExportContactsError> {
        self.query.limit = self.next_contacts();
        let mut contacts = ports.store.list_contacts(self.owner, &self.query).await?;
        let is_last = length(&contacts) < self.query.limit;
        let is_cut = self.size.cut(&mut contacts, |contact| Some(contact));
        let end = contacts.last().map(|last| Cursor::at(last, &self.query.sort));
        let contacts = with_extras(ports, self.owner, contacts, self.extras).await?;
        let rest = end.filter(|_| !is_last || is_cut).map(|end| {
            self.query.start = PageStart::After(end);
            self
        });
        Ok(ContactExportPart { contacts, rest })
    }
}

/// Returns one contact with its extras.
///
/// # Errors
/// See [`ExportContactError`].
pub async fn export_contact(
    ports: &Ports,
    owner: UserId,
    id: ContactId,
    extras: ExportExtras,
) -> Result<ExportedContact, ExportContactError> {
    let found = ports.store.find_contact(owner, id).await.map_err(ExportContactsError::Store)?;
    let exported = with_extras(ports, owner, found.into_iter().collect(), extras).await?;
    exported.into_iter().next().ok_or(ExportContactError::NotFound)
}

async fn with_extras(
    ports: &Ports,
    owner: UserId,
    contacts: Vec<Contact>,
    extras: ExportExtras,
) -> Result<Vec<ExportedContact>, ExportContactsError> {
    let mut received = HashMap::new();
    if extras.received_cards && !contacts.is_empty() {
        let ids: Vec<ContactId> = contacts.iter().map(|contact| contact.id).collect();
        let cards = ports.store.received_cards(owner, &ids).await?;
        received.extend(cards.into_iter().map(|card| (card.contact, card)));
    }
    let photos = contacts.iter().map(|contact| contact.photo.clone().filter(|_| extras.photos));
    let photos: Vec<Option<Vec<u8>>> = stream::iter(photos.collect::<Vec<_>>())
        .map(|key| async move {
            match key {
                Some(key) => ports.picture_store.get(&key).await,
                None => Ok(None),
            }
        })
        .buffered(PHOTOS_AT_ONCE)
        .try_collect()
        .await?;
    let with_photos = contacts.into_iter().zip(photos);
    Ok(with_photos
        .map(|(contact, photo)| {
            let received = received.remove(&contact.id);
            ExportedContact { contact, received, photo }
        })
        .collect())
}
