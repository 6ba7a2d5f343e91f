//! The store with a session cache returns no outdated session or app password.

use std::{sync::Arc, time::Duration};

use domain::{
    account::{Email, Locale, PasswordHash, User, Username},
    app_password::AppPasswordQueries as _,
    picture::PictureKey,
    session::{Session, SessionQueries as _},
    store::{Store, UnitOfWork},
};
use persistence::SqlStore;
use sea_orm::ConnectionTrait as _;
use testkit::{fakes::FrozenClock, samples, session_cache::FakeSessionCache};

use crate::{
    cancelling::{WHOLE, cancel_after_polls},
    databases::TestDatabase,
};

on_both!(
    committed_changes_are_visible_through_the_session_cache,
    committed_changes_of_app_passwords_are_visible_through_the_session_cache,
    app_password_with_an_unknown_scope_is_not_cached,
    concurrent_cached_reads_return_no_outdated_user,
    cancelled_write_leaves_no_outdated_cache_entry
);

struct Cached {
    writer: SqlStore,
    reader: SqlStore,
    user: User,
    session: Session,
}

async fn cached(database: &TestDatabase) -> Cached {
    let plain = database.store().await;
    let user = User { email_verified: false, ..samples::user() };
    let session = samples::session(user.id);
    let mut unit = plain.begin().await.unwrap();
    unit.insert_user(&user, &PasswordHash("hash".to_owned())).await.unwrap();
    unit.insert_session(&session, &samples::secret().digest()).await.unwrap();
    unit.commit().await.unwrap();
    let cache = FakeSessionCache::new(Arc::new(FrozenClock::default()), Duration::from_secs(60));
    let database = database.database().with_session_cache(Arc::new(cache));
    Cached { writer: database.open().await.unwrap(), reader: database.open().await.unwrap(), user, session }
}

async fn committed_changes_are_visible_through_the_session_cache(database: Arc<TestDatabase>) {
    let Cached { writer, reader, user, session } = cached(&database).await;
    let plain = database.store().await;
    let other = samples::session(user.id);
    let first = samples::secret();
    let begun = async || -> Box<dyn UnitOfWork> { writer.begin().await.unwrap() };
    let seen = async |write: &str| {
        let both = reader.session_with_user(user.id, session.id).await.unwrap();
        assert_eq!(both, plain.session_with_user(user.id, session.id).await.unwrap(), "{write}");
        both
    };
    let mut unit = begun().await;
    unit.insert_session(&other, &first.digest()).await.unwrap();
    unit.commit().await.unwrap();
    let before = seen("nothing yet").await;
    assert_eq!(before, Some((session.clone(), user.clone())));

    let mut unit = begun().await;
    unit.update_profile(&User { username: Username::parse("Леся").unwrap(), locale: Locale::Uk, ..user.clone() })
        .await
        .unwrap();
    assert_eq!(seen("not committed").await, before);
    unit.commit().await.unwrap();
    assert_eq!(seen("profile").await.unwrap().1.username.as_str(), "Леся");

    let mut unit = begun().await;
    assert!(unit.mark_email_verified(user.id, &user.email).await.unwrap());
    unit.commit().await.unwrap();
    assert!(seen("verified e-mail").await.unwrap().1.email_verified);

    let new_email = Email::parse(&format!("new{}@example.com", samples::unique())).unwrap();
    let mut unit = begun().await;
    unit.set_pending_email(user.id, Some((&new_email, samples::now()))).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(seen("pending e-mail").await.unwrap().1.pending_email.as_ref(), Some(&new_email));

    let mut unit = begun().await;
    unit.change_email(user.id, &new_email).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(seen("address").await.unwrap().1.email, new_email);

    let mut unit = begun().await;
    unit.set_avatar(user.id, Some(&PictureKey::avatar(samples::id()))).await.unwrap();
    unit.commit().await.unwrap();
    assert!(seen("avatar").await.unwrap().1.avatar.is_some());

    let mut unit = begun().await;
    let found = unit.lock_session(other.id).await.unwrap().unwrap();
    unit.commit().await.unwrap();
    let later = samples::now() + chrono::Duration::minutes(5);
    let before = reader.session_with_user(user.id, other.id).await.unwrap().unwrap().0;
    let mut unit = begun().await;
    unit.renew_session(&Session { last_used_at: later, ..found.session }, &found.tokens).await.unwrap();
    unit.commit().await.unwrap();
    let after = reader.session_with_user(user.id, other.id).await.unwrap().unwrap().0;
    assert_eq!((before.last_used_at, after.last_used_at), (other.last_used_at, later));

    let mut unit = begun().await;
    unit.end_other_sessions(user.id, session.id).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(reader.session_with_user(user.id, other.id).await.unwrap(), None);
    assert!(seen("the others ended").await.is_some());

    let mut unit = begun().await;
    unit.end_session(user.id, session.id).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(seen("ended").await, None);

    for ends in ["all", "account"] {
        let mut unit = begun().await;
        let long_ago = session.created_at - chrono::Duration::days(1);
        assert_eq!(unit.purge_sessions(long_ago, long_ago, 9).await.unwrap(), 1 + u64::from(ends == "all"));
        unit.insert_session(&session, &samples::secret().digest()).await.unwrap();
        unit.commit().await.unwrap();
        assert!(seen("begun again").await.is_some());
        let mut unit = begun().await;
        if ends == "all" {
            unit.end_sessions_of(user.id).await.unwrap();
        } else {
            unit.delete_user(&user).await.unwrap();
        }
        unit.commit().await.unwrap();
        assert_eq!(seen(ends).await, None);
    }
}

