//! Many changes at once: all of them, or none.

use std::collections::{HashMap, HashSet};

use super::{
    Contact, ContactDetails, ContactDraft, ContactId, ContactPatch, DetailFault, Expected, Version,
    delete_contact::discard,
};
use crate::{
    Ports,
    account::UserId,
    idempotency::{Idempotent, KeyRefusal},
    store::{StoreError, UnitOfWork},
    time::Instant,
};

/// The greatest number of operations in one batch.
pub const MAX_OPERATIONS: usize = 200;

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// A new contact.
    Create(ContactDraft),
    /// Changes some details of one of the owner's contacts.
    Update(ContactId, Expected, ContactPatch),
    /// Moves one of the owner's contacts into the trash.
    Delete(ContactId, Expected),
}

impl Operation {
    fn target(&self) -> Option<ContactId> {
        match self {
            Self::Create(_) => None,
            Self::Update(id, ..) | Self::Delete(id, _) => Some(*id),
        }
    }
}

/// What an operation has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The new contact.
    Created(Contact),
    /// The contact, changed.
    Updated(Contact),
    /// It is in the trash.
    Deleted(ContactId),
}

impl Outcome {
    fn contact_id(&self) -> ContactId {
        match self {
            Self::Created(contact) | Self::Updated(contact) => contact.id,
            Self::Deleted(id) => *id,
        }
    }
}

/// What a batch has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// One for each operation, in their order.
    pub outcomes: Vec<Outcome>,
    /// Whether nothing was done now: the same request came before, and the contacts are as they are now.
    pub is_replay: bool,
}

/// What is wrong with one operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperationFault {
    /// The owner has no such contact.
    NotFound,
    /// It was changed since the writer read it.
    Stale,
    /// An operation before concerns the same contact.
    Repeated,
    /// The details break rules.
    Invalid(Vec<DetailFault>),
    /// There is no room for the new contact.
    LimitReached {
        /// The limit.
        limit: u64,
    },
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ApplyBatchError {
    /// Some operations cannot be: each with its place in the batch, from 0, in order.
    #[error("the batch is not valid")]
    Refused(Vec<(usize, OperationFault)>),
    /// The idempotency key is not for this request, or not any more.
    #[error(transparent)]
    Key(#[from] KeyRefusal),
    /// More than [`MAX_OPERATIONS`], or none.
    #[error("a batch has from 1 to {MAX_OPERATIONS} operations")]
    WrongLength,
    /// The owner is gone.
    #[error("no such user")]
    OwnerGone,
    /// No storage.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Applies all operations, or none of them. Each contact may be named once, so their order does not matter; what
/// counts towards the limit is what is there in the end. Costs some statements, never one for each
/// operation. Under an idempotency key the same request is done once; one that is refused leaves its key free.
///
/// # Errors
/// See [`ApplyBatchError`]; all faults at once.
pub async fn apply_batch(
    ports: &Ports,
    owner: UserId,
    operations: Vec<Operation>,
    idempotent: Option<&Idempotent>,
) -> Result<Applied, ApplyBatchError> {
    if !(1..=MAX_OPERATIONS).contains(&operations.len()) {
        return Err(ApplyBatchError::WrongLength);
    }
    let now = ports.clock.now();
    let mut unit = ports.store.begin().await?;
    // The count first, as everybody who needs both locks does.
    let quota = unit.count_contacts_locked(owner).await?.ok_or(ApplyBatchError::OwnerGone)?;
    if let Some(outcomes) = done_before(&mut *unit, owner, &operations, idempotent, now).await? {
        return Ok(Applied { outcomes, is_replay: true });
    }
    let targets: HashSet<ContactId> = operations.iter().filter_map(Operation::target).collect();
    let found = unit.lock_contacts(owner, &targets.into_iter().collect::<Vec<_>>()).await?;
    let mut plan = Plan {
        ports,
        owner,
        now,
        found: found.into_iter().map(|contact| (contact.id, contact)).collect(),
        named: HashSet::new(),
        faults: Vec::new(),
    };
    let outcomes: Vec<Outcome> =
        operations.into_iter().enumerate().filter_map(|(index, operation)| plan.outcome(index, operation)).collect();
    if plan.faults.is_empty() {
        plan.faults = without_room(&outcomes, quota.used, ports.policy.contact_limit);
    }
    if !plan.faults.is_empty() {
        return Err(ApplyBatchError::Refused(plan.faults));
    }
    write(ports, &mut *unit, owner, &outcomes).await?;
    if let Some(idempotent) = idempotent {
        let done = idempotent.has_done(outcomes.iter().map(Outcome::contact_id).collect(), now);
        unit.remember_idempotency_key(owner, &idempotent.key, &done).await?;
    }
    unit.commit().await?;
    Ok(Applied { outcomes, is_replay: false })
}

/// What the request did when it came before, with the contacts as they are now.
async fn done_before(
    unit: &mut dyn UnitOfWork,
    owner: UserId,
    operations: &[Operation],
    idempotent: Option<&Idempotent>,
    now: Instant,
) -> Result<Option<Vec<Outcome>>, ApplyBatchError> {
    let Some(idempotent) = idempotent else { return Ok(None) };
    let known = unit.find_idempotency_key(owner, &idempotent.key).await?;
    let Some(ids) = idempotent.done_before(known, now)? else { return Ok(None) };
    let found = unit.lock_contacts(owner, &ids).await?;
    let mut found: HashMap<ContactId, Contact> = found.into_iter().map(|contact| (contact.id, contact)).collect();
    let mut outcome = |(operation, id): (&Operation, ContactId)| match operation {
        Operation::Create(_) => found.remove(&id).map(Outcome::Created),
        Operation::Update(..) => found.remove(&id).map(Outcome::Updated),
        Operation::Delete(..) => Some(Outcome::Deleted(id)),
    };
    // The request is the same, so the operations are.
    let outcomes: Option<Vec<Outcome>> = operations.iter().zip(ids).map(&mut outcome).collect();
    Ok(Some(outcomes.ok_or(KeyRefusal::Spent)?))
}

/// The new contacts that are too many; the first ones have the room that there is.
fn without_room(outcomes: &[Outcome], used: u64, limit: u64) -> Vec<(usize, OperationFault)> {
    let deleted = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Deleted(_))).count();
    let created = outcomes.iter().enumerate().filter(|(_, outcome)| matches!(outcome, Outcome::Created(_)));
    let room = limit.saturating_add(deleted as u64).saturating_sub(used);
    let beyond = created.skip(usize::try_from(room).unwrap_or(usize::MAX));
    beyond.map(|(index, _)| (index, OperationFault::LimitReached { limit })).collect()
}

