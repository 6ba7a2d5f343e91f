//! Gives the members of the groups of a file their tags.

use std::collections::{BTreeSet, HashMap};

use super::{
    groups::{Groups, Member},
    import::Import,
    stop::Stop,
};
use crate::{
    contact::{
        Birthday, ContactCard,
        import::{ItemError, PART_ENTRIES},
    },
    error::StoreError,
    ids::ContactId,
};

impl Import<'_> {
    /// Gives the members of all groups their tags, and reports the groups.
    pub(super) async fn tag_members(&mut self) -> Result<(), Stop> {
        let mut groups = std::mem::take(&mut self.groups);
        let members = groups.members_without_tag(&self.book);
        if self.options.is_dry_run {
            groups.mark_updated(&members.into_iter().flat_map(|(_, positions)| positions).collect());
        } else {
            for members in members.chunks(PART_ENTRIES) {
                self.tag(members, &mut groups).await?;
            }
        }
        self.items.extend(groups.into_items());
        Ok(())
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
            let card = contact.parsed_card().map_err(StoreError::from)?;
            let tags = card.tags.iter().chain(groups.tags(positions)).cloned().collect();
            match (ContactCard { tags, ..card }).check(Birthday::latest(now)) {
                Ok(card) => {
                    if let Some(contact) = contact.with_card(&card, taken.number(changed.len()), now) {
                        changed.push(contact);
                        updated.extend(positions);
                    }
                }
                Err(errors) => {
                    let errors: Vec<ItemError> = errors.into_iter().map(ItemError::Value).collect();
                    groups.report_errors(positions, &errors);
                }
            }
        }
        if !changed.is_empty() {
            unit.update_contacts(&changed).await?;
            unit.commit().await?;
        }
        groups.mark_updated(&updated);
        Ok(())
    }
}
