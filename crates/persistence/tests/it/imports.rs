//! Imports on real databases.

use std::sync::Arc;

use domain::{
    Policy, Ports,
    contact::{
        ContactQuery, Filter, PageStart, Sort,
        import::{ImportMode, ImportOptions, ImportReport, ItemAction},
    },
    ids::UserId,
    store::Store as _,
    use_cases::contact::{Importer, create_contact, import_contacts},
};
use persistence::SqlStore;
use testkit::{
    TestEnvironment,
    import_file::{ImportFile, group, imported, with_uid},
    samples,
    whole::contact_page,
};

use crate::databases::TestDatabase;

on_both!(
    file_is_imported_once_with_its_groups,
    two_imports_of_one_file_at_once_create_nothing_twice,
    import_beside_other_writers_creates_nothing_twice,
);

const SKIP: ImportOptions = ImportOptions { mode: ImportMode::Skip, is_dry_run: false };

fn ports(store: &SqlStore) -> Ports {
    let policy = Policy { contact_limit: 20_000, ..Policy::default() };
    Ports { policy, ..TestEnvironment::over(Arc::new(store.clone())).ports }
}

fn person(number: usize) -> domain::contact::ContactCard {
    let email = format!("person{number}@example.com");
    samples::full_card(&format!("Person {number}"), "Koval", &email, &format!("+38067{:07}", 1_000_000 + number))
}

async fn import(ports: &Ports, owner: UserId, mut file: ImportFile, options: ImportOptions) -> ImportReport {
    let importer = Importer { owner, client: &TestEnvironment::client() };
    import_contacts(ports, importer, &mut file, options, None).await.unwrap()
}

fn counts(report: &ImportReport) -> [usize; 4] {
    [ItemAction::Created, ItemAction::Updated, ItemAction::Skipped, ItemAction::Failed]
        .map(|action| report.count(action))
}

async fn number_of_contacts(ports: &Ports, owner: UserId) -> u64 {
    let (filter, start) = (Filter::default(), PageStart::Skip(0));
    contact_page(ports, owner, ContactQuery { filter, sort: Sort::default(), start, limit: 1 }).await.total
}

async fn file_is_imported_once_with_its_groups(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let owner = samples::stored_user(&store).await.id;
    let ports = ports(&store);
    let uids: Vec<String> = (0..450).map(|number| format!("uid-{number}")).collect();
    let contacts = uids.iter().enumerate().map(|(number, uid)| with_uid(uid, person(number)));
    let contacts = contacts.map(|contact| Ok(domain::contact::import::EntryContent::Contact(Box::new(contact))));
    let members: Vec<&str> = uids.iter().map(String::as_str).collect();
    let file = ImportFile::new(contacts.chain([group("Усі", &members)]));
    assert_eq!(counts(&import(&ports, owner, file.clone(), SKIP).await), [450, 1, 0, 0]);
    assert_eq!(counts(&import(&ports, owner, file.clone(), SKIP).await), [0, 0, 451, 0]);
    let update = ImportOptions { mode: ImportMode::Update, is_dry_run: false };
    assert_eq!(counts(&import(&ports, owner, file, update).await), [0, 0, 451, 0]);
    assert_eq!(number_of_contacts(&ports, owner).await, 450);
    let changed = ImportFile::of(uids.iter().map(|uid| with_uid(uid, person(1_000))));
    assert_eq!(counts(&import(&ports, owner, changed, update).await), [0, 450, 0, 0]);
}

async fn two_imports_of_one_file_at_once_create_nothing_twice(database: Arc<TestDatabase>) {
    let shared = database.database();
    shared.migrate().await.unwrap();
    let stores = [shared.open().await.unwrap(), shared.open().await.unwrap()];
    let owner = samples::stored_user(&stores[0]).await.id;
    let file = || {
        ImportFile::of((0..1_000).map(|number| match number % 2 {
            0 => with_uid(&format!("uid-{number}"), person(number)),
            _ => imported(person(number)),
        }))
    };
    let imports = [0, 1].map(|number| {
        let ports = ports(&stores[number]);
        tokio::spawn(async move { import(&ports, owner, file(), SKIP).await })
    });
    let mut created = 0;
    for import in imports {
        let report = import.await.unwrap();
        assert_eq!(report.count(ItemAction::Failed), 0);
        created += report.count(ItemAction::Created);
    }
    assert_eq!(created, 1_000);
    assert_eq!(number_of_contacts(&ports(&stores[0]), owner).await, 1_000);
}

async fn import_beside_other_writers_creates_nothing_twice(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let owner = samples::stored_user(&store).await.id;
    let ports = ports(&store);
    let other = ports.clone();
    let writing = tokio::spawn(async move {
        for number in 0..40 {
            create_contact(&other, owner, &samples::valid(person(2_000 + number)), None).await.unwrap();
        }
    });
    let file = ImportFile::of((0..600).map(|number| imported(person(number))));
    let report = import(&ports, owner, file, SKIP).await;
    writing.await.unwrap();
    assert_eq!(counts(&report), [600, 0, 0, 0]);
    assert_eq!(number_of_contacts(&ports, owner).await, 640);
    let mut unit = store.begin().await.unwrap();
    let taken = unit.take_change_numbers(owner, 0, 0).await.unwrap().unwrap();
    assert_eq!(taken.contacts, 640, "the stored count");
}
