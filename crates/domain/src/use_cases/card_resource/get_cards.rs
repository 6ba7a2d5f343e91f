//! Reads the cards with some names, and what their texts are made of.

use std::collections::HashMap;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::{
    contact::{
        card_resource::{CardContent, CardName, CardResource},
        part::PartSize,
    },
    error::StoreError,
    ids::UserId,
    picture::PictureStoreError,
    ports::Ports,
};

/// Maximum number of cards of a part. A received card has at most 256 KiB.
const MAX_CARDS: u64 = 50;
/// Maximum number of cards of a part with photos. Their photos take a few MiB at most.
const MAX_WITH_PHOTOS: u64 = 25;
/// Number of photos that are read at once.
const PHOTOS_AT_ONCE: usize = 5;

/// Cards of a list of names, read in parts.
#[derive(Debug, Clone)]
pub struct CardReading {
    owner: UserId,
    /// The names that are not read yet, the last one first.
    names: Vec<CardName>,
    with_photos: bool,
    size: PartSize,
}

/// One part of the cards, and the rest unless all are read.
#[derive(Debug)]
pub struct CardReadingPart {
    /// The names in their order, each with its card. `None`: no card has the name.
    pub cards: Vec<(CardName, Option<CardWithPhoto>)>,
    /// The rest.
    pub rest: Option<CardReading>,
}

/// Errors of [`CardReading::read`].
#[derive(Debug, thiserror::Error)]
pub enum ReadCardsError {
    /// A photo could not be read.
    #[error(transparent)]
    Photo(#[from] PictureStoreError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A card with its photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardWithPhoto {
    /// The card.
    pub resource: CardResource,
    /// Its photo in JPEG, if it has one and photos are read.
    pub photo: Option<Vec<u8>>,
}

impl CardReading {
    /// Creates the reading of some names. Nothing is read yet.
    #[must_use]
    pub fn new(owner: UserId, mut names: Vec<CardName>, with_photos: bool) -> Self {
        names.reverse();
        Self { owner, names, with_photos, size: PartSize::default() }
    }

    /// Returns the maximum number of cards that the next part reads.
    #[must_use]
    pub fn next_cards(&self) -> u64 {
        self.size.contacts().min(if self.with_photos { MAX_WITH_PHOTOS } else { MAX_CARDS })
    }

    /// Reads the next part. Costs one statement, another one unless each name is that of a contact, and one call of the
    /// picture store for each photo.
    ///
    /// # Errors
    /// See [`ReadCardsError`].
    pub async fn read(mut self, ports: &Ports) -> Result<CardReadingPart, ReadCardsError> {
        let number = usize::try_from(self.next_cards()).unwrap_or(usize::MAX);
        let mut names = self.names.split_off(self.names.len().saturating_sub(number));
        names.reverse();
        let found = ports.store.card_resources(self.owner, &names).await?;
        let mut found: HashMap<CardName, CardResource> =
            found.into_iter().map(|resource| (resource.name.clone(), resource)).collect();
        let mut cards: Vec<_> = names.into_iter().map(|name| (found.remove(&name), name)).collect();
        let text_bytes = |(card, _): &(Option<CardResource>, CardName)| card.as_ref().map_or(0, text_bytes);
        let mut dropped: Vec<CardName> = cards.iter().map(|(_, name)| name.clone()).collect();
        self.size.cut_texts(&mut cards, text_bytes);
        self.names.extend(dropped.drain(cards.len()..).rev());
        let cards = stream::iter(cards)
            .map(|(resource, name)| with_photo(ports, name, resource, self.with_photos))
            .buffered(PHOTOS_AT_ONCE)
            .try_collect()
            .await?;
        Ok(CardReadingPart { cards, rest: (!self.names.is_empty()).then_some(self) })
    }
}

async fn with_photo(
    ports: &Ports,
    name: CardName,
    resource: Option<CardResource>,
    is_read: bool,
) -> Result<(CardName, Option<CardWithPhoto>), ReadCardsError> {
    let Some(resource) = resource else { return Ok((name, None)) };
    let photo = match resource.photo().filter(|_| is_read) {
        Some(key) => ports.picture_store.get(key).await?,
        None => None,
    };
    Ok((name, Some(CardWithPhoto { resource, photo })))
}

/// Returns the size of the texts of a card.
fn text_bytes(resource: &CardResource) -> usize {
    match &resource.content {
        CardContent::Contact(contact) => {
            let (contact, received) = &**contact;
            let received = received.as_ref().map_or(0, |received| received.text.as_str().len());
            contact.card.as_str().len() + received
        }
        CardContent::Group(group) => group.text.as_str().len(),
    }
}
