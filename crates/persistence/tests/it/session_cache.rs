//! Who a session belongs to is remembered, and never longer than it is true.

use std::{sync::Arc, time::Duration};

use domain::{
    account::{Email, Locale, User, Username},
    client::ClientInfo,
    ids::{SessionId, UserId},
    picture::PictureKey,
    session::{Session, SessionQueries as _},
    store::{Store, UnitOfWork},
};
use persistence::{
    InProcessSessionCache, RedisServer, RedisSessionCache, RedisSettings, Remembered, SessionCache, SqlStore, Ticket,
};
use testkit::{
    redis::{self, PrivateRedis},
    samples,
};
use uuid::Uuid;

use crate::databases::TestDatabase;

on_both!(every_write_is_seen_at_once, readers_and_writers_at_once_agree, a_request_given_up_leaves_nothing_old);

fn in_process() -> InProcessSessionCache {
    InProcessSessionCache::new(Duration::from_secs(60), InProcessSessionCache::CAPACITY)
}

async fn ticket(cache: &dyn SessionCache, user: UserId, session: SessionId) -> Ticket {
    match cache.look_up(user, session).await {
        Remembered::Unknown(ticket) => ticket,
        other => panic!("{other:?}"),
    }
}

async fn known(cache: &dyn SessionCache, user: UserId, session: SessionId) -> Option<(Session, User)> {
    match cache.look_up(user, session).await {
        Remembered::Known(found) => Some(*found),
        Remembered::Unknown(_) | Remembered::Away => None,
    }
}

/// Remembers, and waits until it is done.
async fn remember(cache: &dyn SessionCache, ticket: Ticket, session: &Session, user: &User) {
    cache.remember(ticket, session, user).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
}

/// What every cache owes, whoever shares it: `other` is the same cache as another process sees it.
async fn keeps_its_contract(cache: &dyn SessionCache, other: &dyn SessionCache) {
    let (user, stranger) = (samples::user(), samples::user());
    let (session, second) = (samples::session(user.id), samples::session(user.id));
    let early = ticket(cache, user.id, session.id).await;
    remember(cache, early, &session, &user).await;
    remember(cache, ticket(cache, user.id, second.id).await, &second, &user).await;
    assert_eq!(known(other, user.id, session.id).await, Some((session.clone(), user.clone())));
    assert_eq!(known(other, user.id, second.id).await, Some((second.clone(), user.clone())));
    assert_eq!(known(other, stranger.id, session.id).await, None, "a session is its user's only");

    other.forget(&[user.id]).await;
    assert_eq!(known(cache, user.id, session.id).await, None);
    assert_eq!(known(cache, user.id, second.id).await, None);
    remember(cache, early, &session, &user).await;
    assert_eq!(known(cache, user.id, session.id).await, None, "read before, remembered after");
    let late = ticket(other, user.id, session.id).await;
    cache.forget(&[stranger.id, user.id]).await;
    remember(other, late, &session, &user).await;
    assert_eq!(known(other, user.id, session.id).await, None, "overtaken");
    let fresh = ticket(other, user.id, session.id).await;
    remember(other, fresh, &session, &user).await;
    assert_eq!(known(cache, user.id, session.id).await, Some((session, user)), "and may be remembered anew");
}

#[tokio::test]
async fn in_the_process() {
    let cache = in_process();
    keeps_its_contract(&cache, &cache).await;
}

async fn server(url: String, patience: Duration) -> Arc<RedisServer> {
    #[expect(clippy::disallowed_methods, reason = "the names must be new in every process")]
    let secret = Uuid::now_v7().to_string();
    RedisServer::watch(&RedisSettings { url: url.into(), secret: secret.into(), patience }).await.unwrap()
}

/// A machine that is busy with other tests must not look like a Redis that is away.
const PATIENT: Duration = Duration::from_secs(20);
const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn in_redis() {
    let server = server(redis::shared_url(), PATIENT).await;
    let (cache, other) = (RedisSessionCache::new(server.clone(), MINUTE), RedisSessionCache::new(server, MINUTE));
    keeps_its_contract(&cache, &other).await;
}

