//! Contract suite of session caches.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use domain::{
    account::{Locale, User, Username},
    app_password::{AppPassword, AppPasswordName, Scope, Scopes},
    client::ClientInfo,
    ids::{AppPasswordId, UserId},
    picture::PictureKey,
    session::{CacheLookup, CacheTicket, Credential, Session, SessionCache},
};
use tokio::time::sleep;

use crate::samples;

/// Caches under test.
#[async_trait]
pub trait SessionCaches: Send + Sync {
    /// Opens two caches with the same new entries of that lifetime, like those of two replicas.
    async fn open(&self, lifetime: Duration) -> [Arc<dyn SessionCache>; 2];

    /// Advances the time.
    async fn pass(&self, time: Duration);
}

const HOUR: Duration = Duration::from_secs(3600);

/// Longer than an entry needs to become visible.
const DELAY: Duration = Duration::from_millis(100);

async fn ticket(cache: &dyn SessionCache, credential: &Credential) -> CacheTicket {
    match cache.look_up(credential.user(), credential.id()).await {
        CacheLookup::Miss(ticket) => ticket,
        other => panic!("{other:?}"),
    }
}

async fn found_by(cache: &dyn SessionCache, user: UserId, credential: &Credential) -> Option<(Credential, User)> {
    match cache.look_up(user, credential.id()).await {
        CacheLookup::Hit(found) => Some(*found),
        CacheLookup::Miss(_) => None,
        CacheLookup::Unavailable => panic!("the cache is unavailable"),
    }
}

async fn found(cache: &dyn SessionCache, credential: &Credential) -> Option<(Credential, User)> {
    found_by(cache, credential.user(), credential).await
}

