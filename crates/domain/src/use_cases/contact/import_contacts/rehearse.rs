//! The dry run: a part is planned and drafted, and nothing is written.

use uuid::Uuid;

use super::{
    drafts::Drafts,
    entries::Part,
    import::Import,
    plan::{Photos, Step},
    stop::Stop,
};
use crate::{
    contact::{ChangeNumber, TakenNumbers},
    ids::ContactId,
    picture::PictureKey,
};

impl Import<'_> {
    pub(super) async fn rehearse(&mut self, part: Part) -> Result<(), Stop> {
        let mut plan = self.plan(&part);
        let created = plan.created().len();
        let room = usize::try_from(self.rehearsal.room).unwrap_or(usize::MAX);
        plan.give_up_last(created.saturating_sub(room), &mut self.book);
        self.rehearsal.new.extend(plan.created());
        self.rehearsal.room = u64::try_from(room.saturating_sub(created)).unwrap_or(u64::MAX);

        let changed = plan.changed().into_iter();
        let (known, stored): (Vec<ContactId>, Vec<ContactId>) =
            changed.partition(|id| self.rehearsal.contacts.contains_key(id));
        let mut found = match stored.as_slice() {
            [] => Vec::new(),
            stored => self.ports.store.held_contacts_among(self.owner, stored).await?,
        };
        found.extend(known.iter().filter_map(|id| self.rehearsal.contacts.get(id)).cloned());
        let photos = self.imagined_photos(&part, &plan.steps);
        let drafts = Drafts::new(&self.material(&part, &plan, &photos, found));
        let numbers = TakenNumbers { first: ChangeNumber(0), contacts: 0, own_limit: None };
        let written = drafts.written(self.owner, numbers, self.ports.clock.now());
        let contacts = written.created.iter().chain(&written.updated);
        self.rehearsal.contacts.extend(contacts.map(|contact| (contact.id, contact.clone())));
        self.learn_written(written);
        self.finish_part(part, drafts.outcomes);
        Ok(())
    }

    /// Photos that would be stored. Whether they are pictures is not checked.
    fn imagined_photos(&self, part: &Part, steps: &[Step]) -> Photos {
        let entries = part.entries.iter().zip(steps).enumerate();
        let with_photo =
            entries.filter(|(_, (entry, step))| entry.contact.photo.is_some() && step.needs_photo(&self.book));
        with_photo.map(|(position, _)| (position, Ok(PictureKey::photo(Uuid::nil())))).collect()
    }
}
