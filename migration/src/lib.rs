//! Schema migrations, up and down, the same for SQLite and PostgreSQL. One file for each table.
//!
//! Only `persistence` depends on this crate. It applies the migrations under a lock.
//!
//! Invariant: depends on no other crate of the workspace, so that no migration changes its meaning when other code
//! changes.
//! Invariant: from the first tag on, the migrations of a tag are never edited. A change of the schema is then one more
//! file. Before the first tag, the file of the table is edited.
//! Invariant: foreign keys are immediate. A deferred one would be checked only at the commit.

mod announcements;
mod columns;
mod m20261121_000001_users;
mod m20261121_000002_sessions;
mod m20261121_000003_one_time_tokens;
mod m20261121_000004_outbox;
mod m20261121_000005_contacts;
mod m20261121_000006_audit_events;
mod m20261121_000007_orphaned_pictures;
mod m20261121_000008_idempotency_keys;
mod m20261121_000009_known_devices;
mod m20261121_000010_mail_slots;
mod m20261121_000011_deleted_accounts;
mod m20261121_000012_invitations;
mod m20261121_000013_purged_contacts;
mod m20261121_000014_sync_epoch;
mod m20261121_000015_contact_cards;
mod m20261121_000016_group_cards;
mod m20261121_000017_app_passwords;

use sea_orm_migration::MigrationTrait;
pub use sea_orm_migration::MigratorTrait;

/// All migrations, oldest first.
#[derive(Debug, Clone, Copy)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261121_000001_users::Migration),
            Box::new(m20261121_000002_sessions::Migration),
            Box::new(m20261121_000003_one_time_tokens::Migration),
            Box::new(m20261121_000004_outbox::Migration),
            Box::new(m20261121_000005_contacts::Migration),
            Box::new(m20261121_000006_audit_events::Migration),
            Box::new(m20261121_000007_orphaned_pictures::Migration),
            Box::new(m20261121_000008_idempotency_keys::Migration),
            Box::new(m20261121_000009_known_devices::Migration),
            Box::new(m20261121_000010_mail_slots::Migration),
            Box::new(m20261121_000011_deleted_accounts::Migration),
            Box::new(m20261121_000012_invitations::Migration),
            Box::new(m20261121_000013_purged_contacts::Migration),
            Box::new(m20261121_000014_sync_epoch::Migration),
            Box::new(m20261121_000015_contact_cards::Migration),
            Box::new(m20261121_000016_group_cards::Migration),
            Box::new(m20261121_000017_app_passwords::Migration),
        ]
    }
}
