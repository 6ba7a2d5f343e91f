//! Reads the address book of an import, and follows its changes.

use super::{import::Import, stop::Stop};
use crate::contact::{
    ChangeNumber, Contact,
    changes::Change,
    import::address_book::{AddressBook, KnownContact},
    part::length,
    received::CardUid,
    same_person::ContactKeys,
};

/// Number of changes that are read at once.
const CHANGES: u64 = 200;

impl Import<'_> {
    /// Reads the changes since the last call: at first all contacts. Each change of a group is a change, too.
    pub(super) async fn catch_up(&mut self) -> Result<(), Stop> {
        // Deletions up to this number are known. At first none is known, and no contact is either.
        let mut known = self.book.newest;
        loop {
            let after = self.book.newest;
            let changes = self.ports.store.changes_after(self.owner, after, CHANGES).await?;
            let changes = changes.ok_or(Stop::OwnerNotFound)?;
            if after == ChangeNumber(0) {
                known = changes.newest;
            } else if changes.floor > known {
                // Deletions since then are no longer recorded.
                self.book = AddressBook::default();
                continue;
            }
            let is_last = length(&changes.items) < CHANGES;
            let last = changes.items.last().map_or(changes.newest, |change| change.number);
            for change in changes.items {
                self.learn(change);
            }
            self.book.newest = if is_last { changes.newest } else { last };
            if is_last {
                break;
            }
        }
        for (contact, uid) in self.ports.store.uids_of(self.owner).await? {
            self.book.set_uid(contact, uid);
        }
        self.book.set_group_uids(self.ports.store.group_uids_of(self.owner).await?);
        Ok(())
    }

    fn learn(&mut self, change: Change) {
        // A contact whose card cannot be read is not recognized.
        let readable = change.contact.and_then(|contact| known(&contact));
        match readable {
            Some(known) => self.book.put(change.id, known),
            None => self.book.remove(change.id),
        }
    }
}

fn known(contact: &Contact) -> Option<KnownContact> {
    let card = contact.parsed_card().ok()?;
    let keys = ContactKeys::of(&card);
    Some(KnownContact::new(CardUid::of_contact(contact.id), &card, keys).having(contact.photo.is_some(), false))
}
