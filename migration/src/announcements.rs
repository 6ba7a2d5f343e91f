//! Announcements of changed users, sessions and app passwords, on PostgreSQL. They let each process discard cached
//! credentials that another one has changed. SQLite has no other process that serves.

use sea_orm_migration::{
    SchemaManager,
    sea_orm::{ConnectionTrait as _, DbBackend, DbErr},
};

/// Creates the function that announces the user of a changed row. The argument of its triggers is the column with the id.
pub(crate) async fn create_function(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    on_postgres(
        manager,
        "CREATE FUNCTION announce_session_change() RETURNS trigger LANGUAGE plpgsql AS $$ \
         BEGIN PERFORM pg_notify('session_changes', to_jsonb(OLD) ->> TG_ARGV[0]); RETURN NULL; END $$",
    )
    .await
}

/// Announces users. Numbers of contacts and of their changes are not cached with a session, and change often.
pub(crate) async fn announce_users(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    on_postgres(
        manager,
        "CREATE TRIGGER users_announced AFTER UPDATE ON users FOR EACH ROW \
         WHEN (OLD.contact_count = NEW.contact_count AND OLD.contact_changes = NEW.contact_changes \
         AND OLD.changes_floor = NEW.changes_floor) EXECUTE FUNCTION announce_session_change('id')",
    )
    .await?;
    on_postgres(
        manager,
        "CREATE TRIGGER users_deletion_announced AFTER DELETE ON users FOR EACH ROW \
         EXECUTE FUNCTION announce_session_change('id')",
    )
    .await
}

/// Announces the user of a changed session. A refresh, recognized by its new token, is not announced, because commits that
/// announce wait for each other. A refresh changes the time and the IP address of a cached session, and neither ends it.
pub(crate) async fn announce_sessions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    on_postgres(
        manager,
        "CREATE TRIGGER sessions_announced AFTER UPDATE ON sessions FOR EACH ROW \
         WHEN (OLD.token_digest = NEW.token_digest OR OLD.ended <> NEW.ended) \
         EXECUTE FUNCTION announce_session_change('user_id')",
    )
    .await?;
    on_postgres(
        manager,
        "CREATE TRIGGER sessions_deletion_announced AFTER DELETE ON sessions FOR EACH ROW \
         EXECUTE FUNCTION announce_session_change('user_id')",
    )
    .await
}

/// Announces the users of app passwords.
pub(crate) async fn announce_app_passwords(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    on_postgres(
        manager,
        "CREATE TRIGGER app_passwords_announced AFTER UPDATE OR DELETE ON app_passwords FOR EACH ROW \
         EXECUTE FUNCTION announce_session_change('user_id')",
    )
    .await
}

/// Drops the function. Its triggers were dropped with their tables.
pub(crate) async fn drop_function(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    on_postgres(manager, "DROP FUNCTION announce_session_change()").await
}

async fn on_postgres(manager: &SchemaManager<'_>, statement: &str) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::Postgres {
        manager.get_connection().execute_unprepared(statement).await?;
    }
    Ok(())
}
