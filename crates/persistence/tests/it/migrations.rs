//! The schema goes up and down, keeps what it does not concern, and is changed by one at a time.

use std::sync::Arc;

use domain::store::Store;
use migration::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectionTrait as _, Statement};
use testkit::samples;

use crate::databases::{Kind, TestDatabase};

on_both!(goes_up_and_down, each_step_is_taken_back_alone, again_changes_nothing, several_at_once_do_it_once);

async fn tables(database: &TestDatabase) -> Vec<String> {
    let raw = database.raw().await;
    let sql = match database.kind {
        Kind::Sqlite => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        }
        Kind::Postgres => "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename",
    };
    let rows = raw.query_all_raw(Statement::from_string(raw.get_database_backend(), sql)).await.unwrap();
    let names = rows.iter().map(|row| row.try_get("", "name").unwrap()).collect();
    raw.close().await.unwrap();
    names
}

/// So many steps back, that one included.
fn back_to(name: &str) -> u32 {
    let later = Migrator::migrations().into_iter().skip_while(|migration| migration.name() != name);
    u32::try_from(later.count()).unwrap()
}

async fn goes_up_and_down(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let owner = samples::stored_user(&store).await;
    let contact = samples::contact(owner.id, samples::draft("Olena", "Koval"));
    samples::keep(&store, std::slice::from_ref(&contact)).await;
    store.close().await;

    let raw = database.raw().await;
    Migrator::down(&raw, Some(back_to("m20261121_000005_contacts"))).await.unwrap();
    raw.close().await.unwrap();
    assert!(!tables(&database).await.contains(&"contacts".to_owned()));

    let store = database.store().await;
    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.user_by_email(&owner.email).await.unwrap(), Some(owner.clone()), "what is older stays");
    assert_eq!(unit.lock_contact(owner.id, contact.id).await.unwrap(), None);
    unit.insert_contact(&contact).await.unwrap();
    unit.commit().await.unwrap();
    store.close().await;

    let raw = database.raw().await;
    Migrator::down(&raw, None).await.unwrap();
    raw.close().await.unwrap();
    assert_eq!(tables(&database).await, ["seaql_migrations"]);
    database.database().migrate().await.unwrap();
    assert!(tables(&database).await.contains(&"contacts".to_owned()));
}

async fn each_step_is_taken_back_alone(database: Arc<TestDatabase>) {
    database.store().await.close().await;
    let whole = tables(&database).await;
    for steps in 1..=u32::try_from(Migrator::migrations().len()).unwrap() {
        let raw = database.raw().await;
        Migrator::down(&raw, Some(steps)).await.unwrap();
        Migrator::up(&raw, None).await.unwrap();
        raw.close().await.unwrap();
        assert_eq!(tables(&database).await, whole, "{steps} steps back and forth");
    }
}

async fn again_changes_nothing(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let owner = samples::stored_user(&store).await;
    database.database().migrate().await.unwrap();
    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.lock_user(owner.id).await.unwrap(), Some(owner));
}

async fn several_at_once_do_it_once(database: Arc<TestDatabase>) {
    let migrating: Vec<_> = (0..6)
        .map(|_| {
            // Each with a turn of its own, as processes have.
            let other = database.database();
            tokio::spawn(async move { other.migrate().await })
        })
        .collect();
    for migration in migrating {
        migration.await.unwrap().unwrap();
    }
    assert_eq!(
        tables(&database).await,
        [
            "audit_events",
            "contacts",
            "one_time_tokens",
            "outbox",
            "refresh_tokens",
            "seaql_migrations",
            "sessions",
            "stray_pictures",
            "users"
        ]
    );
}
