//! Imports the contacts of a file.
//!
//! The file is read in parts, and each part is written in one unit of work. So memory is bounded, and a stop in the
//! middle leaves whole parts only. The same file again goes on where it stopped: contacts that exist are recognized.
//!
//! 1. [`address_book`] reads what recognizes the contacts of the owner, once.
//! 2. [`plan`] decides for each entry of a part: a new contact, a change of an existing one, or nothing.
//! 3. [`photos`] converts and stores the photos, before a unit is open.
//! 4. [`drafts`] makes contacts of the entries, and [`write`] writes them.
//!    A dry run ends before that: [`rehearse`].
//! 5. [`groups`] gives the members of groups their tags, at the end.

mod address_book;
mod drafts;
mod entries;
mod groups;
mod part_key;
mod photos;
mod plan;
mod rehearse;
mod replay;
mod write;

use crate::{
    audit::AuditAction,
    client::ClientInfo,
    contact::import::{
        ImportEntry, ImportOptions, ImportReport, ImportSource, ItemAction, ItemError, MAX_ENTRIES, ReportItem,
        address_book::AddressBook,
    },
    error::StoreError,
    idempotency::{IdempotencyKey, IdempotencyKeyError},
    ids::UserId,
    ports::Ports,
    use_cases::steps::record_success,
};

use self::{entries::Part, groups::Groups, rehearse::Rehearsal};

/// The user who gets the contacts, and the client that sends them.
#[derive(Debug, Clone, Copy)]
pub struct Importer<'a> {
    /// Owner of the contacts.
    pub owner: UserId,
    /// The client, for the audit trail.
    pub client: &'a ClientInfo,
}

/// Error of [`import_contacts`]: the reason, and the report up to there. What the report lists is done, and remains.
#[derive(Debug, thiserror::Error)]
#[error("the import stopped")]
pub struct ImportContactsError<E> {
    /// The reason.
    pub stop: ImportStop<E>,
    /// The entries before it.
    pub report: ImportReport,
}

/// Reason for stopping an import.
#[derive(Debug, thiserror::Error)]
pub enum ImportStop<E> {
    /// The rest of the file cannot be read.
    #[error("the file cannot be read further")]
    Source(E),
    /// The idempotency key was used for another request.
    #[error(transparent)]
    Key(#[from] IdempotencyKeyError),
    /// The owner was deleted.
    #[error("no such user")]
    OwnerNotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reason that does not lie in the file.
type Stop = ImportStop<std::convert::Infallible>;

impl Stop {
    fn of_any_source<E>(self) -> ImportStop<E> {
        match self {
            Self::Source(never) => match never {},
            Self::Key(error) => ImportStop::Key(error),
            Self::OwnerNotFound => ImportStop::OwnerNotFound,
            Self::Store(error) => ImportStop::Store(error),
        }
    }
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

/// An import in progress.
struct Import<'a> {
    ports: &'a Ports,
    owner: UserId,
    options: ImportOptions,
    key: Option<&'a IdempotencyKey>,
    /// Maximum number of contacts of the owner.
    limit: u64,
    rehearsal: Rehearsal,
    book: AddressBook,
    groups: Groups,
    parts: usize,
    items: Vec<ReportItem>,
}

impl<'a> Import<'a> {
    fn new(ports: &'a Ports, owner: UserId, options: ImportOptions, key: Option<&'a IdempotencyKey>) -> Self {
        let (rehearsal, book, groups) = (Rehearsal::default(), AddressBook::default(), Groups::default());
        Self { ports, owner, options, key, limit: 0, rehearsal, book, groups, parts: 0, items: Vec::new() }
    }

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

    /// Returns the report of everything that is done.
    fn report(self) -> ImportReport {
        let mut items = self.items;
        items.sort_by_key(|item| item.index);
        for item in &mut items {
            item.errors.truncate(ReportItem::MAX_ERRORS);
        }
        ImportReport { items }
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
