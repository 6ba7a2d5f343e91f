//! Groups of the file. They may stand before their members, so their tags are given at the end.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Import, Stop};
use crate::{
    contact::{
        ContactCard, UnreadableContact,
        import::{ImportedGroup, ItemAction, ItemError, PART_ENTRIES, ReportItem},
        received::CardUid,
    },
    error::StoreError,
    folding::fold_case,
    ids::ContactId,
};

/// Maximum number of members of all groups.
const MAX_MEMBERS: usize = 100_000;

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
}

/// Contact that gets tags, with the positions of its groups.
type Member = (ContactId, BTreeSet<usize>);

impl Import<'_> {
    /// Gives the members of all groups their tags, and reports the groups.
    pub(super) async fn tag_members(&mut self) -> Result<(), Stop> {
        let mut groups = std::mem::take(&mut self.groups);
        let members = self.members_without_tag(&groups);
        if self.options.is_dry_run {
            let updated: BTreeSet<usize> = members.into_iter().flat_map(|(_, positions)| positions).collect();
            mark_updated(&mut groups, updated);
        } else {
            for members in members.chunks(PART_ENTRIES) {
                self.tag(members, &mut groups).await?;
            }
        }
        self.items.extend(groups.groups.into_iter().map(|(_, item)| item));
        Ok(())
    }

    fn members_without_tag(&self, groups: &Groups) -> Vec<Member> {
        let mut members: BTreeMap<ContactId, BTreeSet<usize>> = BTreeMap::new();
        for (position, (group, _)) in groups.groups.iter().enumerate() {
            let folded = fold_case(group.tag.as_str());
            for uid in &group.members {
                let of_file = groups.contacts.get(uid).copied();
                let Some(id) = of_file.or_else(|| self.book.by_uid(uid)) else { continue };
                if self.book.contact(id).is_some_and(|contact| !contact.has_tag(&folded)) {
                    members.entry(id).or_default().insert(position);
                }
            }
        }
        members.into_iter().collect()
    }

    /// Tags some members in one unit of work.
    async fn tag(&self, members: &[Member], groups: &mut Groups) -> Result<(), Stop> {
        let now = self.ports.clock.now();
        let mut unit = self.ports.store.begin().await?;
        let numbers = u64::try_from(members.len()).unwrap_or(u64::MAX);
        let taken = unit.take_change_numbers(self.owner, numbers, 0).await?.ok_or(Stop::OwnerNotFound)?;
        let ids: Vec<ContactId> = members.iter().map(|(id, _)| *id).collect();
        let found = unit.lock_contacts(self.owner, &ids).await?;
        let found: HashMap<ContactId, _> = found.into_iter().map(|contact| (contact.id, contact)).collect();
        let (mut changed, mut updated) = (Vec::new(), BTreeSet::new());
        for (id, positions) in members {
            let Some(contact) = found.get(id) else { continue };
            let card =
                contact.parsed_card().map_err(|UnreadableContact(id)| StoreError::from(UnreadableContact(id)))?;
            let tags =
                positions.iter().filter_map(|position| groups.groups.get(*position)).map(|(group, _)| &group.tag);
            let tags = card.tags.iter().chain(tags).cloned().collect();
            match (ContactCard { tags, ..card }).check(ContactCard::last_birthday(now)) {
                Ok(card) => {
                    if let Some(contact) = contact.with_card(&card, taken.number(changed.len()), now) {
                        changed.push(contact);
                        updated.extend(positions);
                    }
                }
                Err(errors) => {
                    let errors: Vec<ItemError> = errors.into_iter().map(ItemError::Value).collect();
                    report_errors(groups, positions, &errors);
                }
            }
        }
        if !changed.is_empty() {
            unit.update_contacts(&changed).await?;
            unit.commit().await?;
        }
        mark_updated(groups, updated);
        Ok(())
    }
}

fn mark_updated(groups: &mut Groups, positions: impl IntoIterator<Item = usize>) {
    for position in positions {
        if let Some((_, item)) = groups.groups.get_mut(position) {
            item.action = ItemAction::Updated;
        }
    }
}

fn report_errors(groups: &mut Groups, positions: &BTreeSet<usize>, errors: &[ItemError]) {
    for position in positions {
        if let Some((_, item)) = groups.groups.get_mut(*position) {
            let room = ReportItem::MAX_ERRORS.saturating_sub(item.errors.len());
            item.errors.extend(errors.iter().take(room).cloned());
        }
    }
}