/// Stores an entry, and waits until it is visible.
async fn store(cache: &dyn SessionCache, ticket: CacheTicket, credential: &Credential, user: &User) {
    cache.store(ticket, credential, user).await;
    for _ in 0..600 {
        if let Some(entry) = found(cache, credential).await {
            assert_eq!(entry, (credential.clone(), user.clone()));
            return;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("the entry did not become visible within 30 seconds");
}

/// Stores an outdated entry, and checks that no cache returns it.
async fn store_outdated(
    caches: &[Arc<dyn SessionCache>; 2],
    ticket: CacheTicket,
    credential: &Credential,
    user: &User,
) {
    caches[0].store(ticket, credential, user).await;
    sleep(DELAY).await;
    for cache in caches {
        assert_eq!(found(&**cache, credential).await, None, "the ticket is older than the invalidation");
    }
}

pub async fn stored_entry_is_found_unchanged_by_every_cache(caches: &dyn SessionCaches) {
    let [first, second] = caches.open(HOUR).await;
    let plain = samples::user();
    let mut full = User { username: Username::parse("Їжак \"O'Neil\" \\ 😀").unwrap(), ..samples::user() };
    full.email_verified = false;
    full.pending_email = Some(samples::user().email);
    full.avatar = Some(PictureKey::avatar(samples::id()));
    full.locale = Locale::Uk;
    full.timezone = "Europe/Kyiv".parse().unwrap();
    full.notify_new_device = false;
    full.created_at += chrono::Duration::microseconds(1);
    for user in [plain, full] {
        for client in [ClientInfo::default(), ClientInfo::new("2001:db8::7".parse().ok(), Some("tests/1.0"))] {
            let session = Credential::Session(Session { client, ..samples::session(user.id) });
            store(&*first, ticket(&*first, &session).await, &session, &user).await;
            assert_eq!(found(&*second, &session).await, Some((session, user.clone())));
        }
    }
}

pub async fn stored_app_password_is_found_unchanged_by_every_cache(caches: &dyn SessionCaches) {
    let [first, second] = caches.open(HOUR).await;
    let user = samples::user();
    let plain = samples::app_password(user.id);
    let full = AppPassword {
        name: AppPasswordName::parse("Телефон \"O'Neil\" \\ 😀").unwrap(),
        scopes: Scopes::new(Scope::ALL).unwrap(),
        expires_at: Some(samples::now() + chrono::Duration::microseconds(1)),
        last_used_at: Some(samples::now() + chrono::Duration::microseconds(2)),
        ..samples::app_password(user.id)
    };
    for password in [plain, full].map(Credential::AppPassword) {
        store(&*first, ticket(&*first, &password).await, &password, &user).await;
        assert_eq!(found(&*second, &password).await, Some((password.clone(), user.clone())));
        second.invalidate(&[user.id]).await;
        assert_eq!(found(&*first, &password).await, None);
    }
}

pub async fn id_of_an_app_password_is_found_by_its_digest(caches: &dyn SessionCaches) {
    let [first, second] = caches.open(HOUR).await;
    let digest = samples::secret().digest();
    assert_eq!(first.app_password_id(&digest).await, None);
    let (user, id) = (samples::user().id, AppPasswordId(samples::id()));
    first.store_app_password_id(&digest, user, id).await;
    for _ in 0..600 {
        if first.app_password_id(&digest).await.is_some() {
            break;
        }
        sleep(Duration::from_millis(50)).await;
    }
    for cache in [first, second] {
        assert_eq!(cache.app_password_id(&digest).await, Some((user, id)));
        assert_eq!(cache.app_password_id(&samples::secret().digest()).await, None);
        cache.invalidate(&[user]).await;
        assert_eq!(cache.app_password_id(&digest).await, Some((user, id)), "it never changes");
    }
}

pub async fn session_of_another_user_is_a_miss(caches: &dyn SessionCaches) {
    let [cache, _] = caches.open(HOUR).await;
    let (user, other) = (samples::user(), samples::user());
    let session = Credential::Session(samples::session(user.id));
    store(&*cache, ticket(&*cache, &session).await, &session, &user).await;
    assert_eq!(found_by(&*cache, other.id, &session).await, None);
}

pub async fn invalidation_removes_all_sessions_of_the_users(caches: &dyn SessionCaches) {
    let [cache, other] = caches.open(HOUR).await;
    let (user, second_user) = (samples::user(), samples::user());
    let entries = [&user, &user, &second_user].map(|user| (Credential::Session(samples::session(user.id)), user));
    for (session, user) in &entries {
        store(&*cache, ticket(&*cache, session).await, session, user).await;
    }
    other.invalidate(&[user.id, second_user.id]).await;
    for (session, _) in &entries {
        assert_eq!(found(&*cache, session).await, None);
        assert_eq!(found(&*other, session).await, None);
    }
}

pub async fn entry_read_before_an_invalidation_is_never_found(caches: &dyn SessionCaches) {
    let both = caches.open(HOUR).await;
    let user = samples::user();
    let session = Credential::Session(samples::session(user.id));
    for invalidating in &both {
        let early = ticket(&*both[0], &session).await;
        invalidating.invalidate(&[samples::user().id, user.id]).await;
        store_outdated(&both, early, &session, &user).await;
    }
    let early = ticket(&*both[1], &session).await;
    store(&*both[1], early, &session, &user).await;
    both[0].invalidate(&[user.id]).await;
    store_outdated(&both, early, &session, &user).await;
}

pub async fn invalidated_user_can_be_stored_again(caches: &dyn SessionCaches) {
    let [cache, other] = caches.open(HOUR).await;
    let user = samples::user();
    let session = Credential::Session(samples::session(user.id));
    for _ in 0..3 {
        store(&*cache, ticket(&*cache, &session).await, &session, &user).await;
        assert_eq!(found(&*other, &session).await, Some((session.clone(), user.clone())));
        cache.invalidate(&[user.id]).await;
    }
}

pub async fn entry_expires_after_its_lifetime(caches: &dyn SessionCaches) {
    let lifetime = Duration::from_millis(200);
    let [cache, _] = caches.open(lifetime).await;
    let user = samples::user();
    let session = Credential::Session(samples::session(user.id));
    cache.store(ticket(&*cache, &session).await, &session, &user).await;
    sleep(DELAY).await;
    caches.pass(2 * lifetime).await;
    // On a busy machine the entry may have become visible late.
    for _ in 0..600 {
        if found(&*cache, &session).await.is_none() {
            return;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("the entry did not expire within 30 seconds");
}

pub async fn concurrent_reads_are_never_older_than_the_last_invalidation(caches: &dyn SessionCaches) {
    const WRITES: u64 = 60;
    let caches = caches.open(HOUR).await;
    let user = samples::user();
    let session = Credential::Session(samples::session(user.id));
    let rows = Rows { session, row: Mutex::new(user.clone()), invalidated: AtomicU64::new(0) };
    rows.write(0, &*caches[0]).await;
    let rows = Arc::new(rows);
    let readers: Vec<_> = (0..4)
        .map(|number| {
            let (rows, cache) = (Arc::clone(&rows), Arc::clone(&caches[number % 2]));
            tokio::spawn(async move {
                loop {
                    let written = rows.invalidated.load(Ordering::SeqCst);
                    let (read, is_cached) = rows.read(&*cache).await;
                    assert!(read >= written, "{read} was read, {written} was written before");
                    if written == WRITES && is_cached {
                        return;
                    }
                    // A cached entry is returned without a pause, in which nothing would be written.
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for number in 1..=WRITES {
        rows.write(number, &*caches[usize::from(number % 2 == 0)]).await;
        for cache in &caches {
            assert_eq!(rows.read(&**cache).await.0, number);
        }
    }
    for reader in readers {
        reader.await.unwrap();
    }
}

/// A store with one session. Its user is named by the number of the last write.
struct Rows {
    session: Credential,
    row: Mutex<User>,
    invalidated: AtomicU64,
}

impl Rows {
    async fn write(&self, number: u64, cache: &dyn SessionCache) {
        self.row.lock().unwrap().username = Username::parse(&format!("Name {number}")).unwrap();
        cache.invalidate(&[self.session.user()]).await;
        self.invalidated.store(number, Ordering::SeqCst);
    }

    /// Returns the number of the write that was read, and true when it was cached.
    async fn read(&self, cache: &dyn SessionCache) -> (u64, bool) {
        let row = || self.row.lock().unwrap().clone();
        let (user, is_cached) = match cache.look_up(self.session.user(), self.session.id()).await {
            CacheLookup::Hit(found) => (found.1, true),
            // A cache may be unavailable for a user whose entries are being invalidated.
            CacheLookup::Unavailable => (row(), false),
            CacheLookup::Miss(ticket) => {
                let user = row();
                tokio::task::yield_now().await;
                cache.store(ticket, &self.session, &user).await;
                (user, false)
            }
        };
        (user.username.as_str().rsplit(' ').next().unwrap().parse().unwrap(), is_cached)
    }
}

/// Defines one test for each case, for one kind of caches.
#[macro_export]
macro_rules! session_cache_contract {
    ($caches:path) => {
        $crate::session_cache_contract!($caches: stored_entry_is_found_unchanged_by_every_cache,
            stored_app_password_is_found_unchanged_by_every_cache, id_of_an_app_password_is_found_by_its_digest,
            session_of_another_user_is_a_miss, invalidation_removes_all_sessions_of_the_users,
            entry_read_before_an_invalidation_is_never_found, invalidated_user_can_be_stored_again,
            entry_expires_after_its_lifetime, concurrent_reads_are_never_older_than_the_last_invalidation);
    };
    ($caches:path: $($case:ident),+) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $case() {
                $crate::contract::session_cache::$case(&$caches()).await;
            }
        )+
    };
}