async fn committed_changes_of_app_passwords_are_visible_through_the_session_cache(database: Arc<TestDatabase>) {
    let Cached { writer, reader, user, .. } = cached(&database).await;
    let begun = async || -> Box<dyn UnitOfWork> { writer.begin().await.unwrap() };
    let (password, digest) = (samples::app_password(user.id), samples::secret().digest());
    let mut unit = begun().await;
    unit.insert_app_password(&password, &digest).await.unwrap();
    unit.commit().await.unwrap();
    // The first read finds the id, the second one stores the entry.
    let seen = async || {
        for _ in 0..2 {
            reader.app_password_with_user(&digest).await.unwrap();
        }
        reader.cached_app_password(&digest).await
    };
    assert_eq!(seen().await, Some((password.clone(), user.clone())));

    let mut unit = begun().await;
    let username = Username::parse("Леся").unwrap();
    unit.update_profile(&User { username: username.clone(), ..user.clone() }).await.unwrap();
    assert_eq!(reader.cached_app_password(&digest).await.unwrap().1, user, "not committed");
    unit.commit().await.unwrap();
    assert_eq!(reader.cached_app_password(&digest).await, None);
    assert_eq!(seen().await.unwrap().1.username, username);

    // An entry does not contain the state of the account, but is discarded after each change of its user.
    for is_disabled in [true, false] {
        let mut unit = begun().await;
        unit.set_disabled(user.id, is_disabled).await.unwrap();
        unit.commit().await.unwrap();
        assert_eq!(reader.cached_app_password(&digest).await, None, "{is_disabled}");
        assert!(seen().await.is_some(), "{is_disabled}");
    }

    let now = samples::now();
    for is_recorded in [true, false] {
        let mut unit = begun().await;
        let recorded = unit.record_app_password_use(user.id, password.id, now, now - chrono::Duration::hours(1)).await;
        assert_eq!(recorded.unwrap(), is_recorded);
        unit.commit().await.unwrap();
        let is_cached = reader.cached_app_password(&digest).await.is_some();
        assert_eq!(is_cached, !is_recorded, "only a recorded use discards the entry");
        assert_eq!(seen().await.unwrap().0.last_used_at, Some(now));
    }

    for ends in ["one", "all", "account"] {
        let mut unit = begun().await;
        match ends {
            "one" => drop(unit.end_app_password(user.id, password.id).await.unwrap()),
            "all" => drop(unit.end_app_passwords_of(user.id).await.unwrap()),
            _ => drop(unit.delete_user(&user).await.unwrap()),
        }
        unit.commit().await.unwrap();
        assert_eq!(reader.cached_app_password(&digest).await, None, "{ends}");
        assert_eq!(reader.app_password_with_user(&digest).await.unwrap(), None, "{ends}");
        if ends != "account" {
            let mut unit = begun().await;
            unit.insert_app_password(&password, &digest).await.unwrap();
            unit.commit().await.unwrap();
            assert!(seen().await.is_some(), "{ends}");
        }
    }
}

