//! Imports the contacts of a file.
//!
//! The file is read in parts, and each part is written in one unit of work. So memory is bounded, and a stop in the
//! middle leaves whole parts only. The same file again goes on where it stopped: contacts that exist are recognized.
//!
//! 1. [`catch_up`] reads what recognizes the contacts of the owner, once. Later it reads what others have changed.
//! 2. [`plan`] decides for each entry of a part: a new contact, a change of an existing one, or nothing.
//! 3. [`photos`] converts and stores the photos, before a unit is open.
//! 4. [`drafts`] makes contacts of the entries, and [`write_part`] writes them.
//!    A dry run ends before that: [`rehearse`].
//! 5. [`tag_members`] gives the members of groups their tags, at the end.
//!
//! [`import`] has the state that these steps share.

mod catch_up;
mod drafts;
mod entries;
mod groups;
mod import;
mod part_key;
mod photos;
mod plan;
mod rehearse;
mod replay;
mod stop;
mod tag_members;
mod write_part;

use crate::{
    audit::AuditAction,
    client::ClientInfo,
    contact::import::{
        ImportEntry, ImportOptions, ImportReport, ImportSource, ItemAction, ItemError, MAX_ENTRIES, ReportItem,
    },
    idempotency::IdempotencyKey,
    ids::UserId,
    ports::Ports,
    use_cases::steps::record_success,
};

pub use self::stop::{ImportContactsError, ImportStop};
use self::{entries::Part, import::Import, stop::Stop};

/// The user who gets the contacts, and the client that sends them.
#[derive(Debug, Clone, Copy)]
pub struct Importer<'a> {
    /// Owner of the contacts.
    pub owner: UserId,
    /// The client, for the audit trail.
    pub client: &'a ClientInfo,
}

/// Imports the contacts of a file. An entry with an error does not stop the others. Contacts beyond the limit of the
/// address book are reported as failed. The number of statements grows with the parts, not with the entries.
///
/// With an idempotency key, a repeated request writes no part twice: it reports the same for the parts that are done, and
/// imports the others.
///
/// # Errors
/// See [`ImportContactsError`].
pub async fn import_contacts<S: ImportSource>(
    ports: &Ports,
    importer: Importer<'_>,
    source: &mut S,
    options: ImportOptions,
    key: Option<&IdempotencyKey>,
) -> Result<ImportReport, ImportContactsError<S::Error>> {
    let mut import = Import::new(ports, importer.owner, options, key);
    match import.run(source, importer.client).await {
        Ok(()) => Ok(import.report()),
        Err(stop) => Err(ImportContactsError { stop, report: import.report() }),
    }
}

impl Import<'_> {
    async fn run<S: ImportSource>(&mut self, source: &mut S, client: &ClientInfo) -> Result<(), ImportStop<S::Error>> {
        self.begin(client).await.map_err(Stop::of_any_source)?;
        loop {
            let entries = source.next_part().await.map_err(ImportStop::Source)?;
            if entries.is_empty() {
                break;
            }
            let is_full = self.accept(entries).await.map_err(Stop::of_any_source)?;
            if is_full {
                break;
            }
        }
        self.tag_members().await.map_err(Stop::of_any_source)
    }

    /// Reads the limit of the owner and the address book, and records the import.
    async fn begin(&mut self, client: &ClientInfo) -> Result<(), Stop> {
        let mut unit = self.ports.store.begin().await?;
        let taken = unit.take_change_numbers(self.owner, 0, 0).await?.ok_or(Stop::OwnerNotFound)?;
        self.limit = self.ports.policy.with_contact_limit(taken.own_limit).contact_limit;
        self.rehearsal.room = self.limit.saturating_sub(taken.contacts);
        if self.options.is_dry_run {
            drop(unit);
        } else {
            record_success(self.ports, &mut *unit, AuditAction::ImportContacts, self.owner, client).await?;
            unit.commit().await?;
        }
        self.catch_up().await
    }

    /// Imports the entries of a part. Returns true when the file has too many entries.
    async fn accept(&mut self, mut entries: Vec<ImportEntry>) -> Result<bool, Stop> {
        let room = MAX_ENTRIES.saturating_sub(self.items.len() + self.groups.len());
        let surplus = entries.get(room).map(too_many_entries);
        entries.truncate(room);
        let part_key = self.key.map(|key| part_key::part_key(key, self.parts, self.options, &entries));
        self.parts += 1;
        let part = Part::divided(entries, &mut self.groups, &mut self.items);
        match part_key {
            Some(key) if !self.options.is_dry_run => self.write_once(part, &key).await?,
            _ => self.write(part, None).await?,
        }
        let is_full = surplus.is_some();
        self.items.extend(surplus);
        Ok(is_full)
    }
}

fn too_many_entries(entry: &ImportEntry) -> ReportItem {
    ReportItem {
        index: entry.index,
        line: entry.line,
        name: entry.name.clone(),
        action: ItemAction::Failed,
        contact: None,
        errors: vec![ItemError::TooManyEntries],
    }
}
