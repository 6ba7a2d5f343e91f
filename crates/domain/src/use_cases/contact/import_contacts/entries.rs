//! The entries of a part, divided by what they are.

use super::groups::Groups;
use crate::{
    contact::{
        import::{EntryContent, ImportEntry, ImportedContact, ItemAction, ItemError, ReportItem},
        same_person::ContactKeys,
    },
    ids::ContactId,
};

/// Entry of a contact.
pub(super) struct ContactEntry {
    index: usize,
    line: usize,
    name: Option<String>,
    pub(super) contact: ImportedContact,
    pub(super) keys: ContactKeys,
}

/// Contacts of a part. Everywhere in this use case, the position of an entry is that in this list.
pub(super) struct Part {
    pub(super) entries: Vec<ContactEntry>,
}

/// Action and errors of the entry at a position.
pub(super) struct Outcome {
    pub(super) action: ItemAction,
    pub(super) contact: Option<ContactId>,
    pub(super) errors: Vec<ItemError>,
}

impl Outcome {
    pub(super) fn done(action: ItemAction, contact: ContactId) -> Self {
        Self { action, contact: Some(contact), errors: Vec::new() }
    }

    pub(super) fn failed(errors: Vec<ItemError>) -> Self {
        Self { action: ItemAction::Failed, contact: None, errors }
    }
}

impl Part {
    /// Returns the contacts. Adds the groups to the others, and reports the entries with errors.
    pub(super) fn divided(entries: Vec<ImportEntry>, groups: &mut Groups, items: &mut Vec<ReportItem>) -> Self {
        let mut contacts = Vec::with_capacity(entries.len());
        for ImportEntry { index, line, name, content } in entries {
            match content {
                Ok(EntryContent::Contact(contact)) => {
                    let keys = ContactKeys::of(contact.card.card());
                    contacts.push(ContactEntry { index, line, name, contact: *contact, keys });
                }
                Ok(EntryContent::Group(group)) => {
                    let item = ReportItem {
                        index,
                        line,
                        name: name.or_else(|| Some(group.tag.as_str().to_owned())),
                        action: ItemAction::Skipped,
                        contact: None,
                        errors: Vec::new(),
                    };
                    groups.add(group, item);
                }
                Err(error) => {
                    let errors = ItemError::of_entry(error);
                    items.push(ReportItem { index, line, name, action: ItemAction::Failed, contact: None, errors });
                }
            }
        }
        Self { entries: contacts }
    }

    /// Returns the items of the report. Those of written contacts also have the values that were left out.
    pub(super) fn reported(self, outcomes: Vec<Outcome>) -> impl Iterator<Item = ReportItem> {
        self.entries.into_iter().zip(outcomes).map(|(entry, outcome)| {
            let Outcome { action, contact, mut errors } = outcome;
            if matches!(action, ItemAction::Created | ItemAction::Updated) {
                errors.extend(entry.contact.left_out.into_iter().map(ItemError::Value));
            }
            ReportItem { index: entry.index, line: entry.line, name: entry.name, action, contact, errors }
        })
    }
}
