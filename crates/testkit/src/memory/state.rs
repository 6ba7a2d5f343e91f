//! The rows of the in-memory store.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::{
    account::{Credentials, OneTimeToken},
    app_password::AppPassword,
    audit::AuditEvent,
    contact::{
        ChangeNumber, Contact,
        card_resource::{CardName, GroupCard},
        received::{ReceivedCard, ReceivedText},
        trash::TrashedContact,
    },
    idempotency::{IdempotencyKey, StoredResult},
    ids::{AppPasswordId, AuditEventId, ContactId, MailId, SessionId, UserId},
    mail::Mail,
    secret::SecretDigest,
    session::{DeviceDigest, Session, StoredTokens},
    time::Timestamp,
};

/// All rows.
#[derive(Clone, Default)]
pub(super) struct State {
    pub(super) users: BTreeMap<UserId, Credentials>,
    pub(super) sessions: BTreeMap<SessionId, StoredSession>,
    pub(super) app_passwords: BTreeMap<AppPasswordId, (AppPassword, SecretDigest)>,
    pub(super) known_devices: HashMap<(UserId, DeviceDigest), Timestamp>,
    pub(super) one_time_tokens: BTreeMap<[u8; 32], OneTimeToken>,
    /// Used tokens, with the time of their use.
    pub(super) used_tokens: BTreeMap<[u8; 32], (OneTimeToken, Timestamp)>,
    pub(super) outbox: BTreeMap<MailId, WaitingMail>,
    pub(super) mail_slots: BTreeMap<([u8; 32], u16), (MailId, Timestamp)>,
    /// Contact limits that the operator has set.
    pub(super) contact_limits: BTreeMap<UserId, u64>,
    pub(super) invitations: BTreeSet<String>,
    pub(super) pending_since: BTreeMap<UserId, Timestamp>,
    pub(super) warned_at: BTreeMap<UserId, Timestamp>,
    pub(super) email_locks: BTreeMap<UserId, Timestamp>,
    pub(super) contacts: BTreeMap<ContactId, Contact>,
    pub(super) contact_counts: BTreeMap<UserId, i64>,
    pub(super) contact_changes: BTreeMap<UserId, i64>,
    pub(super) trash: BTreeMap<ContactId, TrashedContact>,
    pub(super) received_cards: BTreeMap<ContactId, ReceivedCard>,
    pub(super) former_texts: BTreeMap<ContactId, ReceivedText>,
    /// Names that clients have given to contacts.
    pub(super) card_names: BTreeMap<ContactId, CardName>,
    pub(super) group_cards: BTreeMap<(UserId, CardName), GroupCard>,
    /// Numbers of the deletions of the contacts in the trash.
    pub(super) trashed_by: BTreeMap<ContactId, ChangeNumber>,
    /// Permanently deleted contacts with their names, and removed names, by the numbers of these changes.
    pub(super) deletions: BTreeMap<(UserId, ChangeNumber), (Option<ContactId>, CardName)>,
    pub(super) changes_floors: BTreeMap<UserId, ChangeNumber>,
    pub(super) audit_events: BTreeMap<AuditEventId, AuditEvent>,
    pub(super) deleted_accounts: BTreeMap<UserId, Timestamp>,
    pub(super) idempotency_keys: HashMap<(UserId, IdempotencyKey), StoredResult>,
    pub(super) orphaned_pictures: BTreeMap<String, PictureRecord>,
}

impl State {
    /// Returns the owner of a contact, in the trash or not.
    pub(super) fn owner_of(&self, contact: ContactId) -> Option<UserId> {
        let trashed = || self.trash.get(&contact).map(|trashed| &trashed.contact);
        self.contacts.get(&contact).or_else(trashed).map(|contact| contact.owner)
    }

    /// Returns the name of a contact.
    pub(super) fn name_of(&self, contact: ContactId) -> CardName {
        self.card_names.get(&contact).cloned().unwrap_or_else(|| CardName::of_contact(contact))
    }

    /// Returns true when a client has given this name to another contact of the owner, outside of the trash.
    pub(super) fn is_name_given_to_another(&self, owner: UserId, id: ContactId, name: &CardName) -> bool {
        let mut others = self.card_names.iter().filter(|(other, given)| **other != id && *given == name);
        others.any(|(other, _)| self.contacts.get(other).is_some_and(|contact| contact.owner == owner))
    }

    /// Removes the received cards, the names and the numbers of the deletions of contacts that no longer exist.
    pub(super) fn forget_cards_without_contact(&mut self) {
        let (contacts, trash) = (&self.contacts, &self.trash);
        let exists = |contact: &ContactId| contacts.contains_key(contact) || trash.contains_key(contact);
        self.received_cards.retain(|contact, _| exists(contact));
        self.former_texts.retain(|contact, _| exists(contact));
        self.card_names.retain(|contact, _| exists(contact));
        self.trashed_by.retain(|contact, _| exists(contact));
    }

    /// Panics when the count of an owner is wrong: a unit added, trashed or restored contacts without counting them.
    pub(super) fn assert_contact_counts(&self) {
        let mut counts: BTreeMap<UserId, i64> = BTreeMap::new();
        for contact in self.contacts.values().filter(|contact| self.users.contains_key(&contact.owner)) {
            *counts.entry(contact.owner).or_default() += 1;
        }
        let mut stored = self.contact_counts.clone();
        stored.retain(|owner, count| *count != 0 && self.users.contains_key(owner));
        assert_eq!(stored, counts, "the stored counts of contacts, and the contacts");
    }
}

/// A mail in the outbox, waiting or parked.
#[derive(Clone)]
pub(super) struct WaitingMail {
    pub(super) mail: Mail,
    pub(super) to_unverified: bool,
    pub(super) due_at: Option<Timestamp>,
    pub(super) last_error: Option<String>,
}

/// A session, current or ended.
#[derive(Clone)]
pub(super) struct StoredSession {
    pub(super) session: Session,
    pub(super) tokens: StoredTokens,
    pub(super) is_ended: bool,
}

/// An orphaned picture.
#[derive(Clone)]
pub(super) struct PictureRecord {
    pub(super) due_at: Timestamp,
    pub(super) attempts: u32,
    pub(super) may_arrive_until: Option<Timestamp>,
}

/// Removes at most `limit` matching entries and returns their number.
pub(super) fn remove_some<K: Ord + Clone, V>(
    entries: &mut BTreeMap<K, V>,
    limit: u64,
    is_removed: impl Fn(&K, &V) -> bool,
) -> u64 {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let keys: Vec<K> =
        entries.iter().filter(|(key, entry)| is_removed(key, entry)).map(|(key, _)| key.clone()).take(limit).collect();
    for key in &keys {
        entries.remove(key);
    }
    keys.len() as u64
}
