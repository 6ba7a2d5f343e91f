//! Migrations up and down, and concurrent migrations.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use domain::{
    account::{OneTimeToken, Purpose},
    app_password::AppPassword,
    audit::{AuditAction, AuditEvent, AuditOutcome, DeletedAccount},
    contact::{
        ChangeNumber, Contact, ContactQueries as _, Filter,
        card_resource::{CardName, GroupCard},
        received::{CardUid, CardVersion, ReceivedCard, ReceivedText},
        trash::PurgeScope,
    },
    idempotency::{Fingerprint, IdempotencyKey, StoredResult},
    ids::{AuditEventId, ContactId, MailId, UserId},
    mail::{Mail, MailKind, ReportedAppPassword},
    picture::PictureKey,
    session::DeviceDigest,
    store::Store,
};
use migration::{Migrator, MigratorTrait as _};
use persistence::MigrateError;
use sea_orm::{ConnectionTrait as _, Statement};
use testkit::samples;

use crate::databases::{Kind, TestDatabase, with};

on_both!(
    schema_migrates_up_and_down,
    each_migration_is_reverted_without_losing_older_data,
    repeated_migration_changes_nothing,
    concurrent_migrations_are_applied_once,
    contacts_of_an_earlier_version_are_reindexed,
    newer_schema_is_rejected,
    migrating_back_to_an_unknown_version_is_rejected,
);

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

/// Number of steps back to a migration, inclusive.
fn back_to(name: &str) -> u32 {
    let later = Migrator::migrations().into_iter().skip_while(|migration| migration.name() != name);
    u32::try_from(later.count()).unwrap()
}

async fn schema_migrates_up_and_down(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let owner = samples::stored_user(&store).await;
    let mut contact = samples::contact(owner.id, samples::card("Olena", "Koval"));
    samples::store_contacts(&store, std::slice::from_mut(&mut contact)).await;
    store.close().await;

    let raw = database.raw().await;
    Migrator::down(&raw, Some(back_to("m20261121_000005_contacts"))).await.unwrap();
    raw.close().await.unwrap();
    assert!(!tables(&database).await.contains(&"contacts".to_owned()));

    let store = database.store().await;
    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.user_by_email(&owner.email).await.unwrap(), Some(owner.clone()), "what is older stays");
    assert_eq!(unit.lock_contact(owner.id, contact.id).await.unwrap(), None);
    unit.insert_contacts(std::slice::from_ref(&contact)).await.unwrap();
    unit.commit().await.unwrap();
    store.close().await;

    let raw = database.raw().await;
    Migrator::down(&raw, None).await.unwrap();
    raw.close().await.unwrap();
    assert_eq!(tables(&database).await, ["seaql_migrations"]);
    database.database().migrate().await.unwrap();
    assert!(tables(&database).await.contains(&"contacts".to_owned()));
}

/// All rows of all tables, except the table of migrations. A row has its columns and their values as text.
type Contents = BTreeMap<String, BTreeSet<BTreeMap<String, String>>>;

async fn contents(database: &TestDatabase) -> Contents {
    let raw = database.raw().await;
    let mut contents = Contents::new();
    for table in tables(database).await.into_iter().filter(|table| table != "seaql_migrations") {
        let (columns, quoted) = match database.kind {
            Kind::Sqlite => (format!("SELECT name FROM pragma_table_info('{table}')"), "quote"),
            Kind::Postgres => (
                format!("SELECT column_name AS name FROM information_schema.columns WHERE table_name = '{table}'"),
                "quote_nullable",
            ),
        };
        let backend = raw.get_database_backend();
        let columns = raw.query_all_raw(Statement::from_string(backend, columns)).await.unwrap();
        let columns: Vec<String> = columns.iter().map(|row| row.try_get("", "name").unwrap()).collect();
        let shown: Vec<String> = columns.iter().map(|name| format!("{quoted}({name}) AS {name}")).collect();
        let rows = format!("SELECT {} FROM {table}", shown.join(", "));
        let rows = raw.query_all_raw(Statement::from_string(backend, rows)).await.unwrap();
        let row = |row: &sea_orm::QueryResult| {
            columns.iter().map(|name| (name.clone(), row.try_get("", name).unwrap())).collect()
        };
        contents.insert(table, rows.iter().map(row).collect());
    }
    raw.close().await.unwrap();
    contents
}

/// Returns the part of `all` in the tables and columns of `rest`.
fn within(all: &Contents, rest: &Contents) -> Contents {
    let columns = |table: &str| -> BTreeSet<&String> { rest[table].iter().flat_map(BTreeMap::keys).collect() };
    let narrow = |table: &str, row: &BTreeMap<String, String>| {
        let stored = row.iter().filter(|(name, _)| columns(table).contains(name));
        stored.map(|(name, value)| (name.clone(), value.clone())).collect()
    };
    let stored = all.iter().filter(|(table, _)| rest.contains_key(*table));
    stored.map(|(table, rows)| (table.clone(), rows.iter().map(|row| narrow(table, row)).collect())).collect()
}

