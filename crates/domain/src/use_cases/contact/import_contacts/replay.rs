//! Repeated parts: an earlier request with the same key has written them.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::{
    entries::{ContactEntry, Outcome, Part},
    import::Import,
    stop::Stop,
};
use crate::{
    contact::import::{ImportMode, ItemAction, ItemError},
    idempotency::Idempotent,
    ids::ContactId,
    store::UnitOfWork,
    time::Timestamp,
};

/// The stored result of a part.
pub(super) struct EarlierPart {
    /// For each contact of the part the one that was created or changed, the [marked](with_mark) one that it was
    /// recognized as, or [`NONE`].
    contacts: Vec<ContactId>,
    at: Timestamp,
}

/// Id of no contact.
const NONE: ContactId = ContactId(Uuid::nil());

impl EarlierPart {
    /// Returns the contacts to store.
    pub(super) fn contacts(outcomes: &[Outcome]) -> Vec<ContactId> {
        let written = |outcome: &Outcome| match outcome.action {
            ItemAction::Created | ItemAction::Updated => outcome.contact.unwrap_or(NONE),
            ItemAction::Skipped => outcome.contact.map_or(NONE, with_mark),
            ItemAction::Failed => NONE,
        };
        outcomes.iter().map(written).collect()
    }
}

/// The highest bit of an id begins its time in milliseconds (RFC 9562, 5.7): it is zero until the year 6429.
const MARK: u128 = 1 << 127;

/// Returns the id of a skipped contact as it is stored.
fn with_mark(id: ContactId) -> ContactId {
    ContactId(Uuid::from_u128(id.0.as_u128() | MARK))
}

/// Returns the id of a skipped contact; `None` for the id of a written one.
fn without_mark(stored: ContactId) -> Option<ContactId> {
    let bits = stored.0.as_u128();
    (bits & MARK != 0).then(|| ContactId(Uuid::from_u128(bits & !MARK)))
}

/// Returns true for the stored id of a contact that was written.
fn is_written(stored: &ContactId) -> bool {
    *stored != NONE && without_mark(*stored).is_none()
}

impl Import<'_> {
    /// Writes a part, unless an earlier request with its key has written it.
    pub(super) async fn write_once(&mut self, part: Part, idempotent: &Idempotent) -> Result<(), Stop> {
        // Before the photos are converted. The result is reliable under the lock of the unit that writes.
        let mut unit = self.ports.store.begin().await?;
        let earlier = self.earlier_part(&mut *unit, Some(idempotent)).await?;
        drop(unit);
        match earlier {
            Some(earlier) => self.replay(part, earlier).await,
            None => self.write(part, Some(idempotent)).await,
        }
    }

    /// Returns the stored result of a part.
    pub(super) async fn earlier_part(
        &self,
        unit: &mut dyn UnitOfWork,
        idempotent: Option<&Idempotent>,
    ) -> Result<Option<EarlierPart>, Stop> {
        let Some(idempotent) = idempotent else { return Ok(None) };
        let Some(known) = unit.find_idempotency_key(self.owner, &idempotent.key).await? else { return Ok(None) };
        let at = known.at;
        let contacts = idempotent.earlier_contacts(Some(known), self.ports.clock.now())?;
        Ok(contacts.map(|contacts| EarlierPart { contacts, at }))
    }

    /// Reports a part as it was reported when it was written.
    pub(super) async fn replay(&mut self, part: Part, earlier: EarlierPart) -> Result<(), Stop> {
        let mut ids: Vec<ContactId> = earlier.contacts.iter().copied().filter(is_written).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut held = Vec::new();
        if !ids.is_empty() {
            held = self.ports.store.held_contacts_among(self.owner, &ids).await?;
        }
        let created_at: HashMap<ContactId, Timestamp> =
            held.iter().map(|contact| (contact.id, contact.created_at)).collect();
        let mut seen = HashSet::new();
        let written = earlier.contacts.iter().copied().chain(std::iter::repeat(NONE));
        let outcome = |(entry, id): (&ContactEntry, ContactId)| {
            if id == NONE {
                return self.unwritten(entry);
            }
            if let Some(skipped) = without_mark(id) {
                return Outcome::done(ItemAction::Skipped, skipped);
            }
            // A contact that was deleted permanently has no time; most were created here.
            let is_of_part = created_at.get(&id).is_none_or(|created_at| *created_at == earlier.at);
            let is_created = seen.insert(id) && is_of_part;
            Outcome::done(if is_created { ItemAction::Created } else { ItemAction::Updated }, id)
        };
        let outcomes = part.entries.iter().zip(written).map(outcome).collect();
        self.finish_part(part, outcomes);
        Ok(())
    }

    /// Returns the outcome of an entry that was not written.
    fn unwritten(&self, entry: &ContactEntry) -> Outcome {
        let known = || self.book.find(entry.contact.uid.as_ref(), &entry.keys);
        match known().filter(|_| self.options.mode != ImportMode::Add) {
            Some(id) => Outcome::done(ItemAction::Skipped, id),
            None => Outcome::failed(vec![ItemError::LimitReached { limit: self.limit }]),
        }
    }
}
