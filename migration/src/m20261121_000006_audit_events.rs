//! The audit trail. Rows are inserted, and deleted when they are old; a trigger rejects updates.

use sea_orm_migration::{
    prelude::*,
    schema::{timestamp_with_time_zone, uuid, uuid_null},
    sea_orm::DbBackend,
};

use crate::columns::{text, text_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum AuditEvents {
    Table,
    Id,
    At,
    UserId,
    Action,
    Outcome,
    Ip,
    UserAgent,
}

const SQLITE_UP: &str = "
    CREATE TRIGGER audit_events_append_only BEFORE UPDATE ON audit_events
    BEGIN SELECT RAISE(ABORT, 'audit_events is append-only'); END";

const POSTGRES_UP: &str = "
    CREATE FUNCTION audit_events_refuse_update() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'audit_events is append-only'; END $$;
    CREATE TRIGGER audit_events_append_only BEFORE UPDATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION audit_events_refuse_update()";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let events = Table::create()
            .table(AuditEvents::Table)
            .col(uuid(AuditEvents::Id).primary_key())
            .col(timestamp_with_time_zone(AuditEvents::At))
            // No foreign key: events of a deleted account are removed later, in batches.
            .col(uuid_null(AuditEvents::UserId))
            .col(text(manager, AuditEvents::Action))
            .col(text(manager, AuditEvents::Outcome))
            .col(text_null(manager, AuditEvents::Ip))
            .col(text_null(manager, AuditEvents::UserAgent))
            .take();
        manager.create_table(events).await?;
        let by_user = Index::create()
            .name("audit_events_user_id_id_idx")
            .table(AuditEvents::Table)
            .col(AuditEvents::UserId)
            .col(AuditEvents::Id)
            .take();
        manager.create_index(by_user).await?;
        // For the purges, since each outcome has its own retention, and for recent wrong passwords.
        let by_outcome = Index::create()
            .name("audit_events_outcome_at_idx")
            .table(AuditEvents::Table)
            .col(AuditEvents::Outcome)
            .col(AuditEvents::At)
            .take();
        manager.create_index(by_outcome).await?;
        // To count the wrong passwords of a user.
        let wrong_passwords = Index::create()
            .name("audit_events_wrong_password_user_id_idx")
            .table(AuditEvents::Table)
            .col(AuditEvents::UserId)
            .col(AuditEvents::At)
            .and_where(Expr::cust("outcome = 'wrong-password' AND user_id IS NOT NULL"))
            .take();
        manager.create_index(wrong_passwords).await?;
        let append_only = match manager.get_database_backend() {
            DbBackend::Postgres => POSTGRES_UP,
            _ => SQLITE_UP,
        };
        manager.get_connection().execute_unprepared(append_only).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(AuditEvents::Table).take()).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            manager.get_connection().execute_unprepared("DROP FUNCTION audit_events_refuse_update()").await?;
        }
        Ok(())
    }
}