/// Adds at least one complete row to every table.
async fn fill(database: &TestDatabase) {
    let store = database.store().await;
    let user = samples::stored_user(&store).await;
    let full = samples::full_card("Їжак", "O'Hara", &format!("x{}@example.com", samples::unique()), "+380 67 111");
    let deleted = [(); 2].map(|()| samples::contact(user.id, samples::card("Olena", "Koval")));
    let [trashed, purged] = deleted.each_ref().map(|contact| contact.id);
    samples::store_contacts(&store, &mut [&[samples::contact(user.id, full)], &deleted[..]].concat()).await;
    let (session, now) = (samples::session(user.id), samples::now());
    let token = OneTimeToken {
        digest: samples::secret().digest(),
        purpose: Purpose::ChangeEmail,
        user: user.id,
        email: user.email.clone(),
        expires_at: now,
    };
    let password = AppPassword { expires_at: Some(now), last_used_at: Some(now), ..samples::app_password(user.id) };
    let mail = Mail {
        id: MailId(samples::id()),
        kind: MailKind::ResetPassword,
        email: user.email.clone(),
        user: Some(user.id),
        client_ip: Some("192.0.2.7".parse().unwrap()),
        app_password: Some(ReportedAppPassword { name: password.name.clone(), scopes: password.scopes.clone() }),
        requested_at: now,
        attempts: 0,
    };
    let mut unit = store.begin().await.unwrap();
    let taken = unit.take_change_numbers(user.id, 2, -2).await.unwrap().unwrap();
    unit.trash_contacts(user.id, &[(trashed, taken.first), (purged, taken.number(1))], now).await.unwrap();
    unit.purge_trash(PurgeScope::One(user.id, purged), 1).await.unwrap();
    let text = ReceivedText::new(CardVersion::V3_0, "BEGIN:VCARD".to_owned()).unwrap();
    let uid = CardUid::of_contact(trashed);
    let card = ReceivedCard { contact: trashed, uid, change: ChangeNumber(0), text: text.clone() };
    unit.overwrite_received_card(user.id, &card, &text).await.unwrap();
    let number = unit.take_change_numbers(user.id, 1, 0).await.unwrap().unwrap().first;
    let group =
        GroupCard { name: CardName::parse("a.vcf").unwrap(), uid: CardUid::of_contact(purged), change: number, text };
    unit.put_group_card(user.id, &group).await.unwrap();
    unit.set_pending_email(user.id, Some((&user.email, now))).await.unwrap();
    unit.invite(&samples::user().email, now).await.unwrap();
    unit.insert_session(&session, &samples::secret().digest()).await.unwrap();
    unit.insert_app_password(&password, &samples::secret().digest()).await.unwrap();
    unit.record_device(user.id, &DeviceDigest::of(&session.client), now).await.unwrap();
    unit.insert_one_time_token(&token).await.unwrap();
    unit.enqueue_mail(&mail).await.unwrap();
    unit.park_mail(mail.id, "550 it's nobody").await.unwrap();
    assert!(unit.take_mail_slot(&mail, now, now, 1000).await.unwrap());
    let (id, client) = (AuditEventId(samples::id()), session.client.clone());
    let (action, outcome) = (AuditAction::SignIn, AuditOutcome::Success);
    unit.record(&AuditEvent { id, at: now, user: Some(user.id), action, outcome, client }).await.unwrap();
    unit.record_deleted_account(DeletedAccount { user: UserId(samples::id()), at: now }).await.unwrap();
    let (key, fingerprint) = (IdempotencyKey::parse("k").unwrap(), Fingerprint([255; 32]));
    let done = StoredResult { fingerprint, contacts: vec![ContactId(samples::id())], at: now };
    unit.remember_idempotency_key(user.id, &key, &done).await.unwrap();
    unit.record_orphaned_pictures(&[PictureKey::photo(samples::id())], now, Some(now)).await.unwrap();
    unit.commit().await.unwrap();
    store.close().await;
}

