//! Steps that change several contacts: imports and batches.

use std::collections::BTreeSet;

use domain::{
    contact::{
        Contact, ContactCard, Expected,
        batch::{Operation, Outcome},
        import::{ImportMode, ImportOptions, ImportedContact, ItemAction, ReportItem},
    },
    ids::ContactId,
    use_cases::contact::{Importer, apply_batch, import_contacts},
};
use proptest::prelude::*;
use serde_json::json;

use super::walk::{Walk, picture, plain_card};
use crate::{
    TestEnvironment,
    import_file::{ImportFile, imported, with_uid},
    samples,
};

/// A change of several contacts.
#[derive(Debug, Clone)]
pub(super) enum BulkStep {
    Import {
        first: usize,
        number: usize,
        with_uid: bool,
        photo: Option<usize>,
        mode: ImportMode,
    },
    /// Creates, patches and deletes at once.
    Batch {
        created: usize,
        patched: usize,
        deleted: usize,
        name: usize,
    },
}

pub(super) fn bulk_steps() -> impl Strategy<Value = BulkStep> {
    let (index, name, photo) = (0usize..12, 0usize..4, prop::option::of(0usize..2));
    let mode = prop::sample::select(ImportMode::ALL.to_vec());
    prop_oneof![
        1 => (name.clone(), 1usize..4, any::<bool>(), photo, mode).prop_map(
            |(first, number, with_uid, photo, mode)| BulkStep::Import { first, number, with_uid, photo, mode }
        ),
        1 => (0usize..3, index.clone(), index, name)
            .prop_map(|(created, patched, deleted, name)| BulkStep::Batch { created, patched, deleted, name }),
    ]
}

/// Returns an entry of a file.
fn entry(name: usize, has_uid: bool, photo: Option<usize>) -> ImportedContact {
    let card = plain_card(name).card().clone();
    let contact = if has_uid { with_uid(&format!("uid-{}", name % 4), card) } else { imported(card) };
    ImportedContact { photo: photo.map(|photo| picture(photo).into_bytes()), ..contact }
}

/// Returns the photo of an entry.
fn photo_of(entry: &ImportedContact) -> Option<String> {
    entry.photo.clone().map(|photo| String::from_utf8(photo).unwrap())
}

impl Walk<'_> {
    /// Returns the contacts of the answer. An import answers with their ids only.
    pub(super) async fn bulk_step(&mut self, step: BulkStep) -> Vec<Contact> {
        match step {
            BulkStep::Import { first, number, with_uid, photo, mode } => {
                let entries: Vec<_> = (first..first + number).map(|name| entry(name, with_uid, photo)).collect();
                self.import(&entries, mode).await;
                Vec::new()
            }
            BulkStep::Batch { created, patched, deleted, name } => self.batch(created, patched, deleted, name).await,
        }
    }

    async fn import(&mut self, entries: &[ImportedContact], mode: ImportMode) {
        let recognized = self.recognized(entries, mode).await;
        let mut file = ImportFile::of(entries.to_vec());
        let importer = Importer { owner: self.owner, client: &TestEnvironment::client() };
        let options = ImportOptions { mode, is_dry_run: false };
        let report = import_contacts(self.ports(), importer, &mut file, options, None).await.unwrap();
        assert_eq!(report.items.len(), entries.len());
        for ((entry, recognized), item) in entries.iter().zip(&recognized).zip(&report.items) {
            self.imported(entry, recognized, mode, item);
        }
    }

    /// Returns for each entry the contacts that it may be recognized as: those with its UID, else those with its card.
    ///
    /// The entries of a file have different UIDs and cards, so none is recognized as a contact that the file creates.
    async fn recognized(&self, entries: &[ImportedContact], mode: ImportMode) -> Vec<BTreeSet<ContactId>> {
        if mode == ImportMode::Add {
            return vec![BTreeSet::new(); entries.len()];
        }
        let uids = self.ports().store.uids_of(self.owner).await.unwrap();
        let contacts_of = |entry: &ImportedContact| {
            let same_uid = uids.iter().filter(|(_, uid)| entry.uid.as_ref() == Some(uid)).map(|(id, _)| *id);
            let same_uid: BTreeSet<ContactId> = same_uid.collect();
            if same_uid.is_empty() { self.model.with_card(entry.card.card()) } else { same_uid }
        };
        entries.iter().map(contacts_of).collect()
    }

    /// Adds an entry to the model, and compares its item of the report.
    fn imported(
        &mut self,
        entry: &ImportedContact,
        recognized: &BTreeSet<ContactId>,
        mode: ImportMode,
        item: &ReportItem,
    ) {
        let Some(id) = item.contact else { panic!("{item:?}") };
        let (card, photo) = (entry.card.card(), photo_of(entry));
        let action = if recognized.is_empty() {
            self.model.create(id, card.clone(), photo);
            ItemAction::Created
        } else {
            assert!(recognized.contains(&id), "{id} instead of one of {recognized:?}");
            let is_updated = mode == ImportMode::Update && self.model.unite(id, card, photo);
            if is_updated { ItemAction::Updated } else { ItemAction::Skipped }
        };
        assert_eq!(item.action, action, "{item:?}");
        assert!(item.errors.is_empty(), "{item:?}");
    }

    async fn batch(&mut self, created: usize, patched: usize, deleted: usize, name: usize) -> Vec<Contact> {
        let mut operations: Vec<Operation> =
            (0..created).map(|_| Operation::Create(Box::new(plain_card(name)))).collect();
        let (patched, deleted) = (self.model.contact(patched), self.model.contact(deleted));
        let notes = format!("{name}");
        let patch = samples::patch(json!({"notes": notes}));
        operations.extend(patched.map(|id| Operation::Update(id, Expected::Any, patch)));
        let deleted = deleted.filter(|id| Some(*id) != patched);
        operations.extend(deleted.map(|id| Operation::Delete(id, Expected::Any)));
        if operations.is_empty() {
            return Vec::new();
        }
        let outcomes = apply_batch(self.ports(), self.owner, operations, None).await.unwrap().outcomes;
        assert_eq!(outcomes.len(), created + usize::from(patched.is_some()) + usize::from(deleted.is_some()));
        let (mut outcomes, mut answer) = (outcomes.into_iter(), Vec::new());
        for outcome in outcomes.by_ref().take(created) {
            match outcome {
                Outcome::Created(contact) => {
                    self.model.create(contact.id, plain_card(name).card().clone(), None);
                    answer.push(contact);
                }
                other => panic!("{other:?}"),
            }
        }
        if let Some(id) = patched {
            let notes = Some(notes.parse().unwrap());
            let is_changed = self.model.edit(id, |old| ContactCard { notes, ..old });
            match outcomes.next() {
                Some(Outcome::Updated(contact)) if is_changed && contact.id == id => answer.push(contact),
                Some(Outcome::Unchanged(contact)) if !is_changed && contact.id == id => answer.push(contact),
                other => panic!("{other:?}"),
            }
        }
        if let Some(id) = deleted {
            assert_eq!(outcomes.next(), Some(Outcome::Deleted(id)));
            self.model.delete(id);
        }
        answer
    }
}