#[tokio::test]
async fn in_redis_an_entry_ends_by_itself() {
    let cache = RedisSessionCache::new(server(redis::shared_url(), PATIENT).await, Duration::from_millis(300));
    let user = samples::user();
    let session = samples::session(user.id);
    remember(&cache, ticket(&cache, user.id, session.id).await, &session, &user).await;
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(known(&cache, user.id, session.id).await, None);
}

#[tokio::test]
async fn every_field_comes_back_from_redis() {
    let cache = RedisSessionCache::new(server(redis::shared_url(), PATIENT).await, MINUTE);
    let mut user = samples::user();
    user.username = Username::parse("Їжак \"O'Neil\" \\ 😀").unwrap();
    user.email_verified = false;
    user.pending_email = Some(samples::user().email);
    user.avatar = Some(PictureKey::avatar(samples::id()));
    user.locale = Locale::Uk;
    user.timezone = "Europe/Kyiv".parse().unwrap();
    user.created_at += chrono::Duration::microseconds(1);
    for client in [ClientInfo::default(), ClientInfo::new("2001:db8::7".parse().ok(), Some("tests/1.0"))] {
        let session = Session { client, ..samples::session(user.id) };
        remember(&cache, ticket(&cache, user.id, session.id).await, &session, &user).await;
        assert_eq!(known(&cache, user.id, session.id).await, Some((session, user.clone())));
    }
}

