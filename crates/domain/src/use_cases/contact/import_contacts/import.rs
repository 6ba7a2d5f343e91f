//! The state of an import.

use std::collections::{HashMap, HashSet};

use super::{
    drafts::{Material, Written},
    entries::{Outcome, Part},
    groups::Groups,
    plan::{Photos, Plan},
};
use crate::{
    contact::{
        Contact,
        import::{ImportOptions, ImportReport, ItemAction, ReportItem, address_book::AddressBook},
    },
    idempotency::IdempotencyKey,
    ids::{ContactId, UserId},
    ports::Ports,
};

/// Contacts as a dry run would leave them.
#[derive(Default)]
pub(super) struct Rehearsal {
    pub(super) contacts: HashMap<ContactId, Contact>,
    pub(super) new: HashSet<ContactId>,
    /// Number of contacts that can still be created.
    pub(super) room: u64,
}

impl Rehearsal {
    /// Returns true for a contact that does not exist.
    pub(super) fn is_new(&self, contact: ContactId) -> bool {
        self.new.contains(&contact)
    }
}

/// An import in progress.
pub(super) struct Import<'a> {
    pub(super) ports: &'a Ports,
    pub(super) owner: UserId,
    pub(super) options: ImportOptions,
    pub(super) key: Option<&'a IdempotencyKey>,
    /// Maximum number of contacts of the owner.
    pub(super) limit: u64,
    pub(super) rehearsal: Rehearsal,
    pub(super) book: AddressBook,
    pub(super) groups: Groups,
    pub(super) parts: usize,
    pub(super) items: Vec<ReportItem>,
}

impl<'a> Import<'a> {
    pub(super) fn new(
        ports: &'a Ports,
        owner: UserId,
        options: ImportOptions,
        key: Option<&'a IdempotencyKey>,
    ) -> Self {
        let (rehearsal, book, groups) = (Rehearsal::default(), AddressBook::default(), Groups::default());
        Self { ports, owner, options, key, limit: 0, rehearsal, book, groups, parts: 0, items: Vec::new() }
    }

    pub(super) fn plan(&mut self, part: &Part) -> Plan {
        let ids = &self.ports.ids;
        Plan::new(part, &mut self.book, self.options.mode, || ContactId(ids.next_id()))
    }

    pub(super) fn material<'m>(
        &'m self,
        part: &'m Part,
        plan: &'m Plan,
        photos: &'m Photos,
        found: Vec<Contact>,
    ) -> Material<'m> {
        let (entries, book, limit, now) = (&*part.entries, &self.book, self.limit, self.ports.clock.now());
        Material { entries, plan, photos, book, found, limit, now }
    }

    pub(super) fn learn_written(&mut self, written: Written) {
        for (id, contact) in written.known {
            self.book.put(id, contact);
        }
    }

    /// Reports a part, and remembers the contacts of its UIDs for the groups.
    pub(super) fn finish_part(&mut self, part: Part, outcomes: Vec<Outcome>) {
        for (entry, outcome) in part.entries.iter().zip(&outcomes) {
            let contact = outcome.contact.filter(|_| outcome.action != ItemAction::Failed);
            if let Some((uid, contact)) = entry.contact.uid.as_ref().zip(contact) {
                self.groups.add_contact(uid.clone(), contact);
            }
        }
        let rehearsal = &self.rehearsal;
        let items = part.reported(outcomes).map(|mut item| {
            item.contact = item.contact.filter(|contact| !rehearsal.is_new(*contact));
            item
        });
        self.items.extend(items);
    }

    /// Returns the report of everything that is done.
    pub(super) fn report(self) -> ImportReport {
        let mut items = self.items;
        items.sort_by_key(|item| item.index);
        for item in &mut items {
            item.errors.truncate(ReportItem::MAX_ERRORS);
        }
        ImportReport { items }
    }
}
