//! Changes of users and sessions that PostgreSQL announces to every process.

use std::{
    num::NonZeroU64,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use domain::{
    account::User,
    ids::{AppPasswordId, UserId},
    secret::SecretDigest,
    session::{
        CacheLookup, CacheTicket, Credential, CredentialId, Session, SessionCache, SessionQueries as _, StoredTokens,
        WatchedSessionCache,
    },
    store::Store as _,
};
use sea_orm::ConnectionTrait as _;
use testkit::samples;
use tokio::{
    task::JoinHandle,
    time::{sleep, timeout},
};

use crate::databases::{self, Kind, TestDatabase};

/// Much longer than any step of these tests takes.
const TEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Cache that records what a watch passes to it.
#[derive(Default)]
struct Recorder {
    changed: Mutex<Vec<UserId>>,
    watch: AtomicU64,
}

impl Recorder {
    /// Waits for the first change, and takes all.
    async fn changes(&self) -> Vec<UserId> {
        wait_for(|| !self.changed.lock().unwrap().is_empty()).await;
        std::mem::take(&mut *self.changed.lock().unwrap())
    }

    async fn confirmed(&self, watch: u64) {
        wait_for(|| self.watch.load(Ordering::SeqCst) == watch).await;
    }
}

async fn wait_for(is_true: impl Fn() -> bool) {
    let waiting = async {
        while !is_true() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(TEST_TIMEOUT, waiting).await.unwrap();
}

#[async_trait]
impl SessionCache for Recorder {
    async fn look_up(&self, _: UserId, _: CredentialId) -> CacheLookup {
        CacheLookup::Unavailable
    }

    async fn store(&self, _: CacheTicket, _: &Credential, _: &User) {}

    async fn app_password_id(&self, _: &SecretDigest) -> Option<(UserId, AppPasswordId)> {
        None
    }

    async fn store_app_password_id(&self, _: &SecretDigest, _: UserId, _: AppPasswordId) {}

    async fn invalidate(&self, users: &[UserId]) {
        self.changed.lock().unwrap().extend(users);
    }
}

impl WatchedSessionCache for Recorder {
    fn confirm(&self, watch: NonZeroU64) {
        self.watch.store(watch.get(), Ordering::SeqCst);
    }
}

/// Stores a user with a session, and watches the database.
async fn watched(database: &TestDatabase) -> (UserId, Arc<Recorder>, JoinHandle<()>) {
    let store = database.store().await;
    let user = samples::stored_user(&store).await.id;
    let mut unit = store.begin().await.unwrap();
    unit.insert_session(&samples::session(user), &samples::secret().digest()).await.unwrap();
    unit.insert_app_password(&samples::app_password(user), &samples::secret().digest()).await.unwrap();
    unit.commit().await.unwrap();
    let recorder = Arc::new(Recorder::default());
    let (cache, watching) = (Arc::clone(&recorder), database.database());
    let watch = tokio::spawn(async move { watching.watch_session_changes(&*cache).await });
    recorder.confirmed(1).await;
    (user, recorder, watch)
}

#[tokio::test]
async fn changes_of_users_and_credentials_are_announced_and_numbers_of_contacts_are_not() {
    databases::with(Kind::Postgres, async |database| {
        let (user, recorder, watch) = watched(&database).await;
        let raw = database.raw().await;
        for number in ["contact_count", "contact_changes", "changes_floor"] {
            raw.execute_unprepared(&format!("UPDATE users SET {number} = {number} + 1")).await.unwrap();
        }
        for change in [
            "UPDATE users SET username = 'Olena'",
            "UPDATE sessions SET ended = true",
            "DELETE FROM sessions",
            "UPDATE app_passwords SET last_used_at = created_at",
            "DELETE FROM app_passwords",
            "DELETE FROM users",
        ] {
            raw.execute_unprepared(change).await.unwrap();
            assert_eq!(recorder.changes().await, [user], "{change}");
        }
        watch.abort();
    })
    .await;
}

/// Announcements arrive in the order of the commits, so one of the refresh would come before that of the other user.
#[tokio::test]
async fn end_of_a_session_is_announced_and_a_refresh_is_not() {
    databases::with(Kind::Postgres, async |database| {
        let (user, recorder, watch) = watched(&database).await;
        let store = database.store().await;
        let other = samples::stored_user(&store).await.id;
        let session = store.sessions_of(user).await.unwrap().remove(0);
        let mut unit = store.begin().await.unwrap();
        let found = unit.lock_session(session.id).await.unwrap().unwrap();
        let later = samples::now() + chrono::Duration::minutes(5);
        let tokens = StoredTokens { current: samples::secret().digest(), ..found.tokens };
        unit.renew_session(&Session { last_used_at: later, ..found.session }, &tokens).await.unwrap();
        unit.commit().await.unwrap();
        let mut unit = store.begin().await.unwrap();
        unit.set_avatar(other, None).await.unwrap();
        unit.commit().await.unwrap();
        assert_eq!(recorder.changes().await, [other], "a refresh is not announced");
        let mut unit = store.begin().await.unwrap();
        assert!(unit.end_session(user, session.id).await.unwrap());
        unit.commit().await.unwrap();
        assert_eq!(recorder.changes().await, [user], "the end of a session is announced");
        watch.abort();
    })
    .await;
}

#[tokio::test]
async fn new_watch_begins_after_a_lost_connection() {
    databases::with(Kind::Postgres, async |database| {
        let (user, recorder, watch) = watched(&database).await;
        let raw = database.raw().await;
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                   WHERE datname = current_database() AND query LIKE '%is_in_recovery%' AND pid <> pg_backend_pid()";
        raw.execute_unprepared(end).await.unwrap();
        recorder.confirmed(2).await;
        raw.execute_unprepared("UPDATE users SET username = 'Olena'").await.unwrap();
        assert_eq!(recorder.changes().await, [user]);
        watch.abort();
    })
    .await;
}

#[tokio::test]
async fn process_that_does_not_serve_announces_its_changes_on_sqlite() {
    databases::with(Kind::Sqlite, async |database| {
        let (user, recorder, watch) = watched(&database).await;
        let operator = database.database().announcing_session_changes().open().await.unwrap();
        let mut unit = operator.begin().await.unwrap();
        unit.take_change_numbers(user, 1, 1).await.unwrap();
        unit.commit().await.unwrap();
        let mut unit = operator.begin().await.unwrap();
        unit.set_avatar(user, None).await.unwrap();
        unit.commit().await.unwrap();
        recorder.confirmed(2).await;
        watch.abort();
    })
    .await;
}