/// A replica of another version, which knows the scope, may use the same cache.
async fn app_password_with_an_unknown_scope_is_not_cached(database: Arc<TestDatabase>) {
    let Cached { writer, reader, user, .. } = cached(&database).await;
    let (password, digest) = (samples::app_password(user.id), samples::secret().digest());
    let mut unit = writer.begin().await.unwrap();
    unit.insert_app_password(&password, &digest).await.unwrap();
    unit.commit().await.unwrap();
    let raw = database.raw().await;
    raw.execute_unprepared("UPDATE app_passwords SET scopes = 'of_tomorrow api:read'").await.unwrap();
    for _ in 0..3 {
        assert_eq!(reader.cached_app_password(&digest).await, None);
        assert!(reader.app_password_with_user(&digest).await.unwrap().is_some());
    }
}

async fn concurrent_cached_reads_return_no_outdated_user(database: Arc<TestDatabase>) {
    let Cached { writer, reader, user, session } = cached(&database).await;
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let (reader, user, session) = (reader.clone(), user.id, session.id);
            tokio::spawn(async move {
                let mut seen = 0_u64;
                while seen < 60 {
                    let (_, user) = reader.session_with_user(user, session).await.unwrap().unwrap();
                    // The first name of the user ends with a number, too.
                    let number =
                        user.username.as_str().strip_prefix("Name ").map_or(0, |number| number.parse().unwrap());
                    assert!(number >= seen, "{number} after {seen}");
                    seen = number;
                    // A cached entry is returned without a pause, in which nothing would be written.
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for number in 1..=60 {
        let username = Username::parse(&format!("Name {number}")).unwrap();
        let mut unit = writer.begin().await.unwrap();
        unit.update_profile(&User { username: username.clone(), ..user.clone() }).await.unwrap();
        unit.commit().await.unwrap();
        let (_, read) = reader.session_with_user(user.id, session.id).await.unwrap().unwrap();
        assert_eq!(read.username, username, "a client reads its own writes");
    }
    for reader in readers {
        reader.await.unwrap();
    }
}

async fn cancelled_write_leaves_no_outdated_cache_entry(database: Arc<TestDatabase>) {
    let Cached { writer, reader, user, session } = cached(&database).await;
    let plain = database.store().await;
    let mut finished = 0;
    for polls in (0..99).chain([WHOLE]) {
        reader.session_with_user(user.id, session.id).await.unwrap();
        let username = Username::parse(&format!("Name {polls}")).unwrap();
        let request = async {
            let mut unit = writer.begin().await.unwrap();
            unit.update_profile(&User { username, ..user.clone() }).await.unwrap();
            unit.commit().await.unwrap();
        };
        finished += u32::from(cancel_after_polls(polls, request).await);
        // A write may still be in progress. Another unit waits for it.
        let mut unit = writer.begin().await.unwrap();
        let stored = unit.lock_user(user.id).await.unwrap().unwrap();
        drop(unit);
        let mut read = reader.session_with_user(user.id, session.id).await.unwrap().unwrap().1;
        if read != stored {
            // Committed, and about to be invalidated.
            tokio::time::sleep(Duration::from_millis(20)).await;
            read = reader.session_with_user(user.id, session.id).await.unwrap().unwrap().1;
        }
        assert_eq!(read, plain.session_with_user(user.id, session.id).await.unwrap().unwrap().1, "{polls}");
    }
    assert!((1..100).contains(&finished), "{finished} of 100 ended: some must be cut off, and some not");
}