async fn each_migration_is_reverted_without_losing_older_data(database: Arc<TestDatabase>) {
    let names: Vec<String> = Migrator::migrations().iter().map(|step| step.name().to_owned()).collect();
    for (step, later) in names.iter().zip(&names[1..]).rev() {
        fill(&database).await;
        let before = contents(&database).await;
        let empty: Vec<_> = before.iter().filter(|(_, rows)| rows.is_empty()).map(|(table, _)| table).collect();
        assert_eq!(empty, Vec::<&String>::new(), "`fill` must put something into every table");

        database.database().migrate_back_to(step).await.unwrap();
        let down = contents(&database).await;
        assert_eq!(down, within(&before, &down), "back from {later}");
        database.database().migrate().await.unwrap();
        let up = contents(&database).await;
        assert_eq!(within(&up, &down), down, "to {later} again");
        assert_eq!(up.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
    }
}

async fn newer_schema_is_rejected(database: Arc<TestDatabase>) {
    fill(&database).await;
    let raw = database.raw().await;
    for later in ["m20991231_000001_wings", "m20991231_000002_more_wings"] {
        let insert = format!("INSERT INTO seaql_migrations (version, applied_at) VALUES ('{later}', 0)");
        raw.execute_unprepared(&insert).await.unwrap();
    }
    raw.close().await.unwrap();
    let before = contents(&database).await;
    let newest = Migrator::migrations().last().unwrap().name().to_owned();
    for rejected in [database.database().migrate().await, database.database().migrate_back_to(&newest).await] {
        let rejected = rejected.unwrap_err();
        assert!(matches!(&rejected, MigrateError::Newer { .. }), "{rejected:?}");
        let message = rejected.to_string();
        assert!(message.contains("m20991231_000002_more_wings") && message.contains(&newest), "{message}");
        assert_eq!(message.lines().count(), 1);
    }
    assert_eq!(contents(&database).await, before);
}

async fn migrating_back_to_an_unknown_version_is_rejected(database: Arc<TestDatabase>) {
    database.database().migrate().await.unwrap();
    let before = tables(&database).await;
    let rejected = database.database().migrate_back_to("m20261121_000001").await.unwrap_err();
    assert!(rejected.to_string().contains("m20261121_000001_users, "), "{rejected}");
    let newest = Migrator::migrations().last().unwrap().name().to_owned();
    database.database().migrate_back_to(&newest).await.unwrap();
    assert_eq!(tables(&database).await, before, "there is nothing after the newest");
}

async fn repeated_migration_changes_nothing(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let owner = samples::stored_user(&store).await;
    database.database().migrate().await.unwrap();
    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.lock_user(owner.id).await.unwrap(), Some(owner));
}

async fn concurrent_migrations_are_applied_once(database: Arc<TestDatabase>) {
    let migrating: Vec<_> = (0..6)
        .map(|_| {
            // Each with its own turn, like separate processes.
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
            "app_passwords",
            "audit_events",
            "contact_cards",
            "contacts",
            "deleted_accounts",
            "group_cards",
            "idempotency_keys",
            "invitations",
            "known_devices",
            "mail_slots",
            "one_time_tokens",
            "orphaned_pictures",
            "outbox",
            "purged_contacts",
            "seaql_migrations",
            "sessions",
            "sync_epoch",
            "users"
        ]
    );
}

/// The server may have a stricter default: a process that has waited would not see what was applied meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn migrations_are_applied_once_where_the_default_isolation_is_stricter() {
    with(Kind::Postgres, async |database: Arc<TestDatabase>| {
        database.isolate_strictly().await;
        concurrent_migrations_are_applied_once(database).await;
    })
    .await;
}

/// More contacts than one transaction recomputes.
const MANY: usize = 1200;

/// Writes search data like an earlier version: the typed digits of phones, and the order of the first names.
pub(crate) async fn write_as_an_earlier_version(database: &TestDatabase) {
    let raw = database.raw().await;
    let old = "UPDATE contacts SET phone_digits = '\n442071838750\n', last_name_folded = 'other', \
               last_name_sort = first_name_sort, search_version = 0";
    raw.execute_unprepared(old).await.unwrap();
    raw.close().await.unwrap();
}

async fn contacts_of_an_earlier_version_are_reindexed(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let owner = samples::stored_user(&store).await.id;
    let mut contacts: Vec<Contact> = (0..MANY)
        .map(|_| samples::contact(owner, samples::full_card("Їжак", "Ґудзь", "i@example.com", "+44 20 7183 8750")))
        .collect();
    samples::store_contacts(&store, &mut contacts).await;
    let new = contents(&database).await;
    let found = async |filter: Filter| store.count_contacts(owner, &filter, None).await.unwrap();
    let by_phone = || Filter { phone: Some(Filter::phone("020 7183 8750").unwrap()), ..Filter::default() };
    write_as_an_earlier_version(&database).await;
    assert_eq!(found(by_phone()).await, 0, "the old form");

    database.database().migrate().await.unwrap();
    let reindexing = [0; 3].map(|_| {
        let other = Arc::clone(&database);
        // Each with its own turn, like separate processes.
        tokio::spawn(async move { other.database().open().await.unwrap().reindex().await.unwrap() })
    });
    let mut done = 0;
    for reindexing in reindexing {
        done += reindexing.await.unwrap();
    }
    assert_eq!(done, MANY as u64, "each by one of them");
    assert_eq!(found(by_phone()).await, MANY as u64);
    assert_eq!(contents(&database).await, new, "all that is computed, and neither number nor time");

    // One unreadable contact does not stop the others, now or at the next start.
    let broken = match database.kind {
        Kind::Sqlite => format!("X'{}'", contacts[7].id.0.simple()),
        Kind::Postgres => format!("'{}'", contacts[7].id),
    };
    write_as_an_earlier_version(&database).await;
    let raw = database.raw().await;
    raw.execute_unprepared(&format!(
        "UPDATE contacts SET card = '{{\"birthday\":\"1990-13-99\"}}' WHERE id = {broken}"
    ))
    .await
    .unwrap();
    raw.close().await.unwrap();
    for expected in [MANY as u64 - 1, 0] {
        assert_eq!(store.reindex().await.unwrap(), expected);
        assert_eq!(found(by_phone()).await, MANY as u64 - 1);
    }
}
