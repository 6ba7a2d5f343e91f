//! All writers of contacts at once. No two of them deadlock.

use std::{fmt::Debug, sync::Arc};

use domain::{
    Ports,
    contact::{
        Contact, Expected,
        batch::Operation,
        trash::{PurgeScope, TRASH_RETENTION},
    },
    ids::{ContactId, UserId},
    store::Store as _,
    use_cases::{
        contact::{
            apply_batch, change_photo, create_contact, delete_contact, patch_contact, remove_photo, replace_contact,
        },
        trash::{empty_trash, purge_trashed_contact, restore_contact},
    },
};
use persistence::SqlStore;
use sea_orm::{ConnectionTrait as _, DatabaseConnection};
use serde_json::json;
use testkit::{TestEnvironment, samples};

use crate::databases::TestDatabase;

on_both!(no_two_writers_deadlock, account_deletion_deadlocks_with_no_writer);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Writer {
    Create,
    Replace,
    Patch,
    SetPhoto,
    RemovePhoto,
    Delete,
    Restore,
    Batch,
    PurgeOne,
    EmptyTrash,
    PurgeOldTrash,
    Reindex,
    RepairCounts,
}

impl Writer {
    const ALL: [Self; 13] = [
        Self::Create,
        Self::Replace,
        Self::Patch,
        Self::SetPhoto,
        Self::RemovePhoto,
        Self::Delete,
        Self::Restore,
        Self::Batch,
        Self::PurgeOne,
        Self::EmptyTrash,
        Self::PurgeOldTrash,
        Self::Reindex,
        Self::RepairCounts,
    ];

    /// Writes once. `number` chooses the contact and makes the content different.
    async fn write(self, book: &Book, number: usize) {
        let Book { store, ports, owner, contacts } = book;
        let (owner, id) = (*owner, contacts[number % contacts.len()]);
        let card = || samples::valid_card("Олена", &format!("Коваль {number}"));
        let patch = || samples::patch(json!({"notes": format!("{number}")}));
        match self {
            Self::Create => check(create_contact(ports, owner, &card(), None).await),
            Self::Replace => check(replace_contact(ports, owner, id, &Expected::Any, card()).await),
            Self::Patch => check(patch_contact(ports, owner, id, &Expected::Any, patch()).await),
            Self::SetPhoto => check(change_photo(ports, owner, id, &Expected::Any, b"photo".to_vec()).await),
            Self::RemovePhoto => check(remove_photo(ports, owner, id, &Expected::Any).await),
            Self::Delete => check(delete_contact(ports, owner, id, &Expected::Any).await),
            Self::Restore => check(restore_contact(ports, owner, id, &Expected::Any).await),
            Self::Batch => {
                let other = contacts[(number + 1) % contacts.len()];
                let operations = vec![
                    Operation::Create(Box::new(card())),
                    Operation::Update(id, Expected::Any, patch()),
                    Operation::Delete(other, Expected::Any),
                ];
                check(apply_batch(ports, owner, operations, None).await);
            }
            Self::PurgeOne => check(purge_trashed_contact(ports, owner, id).await),
            Self::EmptyTrash => check(empty_trash(ports, owner).await),
            Self::PurgeOldTrash => {
                let mut unit = store.begin().await.unwrap();
                let all = PurgeScope::DeletedBefore(samples::now() + TRASH_RETENTION);
                check(unit.purge_trash(all, 500).await);
                check(unit.commit().await);
            }
            Self::Reindex => {
                check(store.reindex().await);
            }
            Self::RepairCounts => {
                check(store.repair_contact_counts().await);
            }
        }
    }
}

/// Panics when the store has failed. Everything else that the use cases report may happen here.
fn check<T: Debug, E: Debug>(outcome: Result<T, E>) {
    let Err(error) = outcome else { return };
    let error = format!("{error:?}");
    assert!(!error.contains("Unavailable(") && !error.contains("Backend("), "{error}");
}

/// An address book, with the ids of some contacts. Some of them may be in the trash, or purged.
#[derive(Clone)]
struct Book {
    store: SqlStore,
    ports: Ports,
    owner: UserId,
    contacts: Vec<ContactId>,
}

impl Book {
    async fn new(store: &SqlStore, raw: &DatabaseConnection) -> Self {
        let owner = samples::stored_user(store).await.id;
        let mut contacts: Vec<Contact> =
            (0..4).map(|_| samples::contact(owner, samples::card("Олена", "Коваль"))).collect();
        samples::store_contacts(store, &mut contacts).await;
        // For the reindexing: they look as if an earlier version had written them.
        raw.execute_unprepared("UPDATE contacts SET search_version = 0").await.unwrap();
        let ports = TestEnvironment::over(Arc::new(store.clone())).ports;
        let contacts = contacts.iter().map(|contact| contact.id).collect();
        let book = Self { store: store.clone(), ports, owner, contacts };
        Writer::SetPhoto.write(&book, 1).await;
        Writer::Delete.write(&book, 2).await;
        book
    }
}

async fn no_two_writers_deadlock(database: Arc<TestDatabase>) {
    let (store, raw) = (database.store().await, database.raw().await);
    for (index, first) in Writer::ALL.into_iter().enumerate() {
        for second in &Writer::ALL[index..] {
            let book = Book::new(&store, &raw).await;
            let tasks: Vec<_> = [first, *second, first, *second]
                .into_iter()
                .enumerate()
                .map(|(start, writer)| {
                    let book = book.clone();
                    tokio::spawn(async move {
                        for number in start..start + 6 {
                            writer.write(&book, number).await;
                        }
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap_or_else(|error| panic!("{first:?} and {second:?}: {error}"));
            }
        }
    }
    assert_eq!(store.repair_contact_counts().await.unwrap(), 0, "every count is right");
}

async fn account_deletion_deadlocks_with_no_writer(database: Arc<TestDatabase>) {
    let (store, raw) = (database.store().await, database.raw().await);
    for writer in Writer::ALL {
        let book = Book::new(&store, &raw).await;
        let deleting = book.clone();
        let deletion = tokio::spawn(async move {
            let mut unit = deleting.store.begin().await.unwrap();
            let user = unit.lock_user(deleting.owner).await.unwrap().unwrap();
            unit.delete_user(&user).await.unwrap();
            unit.commit().await.unwrap();
        });
        for number in 0..6 {
            writer.write(&book, number).await;
        }
        deletion.await.unwrap_or_else(|error| panic!("{writer:?}: {error}"));
    }
}
