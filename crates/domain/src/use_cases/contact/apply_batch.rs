//! Applies a batch: up to 200 changes of contacts, together or not at all.

use std::collections::{HashMap, HashSet};

use crate::{
    contact::{
        CardError, CardPatch, ChangeNumber, Contact, Expected, PatchError, TakenNumbers, UnreadableContact,
        batch::{MAX_OPERATIONS, Operation, Outcome},
    },
    error::StoreError,
    idempotency::{IdempotencyKeyError, Idempotent},
    ids::{ContactId, UserId},
    ports::Ports,
    store::UnitOfWork,
    time::Timestamp,
    use_cases::steps::move_to_trash,
};

/// Result of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// One outcome per operation, in the order of the operations.
    pub outcomes: Vec<Outcome>,
    /// True when an earlier request with the same key did the work. Then nothing was changed now, and the outcomes show
    /// the current contacts.
    pub is_replay: bool,
}

/// Errors of one operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperationError {
    /// The owner has no such contact.
    NotFound,
    /// The contact was changed after the client read it.
    Stale,
    /// An earlier operation of the batch has the same contact.
    Repeated,
    /// The changed card is invalid.
    Invalid(Vec<CardError>),
    /// The new contact would exceed the limit.
    LimitReached {
        /// The maximum number of contacts.
        limit: u64,
    },
}

/// Errors of [`apply_batch`]. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ApplyBatchError {
    /// Some operations are invalid. Each error has the index of its operation, from 0, in ascending order.
    #[error("the batch is not valid")]
    Rejected(Vec<(usize, OperationError)>),
    /// The idempotency key was used for another request, or its result is no longer available.
    #[error(transparent)]
    Key(#[from] IdempotencyKeyError),
    /// The batch has more than [`MAX_OPERATIONS`] operations, or none.
    #[error("a batch has from 1 to {MAX_OPERATIONS} operations")]
    WrongLength,
    /// The owner was deleted.
    #[error("no such user")]
    OwnerNotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Applies all operations, or none of them. Each contact may appear once, so the order of the operations does not
/// matter. The contact limit applies to the number of contacts after the whole batch.
///
/// The number of statements is constant; it does not grow with the number of operations. With an idempotency key the
/// same request is applied once; a rejected request leaves its key unused.
///
/// # Errors
/// See [`ApplyBatchError`]; the errors of all operations are returned together.
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
    let added: i64 = operations.iter().map(Operation::added_contacts).sum();
    let numbers = u64::try_from(operations.len()).unwrap_or(u64::MAX);
    let taken = unit.take_change_numbers(owner, numbers, added).await?.ok_or(ApplyBatchError::OwnerNotFound)?;
    if let Some(outcomes) = replayed_outcomes(&mut *unit, owner, &operations, idempotent, now).await? {
        return Ok(Applied { outcomes, is_replay: true });
    }
    let policy = ports.policy.with_contact_limit(taken.own_limit);
    let targets: HashSet<ContactId> = operations.iter().filter_map(Operation::target).collect();
    let found = unit.lock_contacts(owner, &targets.into_iter().collect::<Vec<_>>()).await?;
    let mut plan = Plan {
        ports,
        owner,
        now,
        taken,
        found: found.into_iter().map(|contact| (contact.id, contact)).collect(),
        targeted: HashSet::new(),
        errors: Vec::new(),
    };
    let mut outcomes = Vec::with_capacity(operations.len());
    for (index, operation) in operations.into_iter().enumerate() {
        outcomes.extend(plan.outcome(index, operation)?);
    }
    if plan.errors.is_empty() {
        plan.errors = creations_beyond_limit(&outcomes, taken.contacts, policy.contact_limit);
    }
    if !plan.errors.is_empty() {
        return Err(ApplyBatchError::Rejected(plan.errors));
    }
    write(&Ports { policy, ..ports.clone() }, &mut *unit, owner, taken, &outcomes).await?;
    if let Some(idempotent) = idempotent {
        let done = idempotent.result(outcomes.iter().map(Outcome::contact_id).collect(), now);
        unit.remember_idempotency_key(owner, &idempotent.key, &done).await?;
    }
    // A batch that changes nothing takes no numbers.
    if idempotent.is_some() || outcomes.iter().any(Outcome::is_change) {
        unit.commit().await?;
    }
    Ok(Applied { outcomes, is_replay: false })
}

