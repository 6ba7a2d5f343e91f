//! Exports all data of a user.

use std::collections::HashMap;

use crate::{
    account::{OneTimeToken, User},
    app_password::AppPassword,
    audit::{AuditAction, AuditEvent},
    contact::{
        Contact,
        card_resource::{CardName, GroupCard},
        part::{PartSize, length},
        received::{ReceivedCard, ReceivedText},
        trash::{TrashPosition, TrashedContact},
    },
    error::StoreError,
    ids::{AuditEventId, ContactId},
    mail::Mail,
    ports::Ports,
    session::{Session, SignedInUser},
    use_cases::steps::record_success,
};

/// Maximum number of exported audit events. Password guessing can produce very many.
const MAX_EVENTS: u64 = 10_000;
/// Number of audit events of one part.
const EVENTS: u64 = 200;
/// Maximum number of received cards of one part. A card may have four times the text of a contact.
const CARDS: u64 = 50;

/// The rest of an export, to be read in parts. It contains no secrets that give access to the account.
///
/// Contacts are read by id, which the trash does not change. So each is exported once, even if it moves to or from the
/// trash meanwhile. Of a trashed contact only its position is noted (24 bytes). It is read afterwards.
#[derive(Debug)]
pub struct AccountExport {
    user: User,
    next: Next,
    size: PartSize,
}

/// Data of the next part.
#[derive(Debug)]
enum Next {
    /// Contacts after this id. `trash` has the positions of the trashed ones up to it.
    Contacts { after: Option<ContactId>, trash: Vec<TrashPosition> },
    /// Contacts at these positions of the trash. The last position is read first.
    Trash(Vec<TrashPosition>),
    /// Received cards of the contacts after this one.
    ReceivedCards { after: Option<ContactId> },
    /// Groups with names after this one.
    Groups { after: Option<CardName> },
    /// The other data of the account.
    Account,
    /// Events before this one.
    Events { before: Option<AuditEventId>, remaining: u64 },
}

/// One part of an export, and the rest unless the export is complete.
#[derive(Debug)]
pub struct ExportPart {
    /// The data of the part.
    pub data: ExportedData,
    /// The rest.
    pub rest: Option<AccountExport>,
}

/// Data of one part. Each kind occurs at least once, and all parts of a kind follow each other, in this order.
#[derive(Debug)]
pub enum ExportedData {
    /// Contacts outside the trash, the oldest first.
    Contacts(Vec<Contact>),
    /// Contacts in the trash, the latest deleted first.
    Trash(Vec<TrashedContact>),
    /// Cards of contacts as they were received, those of contacts in the trash included, by ascending contact id. Each
    /// comes with its former text, if it has one.
    ReceivedCards(Vec<(ReceivedCard, Option<ReceivedText>)>),
    /// Groups of contacts, by ascending name.
    Groups(Vec<GroupCard>),
    /// Other data of the account. It occurs once.
    Account {
        /// Mails to the user that wait or are parked.
        waiting_mails: Vec<Mail>,
        /// Unused one-time tokens. Only digests are stored, not the links themselves.
        one_time_tokens: Vec<OneTimeToken>,
        /// App passwords, the latest created first. Only digests of their secrets are stored.
        app_passwords: Vec<AppPassword>,
    },
    /// Audit events of the account: at most 10,000, the latest first.
    Events(Vec<AuditEvent>),
}

/// Errors of [`export_account`].
#[derive(Debug, thiserror::Error)]
pub enum ExportAccountError {
    /// The user was deleted.
    #[error("no such user")]
    NotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Begins an export, and records it. Returns the user, the active sessions in any order, and the rest.
///
/// # Errors
/// See [`ExportAccountError`].
pub async fn export_account(
    ports: &Ports,
    principal: &SignedInUser,
) -> Result<(User, Vec<Session>, AccountExport), ExportAccountError> {
    let mut unit = ports.store.begin().await?;
    // The lock prevents events for an account that has just been deleted.
    let user = unit.lock_user(principal.user.id).await?.ok_or(ExportAccountError::NotFound)?;
    record_success(ports, &mut *unit, AuditAction::ExportAccount, user.id, &principal.client).await?;
    unit.commit().await?;
    let mut sessions = ports.store.sessions_of(user.id).await?;
    sessions.retain(|session| session.is_active(ports.clock.now(), ports.policy.session_lifetime()));
    let next = Next::Contacts { after: None, trash: Vec::new() };
    Ok((user.clone(), sessions, AccountExport { user, next, size: PartSize::default() }))
}

impl AccountExport {
    /// Returns the maximum number of contacts that the next part reads.
    #[must_use]
    pub fn next_contacts(&self) -> u64 {
        match self.next {
            Next::Contacts { .. } | Next::Trash(_) => self.size.contacts(),
            Next::ReceivedCards { .. } | Next::Groups { .. } => 4 * cards_of_part(&self.size),
            Next::Account | Next::Events { .. } => 0,
        }
    }