async fn write(
    ports: &Ports,
    unit: &mut dyn UnitOfWork,
    owner: UserId,
    outcomes: &[Outcome],
) -> Result<(), StoreError> {
    let (mut created, mut updated, mut deleted) = (Vec::new(), Vec::new(), Vec::new());
    for outcome in outcomes {
        match outcome {
            Outcome::Created(contact) => created.push(contact.clone()),
            Outcome::Updated(contact) => updated.push(contact.clone()),
            Outcome::Deleted(id) => deleted.push(*id),
        }
    }
    unit.insert_contacts(&created).await?;
    unit.update_contacts(&updated).await?;
    if deleted.is_empty() { Ok(()) } else { discard(ports, unit, owner, &deleted).await }
}

/// What the operations would come to, as far as one can be judged without the others.
struct Plan<'a> {
    ports: &'a Ports,
    owner: UserId,
    now: Instant,
    found: HashMap<ContactId, Contact>,
    named: HashSet<ContactId>,
    faults: Vec<(usize, OperationFault)>,
}

impl Plan<'_> {
    /// `None` when there is a fault, which is noted.
    fn outcome(&mut self, index: usize, operation: Operation) -> Option<Outcome> {
        let outcome = match operation {
            Operation::Create(draft) => self.check(draft).map(|details| Outcome::Created(self.newcomer(details))),
            Operation::Update(id, expected, patch) => self.target(id, &expected).and_then(|old| {
                let details = self.check(patch.apply(old.details.into_draft()))?;
                let (version, updated_at) = (old.version.next(), self.now);
                Ok(Outcome::Updated(Contact { details, version, updated_at, ..old }))
            }),
            Operation::Delete(id, expected) => self.target(id, &expected).map(|old| Outcome::Deleted(old.id)),
        };
        outcome.map_err(|fault| self.faults.push((index, fault))).ok()
    }

    fn target(&mut self, id: ContactId, expected: &Expected) -> Result<Contact, OperationFault> {
        if !self.named.insert(id) {
            return Err(OperationFault::Repeated);
        }
        let contact = self.found.remove(&id).ok_or(OperationFault::NotFound)?;
        if expected.admits(contact.version) { Ok(contact) } else { Err(OperationFault::Stale) }
    }

    fn check(&self, draft: ContactDraft) -> Result<ContactDetails, OperationFault> {
        ContactDetails::check(draft, ContactDetails::last_birthday(self.now)).map_err(OperationFault::Invalid)
    }

    fn newcomer(&self, details: ContactDetails) -> Contact {
        let (id, now) = (ContactId(self.ports.ids.next_id()), self.now);
        Contact {
            id,
            owner: self.owner,
            details,
            photo: None,
            version: Version::FIRST,
            created_at: now,
            updated_at: now,
        }
    }
}