/// Returns the outcomes of an earlier request with the same key, with the current contacts.
async fn replayed_outcomes(
    unit: &mut dyn UnitOfWork,
    owner: UserId,
    operations: &[Operation],
    idempotent: Option<&Idempotent>,
    now: Timestamp,
) -> Result<Option<Vec<Outcome>>, ApplyBatchError> {
    let Some(idempotent) = idempotent else { return Ok(None) };
    let known = unit.find_idempotency_key(owner, &idempotent.key).await?;
    let Some(ids) = idempotent.earlier_contacts(known, now)? else { return Ok(None) };
    let found = unit.lock_contacts(owner, &ids).await?;
    let mut found: HashMap<ContactId, Contact> = found.into_iter().map(|contact| (contact.id, contact)).collect();
    let mut outcome = |(operation, id): (&Operation, ContactId)| match operation {
        Operation::Create(_) => found.remove(&id).map(Outcome::Created),
        Operation::Update(..) => found.remove(&id).map(Outcome::Updated),
        Operation::Delete(..) => Some(Outcome::Deleted(id)),
    };
    // The request is the same, so its operations match the stored ids.
    let outcomes: Option<Vec<Outcome>> = operations.iter().zip(ids).map(&mut outcome).collect();
    Ok(Some(outcomes.ok_or(IdempotencyKeyError::Spent)?))
}

/// Returns an error for each new contact beyond the limit: the last ones, in the order of the operations. `count` is the
/// number of contacts after the batch.
fn creations_beyond_limit(outcomes: &[Outcome], count: u64, limit: u64) -> Vec<(usize, OperationError)> {
    let created = outcomes.iter().enumerate().filter(|(_, outcome)| matches!(outcome, Outcome::Created(_)));
    let beyond = usize::try_from(count.saturating_sub(limit)).unwrap_or(usize::MAX);
    let mut errors: Vec<_> =
        created.rev().take(beyond).map(|(index, _)| (index, OperationError::LimitReached { limit })).collect();
    errors.reverse();
    errors
}

async fn write(
    ports: &Ports,
    unit: &mut dyn UnitOfWork,
    owner: UserId,
    taken: TakenNumbers,
    outcomes: &[Outcome],
) -> Result<(), StoreError> {
    let (mut created, mut updated, mut deleted) = (Vec::new(), Vec::new(), Vec::new());
    for (index, outcome) in outcomes.iter().enumerate() {
        match outcome {
            Outcome::Created(contact) => created.push(contact.clone()),
            Outcome::Updated(contact) => updated.push(contact.clone()),
            Outcome::Unchanged(_) => {}
            Outcome::Deleted(id) => deleted.push((*id, taken.number(index))),
        }
    }
    unit.insert_contacts(&created).await?;
    unit.update_contacts(&updated).await?;
    if deleted.is_empty() { Ok(()) } else { move_to_trash(ports, unit, owner, &deleted).await }
}

/// Outcomes of the operations, each checked independently of the others.
struct Plan<'a> {
    ports: &'a Ports,
    owner: UserId,
    now: Timestamp,
    taken: TakenNumbers,
    found: HashMap<ContactId, Contact>,
    targeted: HashSet<ContactId>,
    errors: Vec<(usize, OperationError)>,
}

impl Plan<'_> {
    /// Returns the outcome of an operation. When it is rejected, stores the error and returns `None`.
    fn outcome(&mut self, index: usize, operation: Operation) -> Result<Option<Outcome>, StoreError> {
        let change = self.taken.number(index);
        let outcome = match operation {
            Operation::Create(card) => {
                let id = ContactId(self.ports.ids.next_id());
                Ok(Outcome::Created(Contact::new(id, self.owner, &card, change, self.now)))
            }
            Operation::Update(id, expected, patch) => match self.target(id, &expected) {
                Ok(old) => self.patched(old, patch, change)?,
                Err(error) => Err(error),
            },
            Operation::Delete(id, expected) => self.target(id, &expected).map(|old| Outcome::Deleted(old.id)),
        };
        Ok(outcome.map_err(|error| self.errors.push((index, error))).ok())
    }

    fn patched(
        &self,
        old: Contact,
        patch: CardPatch,
        change: ChangeNumber,
    ) -> Result<Result<Outcome, OperationError>, StoreError> {
        match patch.apply(&old.card) {
            Ok(card) => {
                Ok(Ok(old.with_card(&card, change, self.now).map_or(Outcome::Unchanged(old), Outcome::Updated)))
            }
            Err(PatchError::Invalid(errors)) => Ok(Err(OperationError::Invalid(errors))),
            Err(PatchError::Unreadable(_)) => Err(UnreadableContact(old.id).into()),
        }
    }

    fn target(&mut self, id: ContactId, expected: &Expected) -> Result<Contact, OperationError> {
        if !self.targeted.insert(id) {
            return Err(OperationError::Repeated);
        }
        let contact = self.found.remove(&id).ok_or(OperationError::NotFound)?;
        if expected.admits(contact.change) { Ok(contact) } else { Err(OperationError::Stale) }
    }
}