    /// Reads the next part. Costs one statement; received cards cost two, and the
    /// mails, tokens and app passwords three.
    ///
    /// # Errors
    /// Errors of the store.
    pub async fn read(mut self, ports: &Ports) -> Result<ExportPart, StoreError> {
        let (data, next) = match self.next {
            Next::Contacts { after, trash } => contacts(ports, &self.user, after, trash, &mut self.size).await?,
            Next::Trash(positions) => trash(ports, &self.user, positions, &mut self.size).await?,
            Next::ReceivedCards { after } => received_cards(ports, &self.user, after, &mut self.size).await?,
            Next::Groups { after } => groups(ports, &self.user, after.as_ref(), &mut self.size).await?,
            Next::Account => {
                let waiting_mails = ports.store.mails_of(&self.user).await?;
                let one_time_tokens = ports.store.one_time_tokens_of(self.user.id).await?;
                let app_passwords = ports.store.app_passwords_of(self.user.id).await?;
                let next = Next::Events { before: None, remaining: MAX_EVENTS };
                (ExportedData::Account { waiting_mails, one_time_tokens, app_passwords }, Some(next))
            }
            Next::Events { before, remaining } => events(ports, &self.user, before, remaining).await?,
        };
        let (user, size) = (self.user, self.size);
        Ok(ExportPart { data, rest: next.map(|next| Self { user, next, size }) })
    }
}

async fn contacts(
    ports: &Ports,
    user: &User,
    after: Option<ContactId>,
    mut trash: Vec<TrashPosition>,
    size: &mut PartSize,
) -> Result<(ExportedData, Option<Next>), StoreError> {
    let limit = size.contacts();
    let mut held = ports.store.held_contacts(user.id, after, limit).await?;
    let is_last = length(&held) < limit;
    let is_cut = size.cut(&mut held, |(contact, _)| Some(contact));
    let after = held.last().map(|(contact, _)| contact.id);
    let mut contacts = Vec::with_capacity(held.len());
    for (contact, deleted_at) in held {
        match deleted_at {
            None => contacts.push(contact),
            Some(deleted_at) => trash.push(TrashPosition { deleted_at, id: contact.id }),
        }
    }
    let next = if is_last && !is_cut {
        trash.sort_unstable();
        Next::Trash(trash)
    } else {
        Next::Contacts { after, trash }
    };
    Ok((ExportedData::Contacts(contacts), Some(next)))
}

/// Reads the contacts at the last positions. A contact that was restored meanwhile is exported as it was deleted; one that
/// was deleted permanently is left out.
async fn trash(
    ports: &Ports,
    user: &User,
    mut positions: Vec<TrashPosition>,
    size: &mut PartSize,
) -> Result<(ExportedData, Option<Next>), StoreError> {
    let part = usize::try_from(size.contacts()).unwrap_or(usize::MAX);
    let mut taken = positions.split_off(positions.len().saturating_sub(part));
    let ids: Vec<ContactId> = taken.iter().map(|position| position.id).collect();
    let found = if ids.is_empty() { Vec::new() } else { ports.store.held_contacts_among(user.id, &ids).await? };
    let mut found: HashMap<ContactId, Contact> = found.into_iter().map(|contact| (contact.id, contact)).collect();
    let trashed = |position: &TrashPosition| {
        let contact = found.remove(&position.id)?;
        Some(TrashedContact { contact, deleted_at: position.deleted_at })
    };
    let mut items: Vec<TrashedContact> = taken.iter().rev().filter_map(trashed).collect();
    if size.cut(&mut items, |trashed| Some(&trashed.contact))
        && let Some(last) = items.last().map(TrashedContact::position)
    {
        taken.retain(|position| *position < last);
        positions.append(&mut taken);
    }
    if !positions.is_empty() {
        return Ok((ExportedData::Trash(items), Some(Next::Trash(positions))));
    }
    *size = PartSize::default();
    Ok((ExportedData::Trash(items), Some(Next::ReceivedCards { after: None })))
}

fn cards_of_part(size: &PartSize) -> u64 {
    size.contacts().min(CARDS)
}

async fn received_cards(
    ports: &Ports,
    user: &User,
    after: Option<ContactId>,
    size: &mut PartSize,
) -> Result<(ExportedData, Option<Next>), StoreError> {
    let limit = cards_of_part(size);
    let mut cards = ports.store.received_cards_after(user.id, after, limit).await?;
    let is_last = length(&cards) < limit;
    let is_cut = size.cut_texts(&mut cards, |card| card.text.as_str().len());
    let after = cards.last().map(|card| card.contact);
    let next = if is_last && !is_cut { Next::Groups { after: None } } else { Next::ReceivedCards { after } };
    let ids: Vec<ContactId> = cards.iter().map(|card| card.contact).collect();
    let former = if ids.is_empty() { Vec::new() } else { ports.store.former_texts(user.id, &ids).await? };
    let mut former: HashMap<ContactId, ReceivedText> = former.into_iter().collect();
    let cards = cards.into_iter().map(|card| {
        let former = former.remove(&card.contact);
        (card, former)
    });
    Ok((ExportedData::ReceivedCards(cards.collect()), Some(next)))
}

async fn groups(
    ports: &Ports,
    user: &User,
    after: Option<&CardName>,
    size: &mut PartSize,
) -> Result<(ExportedData, Option<Next>), StoreError> {
    let limit = cards_of_part(size);
    let mut groups = ports.store.group_cards_after(user.id, after, limit).await?;
    let is_last = length(&groups) < limit;
    let is_cut = size.cut_texts(&mut groups, |group| group.text.as_str().len());
    let after = groups.last().map(|group| group.name.clone());
    let next = if is_last && !is_cut { Next::Account } else { Next::Groups { after } };
    Ok((ExportedData::Groups(groups), Some(next)))
}

async fn events(
    ports: &Ports,
    user: &User,
    before: Option<AuditEventId>,
    remaining: u64,
) -> Result<(ExportedData, Option<Next>), StoreError> {
    let limit = remaining.min(EVENTS);
    let events = ports.store.audit_events_of(user.id, before, limit).await?;
    let remaining = remaining - limit;
    let is_last = length(&events) < limit || remaining == 0;
    let before = events.last().map(|event| event.id);
    Ok((ExportedData::Events(events), (!is_last).then_some(Next::Events { before, remaining })))
}
