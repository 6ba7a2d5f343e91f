//! Groups of the file. They may stand before their members, so their tags are given at the end.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{
    contact::{
        Tag,
        import::{ImportedGroup, ItemAction, ItemError, ReportItem, address_book::AddressBook},
        received::CardUid,
    },
    folding::fold_case,
    ids::ContactId,
};

/// Maximum number of members of all groups.
const MAX_MEMBERS: usize = 100_000;

/// Contact that gets tags, with the positions of its groups.
pub(super) type Member = (ContactId, BTreeSet<usize>);

/// Groups of the file, and the contacts of its UIDs.
#[derive(Default)]
pub(super) struct Groups {
    groups: Vec<(ImportedGroup, ReportItem)>,
    members: usize,
    contacts: HashMap<CardUid, ContactId>,
}

impl Groups {
    pub(super) fn len(&self) -> usize {
        self.groups.len()
    }

    /// Adds a group with its item of the report.
    pub(super) fn add(&mut self, mut group: ImportedGroup, mut item: ReportItem) {
        self.members = self.members.saturating_add(group.members.len());
        if self.members > MAX_MEMBERS {
            group.members = Vec::new();
            item.action = ItemAction::Failed;
            item.errors = vec![ItemError::TooManyMembers];
        }
        self.groups.push((group, item));
    }

    /// Adds a contact of the file. Of two with one UID the first is meant.
    pub(super) fn add_contact(&mut self, uid: CardUid, contact: ContactId) {
        self.contacts.entry(uid).or_insert(contact);
    }

    /// Returns the contacts of the groups that do not have the tags yet.
    pub(super) fn members_without_tag(&self, book: &AddressBook) -> Vec<Member> {
        let mut members: BTreeMap<ContactId, BTreeSet<usize>> = BTreeMap::new();
        for (position, (group, _)) in self.groups.iter().enumerate() {
            let folded = fold_case(group.tag.as_str());
            for uid in &group.members {
                let of_file = self.contacts.get(uid).copied();
                let Some(id) = of_file.or_else(|| book.by_uid(uid)) else { continue };
                if book.contact(id).is_some_and(|contact| !contact.has_tag(&folded)) {
                    members.entry(id).or_default().insert(position);
                }
            }
        }
        members.into_iter().collect()
    }

    /// Returns the tags of the groups at these positions.
    pub(super) fn tags<'a>(&'a self, positions: &'a BTreeSet<usize>) -> impl Iterator<Item = &'a Tag> {
        positions.iter().filter_map(|position| self.groups.get(*position)).map(|(group, _)| &group.tag)
    }

    pub(super) fn mark_updated(&mut self, positions: &BTreeSet<usize>) {
        for position in positions {
            if let Some((_, item)) = self.groups.get_mut(*position) {
                item.action = ItemAction::Updated;
            }
        }
    }

    pub(super) fn report_errors(&mut self, positions: &BTreeSet<usize>, errors: &[ItemError]) {
        for position in positions {
            if let Some((_, item)) = self.groups.get_mut(*position) {
                let room = ReportItem::MAX_ERRORS.saturating_sub(item.errors.len());
                item.errors.extend(errors.iter().take(room).cloned());
            }
        }
    }

    /// Returns the items of the report.
    pub(super) fn into_items(self) -> impl Iterator<Item = ReportItem> {
        self.groups.into_iter().map(|(_, item)| item)
    }
}
