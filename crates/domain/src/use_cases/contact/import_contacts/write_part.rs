//! Writes a part in one unit of work, or rehearses it.

use super::{
    drafts::{Drafts, Written},
    entries::{Outcome, Part},
    import::Import,
    plan::{Photos, Plan},
    replay::EarlierPart,
    stop::Stop,
};
use crate::{
    contact::{ChangeNumber, TakenNumbers},
    idempotency::Idempotent,
    store::UnitOfWork,
};

/// Number of times that a plan is made again because another unit has written to the address book. After that the part is
/// written as planned: a contact that another program creates at the same moment may then exist twice.
const REPLANS: usize = 8;

/// Outcome of an attempt to write a part.
enum Attempt {
    /// The part is written.
    Written(Vec<Outcome>),
    /// Another unit has written to the address book since it was read.
    Outdated,
    /// An earlier request with the same key has written the part.
    Repeated(EarlierPart),
}

impl Import<'_> {
    /// Writes a part, or rehearses it.
    pub(super) async fn write(&mut self, mut part: Part, idempotent: Option<&Idempotent>) -> Result<(), Stop> {
        if self.options.is_dry_run {
            return self.rehearse(part).await;
        }
        let mut photos = Photos::new();
        let mut replans = 0;
        loop {
            let plan = self.plan(&part);
            self.store_photos(&mut part, &plan, &mut photos).await?;
            match self.attempt(&part, plan, &photos, idempotent, replans == REPLANS).await? {
                Attempt::Written(outcomes) => {
                    self.finish_part(part, outcomes);
                    return Ok(());
                }
                Attempt::Repeated(earlier) => return self.replay(part, earlier).await,
                Attempt::Outdated => {
                    replans += 1;
                    self.catch_up().await?;
                }
            }
        }
    }

    async fn attempt(
        &mut self,
        part: &Part,
        mut plan: Plan,
        photos: &Photos,
        idempotent: Option<&Idempotent>,
        is_last: bool,
    ) -> Result<Attempt, Stop> {
        let (created, changed) = (plan.created().len(), plan.changed());
        let numbers = created + changed.len();
        if numbers == 0 && idempotent.is_none() {
            let drafts = Drafts::new(&self.material(part, &plan, photos, Vec::new()));
            return Ok(Attempt::Written(drafts.outcomes));
        }
        let mut unit = self.ports.store.begin().await?;
        let taken = unit.take_change_numbers(self.owner, unsigned(numbers), signed(created)).await?;
        let taken = taken.ok_or(Stop::OwnerNotFound)?;
        let is_current = taken.first.0 == self.book.newest.0.saturating_add(1);
        if !is_current && !is_last {
            plan.undo(&mut self.book);
            return Ok(Attempt::Outdated);
        }
        if let Some(earlier) = self.earlier_part(&mut *unit, idempotent).await? {
            plan.undo(&mut self.book);
            return Ok(Attempt::Repeated(earlier));
        }
        self.give_up_beyond_limit(&mut *unit, &mut plan, taken).await?;
        let found = unit.lock_contacts(self.owner, &changed.into_iter().collect::<Vec<_>>()).await?;
        let mut drafts = Drafts::new(&self.material(part, &plan, photos, found));
        let photos = drafts.photos();
        if !photos.is_empty() {
            drafts.retain_photos(&unit.claim_pictures(&photos).await?);
        }
        let written = self.write_drafts(unit, &drafts, taken, idempotent).await?;
        if is_current && (idempotent.is_some() || !written.known.is_empty()) {
            self.book.newest = ChangeNumber(self.book.newest.0.saturating_add(signed(numbers)));
        }
        self.learn_written(written);
        Ok(Attempt::Written(drafts.outcomes))
    }

    /// Writes the drafts, and remembers the key of the part. A part without changes and key takes no numbers.
    async fn write_drafts(
        &self,
        mut unit: Box<dyn UnitOfWork>,
        drafts: &Drafts,
        taken: TakenNumbers,
        idempotent: Option<&Idempotent>,
    ) -> Result<Written, Stop> {
        let now = self.ports.clock.now();
        let written = drafts.written(self.owner, taken, now);
        unit.insert_contacts(&written.created).await?;
        unit.update_contacts(&written.updated).await?;
        unit.put_received_cards(self.owner, &written.cards).await?;
        if let Some(idempotent) = idempotent {
            let done = idempotent.result(EarlierPart::contacts(&drafts.outcomes), now);
            unit.remember_idempotency_key(self.owner, &idempotent.key, &done).await?;
        }
        if idempotent.is_some() || !written.known.is_empty() {
            unit.commit().await?;
        }
        Ok(written)
    }

    /// Gives up the last new contacts of a plan that pass the limit, and corrects the count.
    async fn give_up_beyond_limit(
        &mut self,
        unit: &mut dyn UnitOfWork,
        plan: &mut Plan,
        taken: TakenNumbers,
    ) -> Result<(), Stop> {
        self.limit = self.ports.policy.with_contact_limit(taken.own_limit).contact_limit;
        let beyond = usize::try_from(taken.contacts.saturating_sub(self.limit)).unwrap_or(usize::MAX);
        let beyond = beyond.min(plan.created().len());
        if beyond > 0 {
            unit.take_change_numbers(self.owner, 0, -signed(beyond)).await?;
            plan.give_up_last(beyond, &mut self.book);
        }
        Ok(())
    }
}

fn unsigned(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn signed(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
