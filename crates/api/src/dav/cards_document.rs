//! Cards of an address book in an answer, read part by part.

use std::vec;

use carddav::{Filter, Resource, Status};
use domain::{
    Ports,
    contact::card_resource::{CardChange, CardName},
    use_cases::card_resource::{CardReading, CardSync, CardSyncPart, CardSyncRest, CardWithPhoto},
};
use tokio::task::yield_now;

use super::{
    card_view::{CardView, path_of, text_of},
    multistatus_text::MultistatusText,
};
use crate::{problem::Problem, streaming::Document};

/// Maximum number of cards that are read and written at once.
const CARDS_AT_ONCE: u64 = 25;
/// Number of missing hrefs that are written at once.
const MISSING_AT_ONCE: usize = 20;
/// Bound of the bytes of the heads that are written at once.
const HEADS_AT_ONCE: usize = 512 * 1024;

/// Writer of cards.
pub(super) struct CardsDocument {
    view: CardView,
    source: Source,
}

/// Cards of a document.
enum Source {
    /// Cards by name.
    Named {
        /// Hrefs that are no card, written before the cards.
        missing: vec::IntoIter<String>,
        reading: CardReading,
    },
    /// The changes since a token, or all cards.
    Changes {
        sync: CardSync,
        /// True when the answer has the token of the next request.
        has_token: bool,
    },
    /// Cards that match a filter.
    Matching {
        sync: CardSync,
        filter: Box<Filter>,
        /// Number of cards that the client still accepts.
        remaining: u32,
    },
}

impl CardsDocument {
    /// Begins the cards with these names, after hrefs that are no card.
    pub(super) fn named(view: CardView, names: Vec<CardName>, missing: Vec<String>) -> Self {
        let reading = CardReading::new(view.owner, names, view.needs_photos());
        Self { view, source: Source::Named { missing: missing.into_iter(), reading } }
    }

    /// Begins the changes of an address book.
    pub(super) fn changes(view: CardView, sync: CardSync, has_token: bool) -> Self {
        let heads = u64::try_from(HEADS_AT_ONCE / view.head_bytes()).unwrap_or(u64::MAX);
        let sync = sync.in_parts_of(if view.needs_cards() { heads.min(CARDS_AT_ONCE) } else { heads });
        Self { view, source: Source::Changes { sync, has_token } }
    }

    /// Begins the cards that match a filter, at most `limit`.
    pub(super) fn matching(view: CardView, filter: Filter, limit: Option<u32>) -> Self {
        let sync = CardSync::listing(view.owner).in_parts_of(CARDS_AT_ONCE);
        let (filter, remaining) = (Box::new(filter), limit.unwrap_or(u32::MAX));
        Self { view, source: Source::Matching { sync, filter, remaining } }
    }
}

impl Document for CardsDocument {
    type Text = MultistatusText;

    fn next_contacts(&self) -> u64 {
        match &self.source {
            Source::Named { missing, .. } if missing.len() > 0 => 1,
            Source::Named { reading, .. } => reading.next_cards(),
            Source::Changes { .. } if !self.view.needs_cards() => 1,
            Source::Changes { .. } | Source::Matching { .. } => CARDS_AT_ONCE,
        }
    }

    async fn write_next(self, ports: &Ports, text: &mut MultistatusText) -> Result<Option<Self>, Problem> {
        let view = self.view;
        let next = match self.source {
            Source::Named { mut missing, reading } if missing.len() > 0 => {
                for href in missing.by_ref().take(MISSING_AT_ONCE) {
                    text.write(|document| document.status(&href, Status::NotFound));
                }
                Some(Source::Named { missing, reading })
            }
            Source::Named { missing, reading } => {
                let rest = write_named(&view, reading, ports, text).await?;
                rest.map(|reading| Source::Named { missing, reading })
            }
            Source::Changes { sync, has_token } => {
                let CardSyncPart { changes, rest } = sync.read(ports).await?;
                write_changes(&view, changes, ports, text).await?;
                match rest {
                    CardSyncRest::Parts(sync) => Some(Source::Changes { sync, has_token }),
                    CardSyncRest::End { next, is_truncated } => {
                        if is_truncated {
                            text.write(|document| document.truncated(&Resource::AddressBook(view.owner.0).href()));
                        }
                        text.end(has_token.then(|| next.to_string()).as_deref());
                        None
                    }
                }
            }
            Source::Matching { sync, filter, mut remaining } => {
                let CardSyncPart { changes, rest } = sync.read(ports).await?;
                let is_complete = write_matching(&view, changes, &filter, &mut remaining, ports, text).await?;
                match rest {
                    CardSyncRest::Parts(sync) if is_complete => Some(Source::Matching { sync, filter, remaining }),
                    CardSyncRest::Parts(_) | CardSyncRest::End { .. } => {
                        if !is_complete {
                            text.write(|document| document.truncated(&Resource::AddressBook(view.owner.0).href()));
                        }
                        text.end(None);
                        None
                    }
                }
            }
        };
        Ok(next.map(|source| Self { view, source }))
    }
}

