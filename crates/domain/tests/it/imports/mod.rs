//! Imports of files.

mod address_books;
mod dry_runs;
mod groups;
mod limits;
mod modes;
mod photos;
mod repeats;
mod same_people;
mod united_values;

use domain::{
    Policy, Ports,
    contact::{
        Contact, ContactCard, ContactQuery, Filter, PageStart, Sort,
        import::{ImportMode, ImportOptions, ImportReport, ItemAction},
    },
    idempotency::IdempotencyKey,
    ids::{ContactId, UserId},
    use_cases::contact::{ImportContactsError, Importer, import_contacts},
};
use testkit::{
    TestEnvironment,
    import_file::{ImportFile, Unreadable},
    samples,
    whole::contact_page,
};

pub(crate) const SKIP: ImportOptions = ImportOptions { mode: ImportMode::Skip, is_dry_run: false };
pub(crate) const UPDATE: ImportOptions = ImportOptions { mode: ImportMode::Update, is_dry_run: false };
pub(crate) const ADD: ImportOptions = ImportOptions { mode: ImportMode::Add, is_dry_run: false };

/// A user with room for many contacts.
struct Olena {
    env: TestEnvironment,
    ports: Ports,
    id: UserId,
}

impl Olena {
    async fn new() -> Self {
        let env = TestEnvironment::default();
        let id = env.verified("olena@example.com").await.id;
        let ports = Ports { policy: Policy { contact_limit: 20_000, ..Policy::default() }, ..env.ports.clone() };
        Self { env, ports, id }
    }

    async fn try_import(
        &self,
        file: &ImportFile,
        options: ImportOptions,
        key: Option<&str>,
    ) -> Result<ImportReport, ImportContactsError<Unreadable>> {
        let importer = Importer { owner: self.id, client: &TestEnvironment::client() };
        let key = key.map(|key| IdempotencyKey::parse(key).unwrap());
        import_contacts(&self.ports, importer, &mut file.clone(), options, key.as_ref()).await
    }

    async fn import(&self, file: &ImportFile, options: ImportOptions) -> ImportReport {
        self.try_import(file, options, None).await.unwrap()
    }

    /// Contacts outside the trash, oldest first.
    async fn contacts(&self) -> Vec<Contact> {
        let (filter, sort, start) = (Filter::default(), "created_at".parse::<Sort>().unwrap(), PageStart::Skip(0));
        let query = ContactQuery { filter, sort, start, limit: 20_000 };
        contact_page(&self.ports, self.id, query).await.contacts
    }

    async fn cards(&self) -> Vec<ContactCard> {
        self.contacts().await.iter().map(|contact| contact.parsed_card().unwrap()).collect()
    }

    async fn card(&self, id: ContactId) -> ContactCard {
        self.ports.store.find_contact(self.id, id).await.unwrap().unwrap().parsed_card().unwrap()
    }

    /// Stores a contact, as another program would.
    async fn stored(&self, card: ContactCard) -> Contact {
        let mut contact = samples::contact(self.id, card);
        samples::store_contacts(&*self.ports.store, std::slice::from_mut(&mut contact)).await;
        contact
    }
}

/// Numbers of created, updated, skipped and failed entries.
fn counts(report: &ImportReport) -> [usize; 4] {
    [ItemAction::Created, ItemAction::Updated, ItemAction::Skipped, ItemAction::Failed]
        .map(|action| report.count(action))
}

/// A person whom an e-mail recognizes.
fn person(number: usize) -> ContactCard {
    let email = format!("person{number}@example.com");
    samples::full_card(&format!("Person {number}"), "Koval", &email, &format!("+38067{:07}", 1_000_000 + number))
}