#[tokio::test]
async fn without_redis_nothing_is_known_and_nobody_waits() {
    let mut private = PrivateRedis::start().await;
    let server = server(private.url(), Duration::from_secs(2)).await;
    let (cache, other) = (RedisSessionCache::new(server.clone(), MINUTE), RedisSessionCache::new(server, MINUTE));
    let user = samples::user();
    let session = samples::session(user.id);
    let early = ticket(&cache, user.id, session.id).await;
    remember(&cache, early, &session, &user).await;

    private.freeze();
    assert!(matches!(cache.look_up(user.id, session.id).await, Remembered::Away));
    // What is to be forgotten now is still there when Redis thaws.
    cache.forget(&[user.id]).await;
    remember(&cache, early, &session, &user).await;
    private.thaw();
    let mut is_forgotten = false;
    for _ in 0..200 {
        // Never known to the one who forgot it, and soon not to the other either.
        assert_eq!(known(&cache, user.id, session.id).await, None);
        is_forgotten = matches!(other.look_up(user.id, session.id).await, Remembered::Unknown(_))
            && matches!(cache.look_up(user.id, session.id).await, Remembered::Unknown(_));
        if is_forgotten {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(is_forgotten, "within ten seconds");
    private.kill();
}

#[tokio::test]
async fn an_emptied_redis_brings_nothing_back() {
    let private = PrivateRedis::start().await;
    let cache = RedisSessionCache::new(server(private.url(), PATIENT).await, MINUTE);
    let user = samples::user();
    let session = samples::session(user.id);
    let early = ticket(&cache, user.id, session.id).await;
    cache.forget(&[user.id]).await;
    private.flush();
    remember(&cache, early, &session, &user).await;
    assert_eq!(known(&cache, user.id, session.id).await, None, "overtaken, and the trace of it lost");
}

#[tokio::test]
async fn an_entry_ends_by_itself() {
    let cache = InProcessSessionCache::new(Duration::from_millis(50), InProcessSessionCache::CAPACITY);
    let user = samples::user();
    let session = samples::session(user.id);
    cache.remember(ticket(&cache, user.id, session.id).await, &session, &user).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(known(&cache, user.id, session.id).await, None);
}

#[tokio::test]
async fn it_keeps_within_its_bounds() {
    let capacity = 1024 * 1024;
    let cache = InProcessSessionCache::new(Duration::from_secs(60), capacity);
    for _ in 0..20_000 {
        let user = samples::user();
        let session = samples::session(user.id);
        cache.remember(ticket(&cache, user.id, session.id).await, &session, &user).await;
    }
    let weighed = cache.weighed();
    assert!((capacity / 2..=capacity).contains(&weighed), "{weighed}");
}

struct Cached {
    writer: SqlStore,
    reader: SqlStore,
    user: User,
    session: Session,
}

async fn cached(database: &TestDatabase) -> Cached {
    let plain = database.store().await;
    let user = samples::stored_user(&plain).await;
    let session = samples::session(user.id);
    let mut unit = plain.begin().await.unwrap();
    unit.insert_session(&session, &samples::secret().digest()).await.unwrap();
    unit.commit().await.unwrap();
    let database = database.database().with_session_cache(Arc::new(in_process()));
    Cached { writer: database.open().await.unwrap(), reader: database.open().await.unwrap(), user, session }
}

async fn every_write_is_seen_at_once(database: Arc<TestDatabase>) {
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

    let wanted = Email::parse(&format!("new{}@example.com", samples::unique())).unwrap();
    let mut unit = begun().await;
    unit.set_pending_email(user.id, Some((&wanted, samples::now()))).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(seen("wanted address").await.unwrap().1.pending_email.as_ref(), Some(&wanted));

    let mut unit = begun().await;
    unit.change_email(user.id, &wanted).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(seen("address").await.unwrap().1.email, wanted);

    let mut unit = begun().await;
    unit.mark_email_verified(user.id, &wanted).await.unwrap();
    unit.set_avatar(user.id, Some(&PictureKey::avatar(samples::id()))).await.unwrap();
    unit.commit().await.unwrap();
    assert!(seen("avatar").await.unwrap().1.avatar.is_some());

    let mut unit = begun().await;
    let found = unit.lock_session(other.id).await.unwrap().unwrap();
    let later = samples::now() + chrono::Duration::minutes(5);
    let before = reader.session_with_user(user.id, other.id).await.unwrap().unwrap().0;
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

async fn readers_and_writers_at_once_agree(database: Arc<TestDatabase>) {
    let Cached { writer, reader, user, session } = cached(&database).await;
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let (reader, user, session) = (reader.clone(), user.id, session.id);
            tokio::spawn(async move {
                let mut seen = 0_u64;
                while seen < 60 {
                    let (_, user) = reader.session_with_user(user, session).await.unwrap().unwrap();
                    let number = user.username.as_str().rsplit(' ').next().unwrap().parse().unwrap_or(0);
                    assert!(number >= seen, "{number} after {seen}");
                    seen = number;
                    // What is remembered is answered without a pause, in which nobody would write.
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
        assert_eq!(read.username, username, "whoever was answered sees what they wrote");
    }
    for reader in readers {
        reader.await.unwrap();
    }
}

async fn a_request_given_up_leaves_nothing_old(database: Arc<TestDatabase>) {
    let Cached { writer, reader, user, session } = cached(&database).await;
    let plain = database.store().await;
    for step in 0..100_u64 {
        reader.session_with_user(user.id, session.id).await.unwrap();
        let username = Username::parse(&format!("Name {step}")).unwrap();
        let request = async {
            let mut unit = writer.begin().await.unwrap();
            unit.update_profile(&User { username, ..user.clone() }).await.unwrap();
            unit.commit().await.unwrap();
        };
        let _ = tokio::time::timeout(Duration::from_micros(step * 40), request).await;
        // What was begun may still be on its way; a unit of one's own waits for it.
        let mut unit = writer.begin().await.unwrap();
        let stored = unit.lock_user(user.id).await.unwrap().unwrap();
        drop(unit);
        let mut read = reader.session_with_user(user.id, session.id).await.unwrap().unwrap().1;
        if read != stored {
            // Committed, and about to be forgotten.
            tokio::time::sleep(Duration::from_millis(20)).await;
            read = reader.session_with_user(user.id, session.id).await.unwrap().unwrap().1;
        }
        assert_eq!(read, plain.session_with_user(user.id, session.id).await.unwrap().unwrap().1, "{step}");
    }
}