/// Writes the next cards of a list of names.
async fn write_named(
    view: &CardView,
    reading: CardReading,
    ports: &Ports,
    text: &mut MultistatusText,
) -> Result<Option<CardReading>, Problem> {
    let part = reading.read(ports).await?;
    for (name, card) in &part.cards {
        match card {
            Some(card) => write_card(view, card, text),
            None => write_missing(view, name, text),
        }
    }
    if part.rest.is_none() {
        text.end(None);
    }
    Ok(part.rest)
}

/// Writes changes, with their cards if the client asks for more than their tags.
async fn write_changes(
    view: &CardView,
    changes: Vec<CardChange>,
    ports: &Ports,
    text: &mut MultistatusText,
) -> Result<(), Problem> {
    let (present, removed): (Vec<CardChange>, Vec<CardChange>) =
        changes.into_iter().partition(|change| change.target.is_some());
    if view.needs_cards() {
        for card in cards(view, present, view.needs_photos(), ports).await? {
            write_card(view, &card, text);
        }
    } else {
        present.iter().for_each(|change| view.write_head(text, &change.name, change.number));
    }
    removed.iter().for_each(|change| write_missing(view, &change.name, text));
    Ok(())
}

/// Writes the matching ones of some cards. Returns false when there are more than the client accepts.
async fn write_matching(
    view: &CardView,
    changes: Vec<CardChange>,
    filter: &Filter,
    remaining: &mut u32,
    ports: &Ports,
    text: &mut MultistatusText,
) -> Result<bool, Problem> {
    let with_photos = view.needs_photos() || filter.concerns("PHOTO");
    for card in cards(view, changes, with_photos, ports).await? {
        if let Some(content) = text_of(&card, view.version()).filter(|content| filter.matches(content)) {
            if *remaining == 0 {
                return Ok(false);
            }
            *remaining -= 1;
            view.write_card(text, &card, &content);
        }
        // A large card takes milliseconds, in which no other request of this thread runs.
        yield_now().await;
    }
    Ok(true)
}

/// Reads the cards of some changes. Those that were removed meanwhile are left out.
async fn cards(
    view: &CardView,
    changes: Vec<CardChange>,
    with_photos: bool,
    ports: &Ports,
) -> Result<Vec<CardWithPhoto>, Problem> {
    let names: Vec<CardName> = changes.into_iter().map(|change| change.name).collect();
    let mut cards = Vec::with_capacity(names.len());
    let mut reading = (!names.is_empty()).then(|| CardReading::new(view.owner, names, with_photos));
    while let Some(next) = reading {
        let part = next.read(ports).await?;
        cards.extend(part.cards.into_iter().filter_map(|(_, card)| card));
        reading = part.rest;
    }
    Ok(cards)
}

fn write_card(view: &CardView, card: &CardWithPhoto, text: &mut MultistatusText) {
    if let Some(content) = text_of(card, view.version()) {
        view.write_card(text, card, &content);
    }
}

fn write_missing(view: &CardView, name: &CardName, text: &mut MultistatusText) {
    let Some(name) = path_of(name) else { return };
    text.write(|document| document.status(&Resource::Card(view.owner.0, name).href(), Status::NotFound));
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, pin::pin};

    use carddav::Selection;
    use testkit::{TestEnvironment, samples};

    use super::*;

    #[actix_web::test]
    async fn search_lets_other_requests_run_after_each_card() {
        let environment = TestEnvironment::default();
        let store = &*environment.ports.store;
        let owner = samples::stored_user(store).await.id;
        let contact = |first_name: &str| samples::contact(owner, samples::card(first_name, "Косач"));
        let mut contacts = ["Леся", "Лариса", "Лідія"].map(contact);
        samples::store_contacts(store, &mut contacts).await;
        let view = CardView { owner, selection: Selection::Listed(Vec::new()), is_minimal: true };
        let document = CardsDocument::matching(view, Filter::default(), None);
        let mut text = MultistatusText::begin();
        let mut writing = pin!(document.write_next(&environment.ports, &mut text));
        let mut polls = 0;
        let written = poll_fn(|context| {
            polls += 1;
            writing.as_mut().poll(context)
        });
        assert!(written.await.unwrap().is_none(), "the document is complete");
        assert_eq!(polls, 1 + contacts.len());
    }
}
