//! New contacts on SQLite that wait for the write lock share a commit, and nothing else.

use std::{fs, path::PathBuf, time::Duration};

use domain::{
    account::User,
    contact::{Contact, ContactCreation as _, ContactQueries as _, Creation},
    error::StoreError,
    store::Store as _,
};
use tempfile::TempDir;
use testkit::samples;
use tokio::{task::JoinHandle, time::sleep};

use crate::{Database, DatabaseSettings, Pooling, SqlStore};

const LIMIT: u64 = 1000;

/// A new SQLite database with one user, and the stores of two workers.
struct Fixture {
    folder: TempDir,
    stores: [SqlStore; 2],
    user: User,
}

impl Fixture {
    async fn new(acquire_timeout: Duration) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("contacts.db").display());
        let settings = DatabaseSettings { url, pooling: Pooling::Session, max_connections: 4, acquire_timeout };
        let database = Database::new(settings).unwrap();
        database.migrate().await.unwrap();
        let stores = [database.open().await.unwrap(), database.open().await.unwrap()];
        let user = samples::stored_user(&stores[0]).await;
        Self { folder, stores, user }
    }

    fn contact(&self) -> Contact {
        samples::contact(self.user.id, samples::card("Олена", "Коваль"))
    }

    /// Begins to create contacts, and returns when all of them wait for the write lock.
    async fn waiting(&self, contacts: &[Contact]) -> Vec<JoinHandle<Result<Creation, StoreError>>> {
        let mut requests = Vec::new();
        for (number, contact) in contacts.iter().enumerate() {
            let (store, contact) = (self.stores[number % 2].clone(), contact.clone());
            requests.push(tokio::spawn(async move { store.create_contact(contact, LIMIT).await }));
            self.until_waiting(number + 1).await;
        }
        requests
    }

    async fn until_waiting(&self, count: usize) {
        while self.stores[0].writers().unwrap().creations.count() != count {
            sleep(Duration::from_millis(1)).await;
        }
    }

    /// Number of transactions in the write-ahead log. The last page of each has the size of the database in its header:
    /// <https://sqlite.org/fileformat2.html#walformat>.
    fn commits(&self) -> usize {
        let path: PathBuf = self.folder.path().join("contacts.db-wal");
        let log = fs::read(path).unwrap();
        let number = |at: usize| u32::from_be_bytes(log[at..at + 4].try_into().unwrap());
        let (page_size, salts) = (number(8) as usize, log[16..24].to_vec());
        let pages = (32..log.len()).step_by(24 + page_size);
        pages.filter(|page| log[page + 8..page + 16] == salts && number(page + 4) != 0).count()
    }

    async fn is_stored(&self, contact: &Contact) -> bool {
        self.stores[0].find_contact(self.user.id, contact.id).await.unwrap().is_some()
    }
}

#[tokio::test]
async fn contacts_that_wait_for_the_write_lock_share_a_commit() {
    let fixture = Fixture::new(Duration::from_secs(20)).await;
    let contacts: Vec<_> = (0..10).map(|_| fixture.contact()).collect();
    let unit = fixture.stores[0].begin().await.unwrap();
    let requests = fixture.waiting(&contacts).await;
    let before = fixture.commits();
    drop(unit);
    let mut changes = Vec::new();
    for (request, contact) in requests.into_iter().zip(contacts) {
        let Creation::Created(created) = request.await.unwrap().unwrap() else { panic!("not created") };
        assert_eq!(created, Contact { change: created.change, ..contact.clone() });
        assert!(fixture.is_stored(&contact).await);
        changes.push(created.change.0);
    }
    changes.sort_unstable();
    assert_eq!(changes, (1..=10).collect::<Vec<_>>());
    assert_eq!(fixture.commits() - before, 1);
}

#[tokio::test]
async fn contact_that_cannot_be_stored_fails_alone() {
    let fixture = Fixture::new(Duration::from_secs(20)).await;
    let stored = fixture.contact();
    fixture.stores[0].create_contact(stored.clone(), LIMIT).await.unwrap();
    let contacts = [fixture.contact(), stored, fixture.contact()];
    let unit = fixture.stores[0].begin().await.unwrap();
    let requests = fixture.waiting(&contacts).await;
    drop(unit);
    let mut outcomes = Vec::new();
    for request in requests {
        outcomes.push(request.await.unwrap());
    }
    let change = |outcome: &Result<Creation, StoreError>| match outcome {
        Ok(Creation::Created(contact)) => Some(contact.change.0),
        _ => None,
    };
    assert_eq!(outcomes.iter().map(change).collect::<Vec<_>>(), [Some(2), None, Some(3)]);
    assert!(matches!(outcomes[1], Err(StoreError::Backend(_))), "{:?}", outcomes[1]);
    for contact in &contacts {
        assert!(fixture.is_stored(contact).await);
    }
    assert_eq!(fixture.stores[0].repair_contact_counts().await.unwrap(), 0);
}

#[tokio::test]
async fn contact_of_a_request_that_ends_early_is_not_created() {
    let fixture = Fixture::new(Duration::from_millis(300)).await;
    let contacts = [fixture.contact(), fixture.contact()];
    let unit = fixture.stores[0].begin().await.unwrap();
    let [timed_out, cancelled] = fixture.waiting(&contacts).await.try_into().unwrap();
    cancelled.abort();
    assert!(cancelled.await.unwrap_err().is_cancelled());
    let error = timed_out.await.unwrap().unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    fixture.until_waiting(0).await;
    drop(unit);
    let other = fixture.contact();
    fixture.stores[1].create_contact(other.clone(), LIMIT).await.unwrap();
    assert!(fixture.is_stored(&other).await);
    for contact in &contacts {
        assert!(!fixture.is_stored(contact).await);
    }
}

#[tokio::test]
async fn contacts_are_created_when_the_request_that_has_the_write_lock_is_cancelled() {
    let fixture = Fixture::new(Duration::from_secs(20)).await;
    let contacts: Vec<_> = (0..20).map(|_| fixture.contact()).collect();
    let unit = fixture.stores[0].begin().await.unwrap();
    let mut requests = fixture.waiting(&contacts).await;
    let first = requests.remove(0);
    drop(unit);
    // The first one takes all contacts at once, and is cancelled while it creates them.
    fixture.until_waiting(0).await;
    first.abort();
    for request in requests {
        assert!(matches!(request.await.unwrap(), Ok(Creation::Created(_))));
    }
}
