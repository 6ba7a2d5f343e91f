//! Idempotency of a part: its key, and the fingerprint of its entries.

use sha2::{Digest as _, Sha256};

use crate::{
    contact::import::{EntryContent, EntryError, ImportEntry, ImportOptions},
    idempotency::{Fingerprint, IdempotencyKey, Idempotent},
};

/// Name of the operation in the fingerprints.
const OPERATION: &str = "POST /api/contacts/import";

/// Returns the key of a part, and a fingerprint of its entries and of the options.
pub(super) fn part_key(
    key: &IdempotencyKey,
    part: usize,
    options: ImportOptions,
    entries: &[ImportEntry],
) -> Idempotent {
    let mut digest = PartDigest::default();
    digest.add(options.mode.as_str().as_bytes());
    digest.add(&[u8::from(options.is_dry_run)]);
    for entry in entries {
        digest.add_entry(entry);
    }
    let body: [u8; 32] = digest.0.finalize().into();
    Idempotent { key: key.of_part(part), fingerprint: Fingerprint::of(OPERATION, &body) }
}

#[derive(Default)]
struct PartDigest(Sha256);

impl PartDigest {
    /// Adds a text after its length, so that neither of two neighbours can take a byte of the other.
    fn add(&mut self, bytes: &[u8]) {
        self.0.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
        self.0.update(bytes);
    }

    fn add_entry(&mut self, entry: &ImportEntry) {
        self.add(&u64::try_from(entry.index).unwrap_or(u64::MAX).to_be_bytes());
        match &entry.content {
            Ok(EntryContent::Contact(contact)) => {
                self.add(b"contact");
                self.add(contact.card.to_json().as_str().as_bytes());
                self.add(contact.uid.as_ref().map_or("", |uid| uid.as_str()).as_bytes());
                self.add(contact.text.as_ref().map_or("", |text| text.as_str()).as_bytes());
                self.add(contact.photo.as_deref().unwrap_or_default());
            }
            Ok(EntryContent::Group(group)) => {
                self.add(b"group");
                self.add(group.tag.as_str().as_bytes());
                for member in &group.members {
                    self.add(member.as_str().as_bytes());
                }
            }
            Err(EntryError::Unreadable(_)) => self.add(b"unreadable"),
            Err(EntryError::Invalid(_)) => self.add(b"invalid"),
        }
    }
}
