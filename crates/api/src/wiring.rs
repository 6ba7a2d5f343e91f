//! The only file that names concrete adapters: it puts one behind each port.

use std::{fs::DirBuilder, io, path::Path, sync::Arc, time::Duration};

use auth::{BcryptPasswords, JwtAccessTokens, JwtSettings, PasswordSettings, RandomSecrets, SystemClock, UuidV7Ids};
use domain::{
    Policy, Ports,
    account::PasswordHasher,
    limit::{Quota, RateLimiter, Rates},
    mail::Mailer,
    picture::PictureStore,
    session::AccessTokens,
    store::Source,
    time::Clock as _,
};
use mailer::{FileMailer, FileMailerSettings, Renderer, SmtpMailer, SmtpSettings};
use media::{
    CloudinaryPictures, CloudinarySettings, LocalPictures, LocalPicturesSettings, SquarePictures,
    SquarePicturesSettings, WorkReadings,
};
use persistence::{
    CacheReadings, CountedSessionCache, Database, DatabaseSettings, FallbackRateLimiter, InProcessRateLimiter,
    InProcessSessionCache, PoolReadings, RedisRateLimiter, RedisServer, RedisSessionCache, RedisSettings,
};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::sleep;

use crate::{
    departed::AttendedPasswords,
    drain::Draining,
    large_response::LargeResponses,
    limits::flood::FloodGuard,
    metrics::{
        self, CacheReading, ConnectionMetrics, CountedMailer, CountedRateLimiter, DatabasePools, HttpMetrics, Metrics,
        PoolReading, ResponseMetrics, SessionCacheReader, WorkPools, WorkReading,
    },
    pages::Pages,
    problem::cause_of,
    settings::{RateLimits, Settings},
    shell::Shell,
    telemetry::RequestSummary,
};

/// Connections of each worker's pool: more bring nothing.
pub(crate) const CONNECTIONS_PER_WORKER: u32 = 4;
/// How long a request waits for a connection before it is answered 503.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// Passwords that may wait to be hashed before the next one is answered 503: with two threads at the
/// usual cost the last of them waits under four seconds.
const PASSWORD_QUEUE: usize = 32;
/// What a request asks Redis, one after the other, at most: its limits before and after its body, its session,
/// to forget its user.
const QUESTIONS_TO_REDIS: u32 = 4;
/// How long it is remembered who a session belongs to. Every write of this process is heeded at once.
const REMEMBERED: Duration = Duration::from_secs(60);
/// The same, where another process may write without a word to this one.
const REMEMBERED_BESIDE_OTHERS: Duration = Duration::from_secs(1);
/// Between two tries to compute anew what contacts are searched by.
const REFOLD_PAUSE: Duration = Duration::from_secs(60);
/// The whole time a mail server may take for one mail.
const SMTP_TIMEOUT: Duration = Duration::from_secs(20);

/// Everything but the pools: made once, shared by every worker.
#[derive(Clone)]
pub(crate) struct Wiring {
    pub(crate) shell: Arc<Shell>,
    pub(crate) metrics: Metrics,
    database: Database,
    parts: Arc<Parts>,
}

struct Parts {
    passwords: Arc<dyn PasswordHasher>,
    access_tokens: Arc<dyn AccessTokens>,
    mailer: Arc<dyn Mailer>,
    picture_processor: Arc<SquarePictures>,
    picture_store: Arc<dyn PictureStore>,
    rate_limiter: Arc<dyn RateLimiter>,
    policy: Policy,
}

impl Wiring {
    /// Makes the adapters that the settings ask for. Redis is watched on the current runtime.
    pub(crate) async fn new(settings: Settings) -> Result<Self, Source> {
        let access_tokens: Arc<dyn AccessTokens> = Arc::new(JwtAccessTokens::new(
            JwtSettings {
                secret: settings.jwt_secret.clone(),
                previous_secret: settings.jwt_previous_secret.clone(),
                issuer: settings.public_url.to_string(),
                audience: "contacts-api".to_owned(),
            },
            Arc::new(SystemClock),
        )?);
        let passwords = BcryptPasswords::new(PasswordSettings {
            cost: settings.bcrypt_cost,
            pepper: settings.password_pepper.clone(),
            queue: PASSWORD_QUEUE,
            ..PasswordSettings::default()
        })?;
        let (passwords, picture_processor) =
            (Arc::new(passwords), Arc::new(SquarePictures::new(SquarePicturesSettings::default())));
        let policy = Policy {
            contact_limit: settings.contact_limit,
            access_token_ttl: settings.access_token_ttl,
            refresh_token_ttl: settings.refresh_token_ttl,
            unverified_account_ttl: settings.unverified_account_ttl,
            rates: rates(&settings.rate_limits),
            ..Policy::default()
        };
        let (redis, database) = (redis(&settings).await?, database(&settings.database_url)?);
        let sessions = Arc::new(session_cache(redis.as_ref(), &database));
        let counted = (mailer(&settings)?, rate_limiter(redis.as_ref()));
        let (metrics, (mailer, rate_limiter)) = measured(counted, &passwords, &picture_processor, &sessions);
        let database = database.with_session_cache(sessions);
        let parts = Parts {
            passwords: Arc::new(AttendedPasswords(passwords)),
            access_tokens,
            mailer,
            picture_processor,
            picture_store: picture_store(&settings)?,
            rate_limiter,
            policy,
        };
        let flood =
            FloodGuard::new(settings.rate_limits.flood.map(Quota::from)).ok_or("RATE_LIMIT_FLOOD cannot be kept")?;
        let (pages, ids, draining) = (Pages::new()?, Arc::new(UuidV7Ids), Draining::default());
        let request_summary = RequestSummary::start();
        let large_responses = LargeResponses::new(Arc::clone(&metrics.responses));
        let shell = Shell { flood, request_summary, draining, large_responses, pages, ids, settings };
        Ok(Self { shell: Arc::new(shell), metrics, database, parts: Arc::new(parts) })
    }

    /// Brings the schema up to date.
    pub(crate) async fn migrate(&self) -> Result<(), Source> {
        self.database.migrate().await.map_err(|error| named("DATABASE_URL", &error))
    }

    /// Computes anew what contacts are searched by, where an earlier version has written it. Beside the requests: of very
    /// many contacts it takes its time, and until then some are not found, but nobody is turned away.
    pub(crate) async fn refold(&self) {
        while let Err(error) = self.try_to_refold().await {
            tracing::warn!(
                cause = cause_of(&*error),
                "contacts of an earlier version wait to be searched; tried again"
            );
            sleep(REFOLD_PAUSE).await;
        }
    }

    async fn try_to_refold(&self) -> Result<(), Source> {
        let store = self.database.open().await?;
        let done = store.refold().await;
        store.close().await;
        tell_refolded(done?);
        Ok(())
    }

    /// The ports, over a pool of their own, for a worker of that kind. Called inside each worker, so that
    /// a pool's connections live on the runtime that uses them.
    pub(crate) async fn ports(&self, kind: &str) -> Result<Ports, Source> {
        let Parts { passwords, access_tokens, mailer, picture_processor, picture_store, rate_limiter, policy } =
            &*self.parts;
        let store = Arc::new(self.database.open().await?);
        let watched = Arc::downgrade(&store);
        self.metrics.database_pools.watch(kind, move || {
            let PoolReadings { open, idle, max } = watched.upgrade()?.pool_readings();
            Some(PoolReading { open, idle, max })
        });
        Ok(Ports {
            store,
            passwords: passwords.clone(),
            access_tokens: access_tokens.clone(),
            secrets: Arc::new(RandomSecrets),
            ids: self.shell.ids.clone(),
            clock: Arc::new(SystemClock),
            mailer: mailer.clone(),
            picture_processor: picture_processor.clone(),
            picture_store: picture_store.clone(),
            rate_limiter: rate_limiter.clone(),
            policy: *policy,
        })
    }
}

/// The parts that are counted from outside.
type Counted = (Arc<dyn Mailer>, Arc<dyn RateLimiter>);

/// The registry, and the parts whose work it counts.
fn measured(
    (mailer, rate_limiter): Counted,
    passwords: &Arc<BcryptPasswords>,
    pictures: &Arc<SquarePictures>,
    sessions: &Arc<CountedSessionCache>,
) -> (Metrics, Counted) {
    let mut registry = metrics::registry(SystemClock.now());
    let ours = metrics::ours(&mut registry);
    let (passwords, pictures, sessions) = (Arc::clone(passwords), Arc::clone(pictures), Arc::clone(sessions));
    let pools = WorkPools::default()
        .with("passwords", move || {
            let auth::pool::Readings { threads, busy, waiting, capacity, done, refused, abandoned } =
                passwords.readings();
            WorkReading { threads, busy, waiting, capacity, done, refused, abandoned: Some(abandoned) }
        })
        .with("pictures", move || {
            let WorkReadings { at_once, busy, waiting, capacity, done, refused } = pictures.readings();
            WorkReading { threads: at_once, busy, waiting, capacity, done, refused, abandoned: None }
        });
    ours.register_collector(Box::new(pools));
    ours.register_collector(Box::new(SessionCacheReader(Box::new(move || {
        let CacheReadings { hits, misses, away } = sessions.readings();
        CacheReading { hits, misses, away }
    }))));
    let database_pools = DatabasePools::default();
    ours.register_collector(Box::new(database_pools.clone()));
    let http = Arc::new(HttpMetrics::register(ours));
    let connections = Arc::new(ConnectionMetrics::register(ours));
    let responses = Arc::new(ResponseMetrics::register(ours));
    let mailer = Arc::new(CountedMailer::register(mailer, ours));
    let rate_limiter = Arc::new(CountedRateLimiter::register(rate_limiter, ours));
    (Metrics { registry: Arc::new(registry), http, connections, responses, database_pools }, (mailer, rate_limiter))
}

/// Brings the schema of a database up to date, or back to what it was after one step, without any other part.
pub(crate) async fn migrate(url: &SecretString, back_to: Option<&str>) -> Result<(), Source> {
    let database = database(url)?;
    let outcome = match back_to {
        Some(step) => database.migrate_back_to(step).await,
        None => database.migrate().await,
    };
    outcome.map_err(|error| named("DATABASE_URL", &error))?;
    if back_to.is_none() {
        let store = database.open().await.map_err(|error| named("DATABASE_URL", &error))?;
        tell_refolded(store.refold().await.map_err(|error| named("DATABASE_URL", &error))?);
        store.close().await;
    }
    Ok(())
}

fn tell_refolded(contacts: u64) {
    if contacts > 0 {
        tracing::info!(contacts, "computed anew what contacts are searched by");
    }
}

/// Copies a database to a new file, without any other part.
pub(crate) async fn back_up(url: &SecretString, file: &Path) -> Result<(), Source> {
    let outcome = database(url)?.back_up(file).await;
    outcome.map_err(|error| named(&file.display().to_string(), &error))
}

fn database(url: &SecretString) -> Result<Database, Source> {
    let url = url.expose_secret().to_owned();
    let settings = DatabaseSettings { url, max_connections: CONNECTIONS_PER_WORKER, acquire_timeout: ACQUIRE_TIMEOUT };
    Database::new(settings).map_err(|error| named("DATABASE_URL", &error))
}

fn session_cache(redis: Option<&Arc<RedisServer>>, database: &Database) -> CountedSessionCache {
    let in_process = |lifetime| Arc::new(InProcessSessionCache::new(lifetime, InProcessSessionCache::CAPACITY));
    CountedSessionCache::new(match redis {
        Some(server) => Arc::new(RedisSessionCache::new(Arc::clone(server), REMEMBERED)),
        None if database.may_be_shared() => in_process(REMEMBERED_BESIDE_OTHERS),
        None => in_process(REMEMBERED),
    })
}

/// A fault of an adapter, under the name of what to look at. Adapters never repeat a value.
fn named(what: &str, error: &dyn std::error::Error) -> Source {
    format!("{what}: {}", cause_of(error)).into()
}

fn mailer(settings: &Settings) -> Result<Arc<dyn Mailer>, Source> {
    let renderer = Renderer::new(settings.public_url.as_str())?;
    let from = settings.mail_from.clone();
    Ok(match &settings.smtp_url {
        Some(url) => {
            let smtp = SmtpSettings { url: url.clone(), from, timeout: SMTP_TIMEOUT };
            Arc::new(SmtpMailer::new(&smtp, renderer)?)
        }
        None => Arc::new(FileMailer::new(FileMailerSettings { folder: settings.mail_folder(), from }, renderer)?),
    })
}

fn rates(limits: &RateLimits) -> Rates {
    let quota = |rate: Option<_>| rate.map(Quota::from);
    Rates {
        me: quota(limits.me),
        security: quota(limits.security),
        contacts: quota(limits.contacts),
        contact_create: quota(limits.contact_create),
        contact_batch: quota(limits.contact_batch),
        login: quota(limits.login),
        refresh: quota(limits.refresh),
        refresh_session: quota(limits.refresh_session),
        mail: quota(limits.mail),
        register: quota(limits.register),
    }
}

/// The Redis that the replicas share, if there is one.
async fn redis(settings: &Settings) -> Result<Option<Arc<RedisServer>>, Source> {
    let Some(url) = settings.redis_url.clone() else { return Ok(None) };
    let patience = settings.timeouts.redis / QUESTIONS_TO_REDIS;
    let redis = RedisSettings { url, secret: settings.jwt_secret.clone(), patience };
    Ok(Some(RedisServer::watch(&redis).await.map_err(|error| named("REDIS_URL", &error))?))
}

fn rate_limiter(redis: Option<&Arc<RedisServer>>) -> Arc<dyn RateLimiter> {
    let in_process = InProcessRateLimiter::new(Arc::new(SystemClock), InProcessRateLimiter::CAPACITY);
    match redis {
        Some(server) => {
            let shared = Arc::new(RedisRateLimiter::new(Arc::clone(server)));
            Arc::new(FallbackRateLimiter::new(shared, in_process))
        }
        None => Arc::new(in_process),
    }
}

fn picture_store(settings: &Settings) -> Result<Arc<dyn PictureStore>, Source> {
    Ok(match &settings.cloudinary_url {
        Some(url) => Arc::new(CloudinaryPictures::new(
            CloudinarySettings::parse(url.expose_secret()).map_err(|error| named("CLOUDINARY_URL", &error))?,
            Arc::new(SystemClock),
        )),
        None => {
            let folder = settings.media_folder();
            make_private(&settings.data_folder)?;
            std::fs::create_dir_all(&folder)?;
            let public_url = settings.public_url.to_string();
            Arc::new(LocalPictures::new(LocalPicturesSettings { folder, public_url }))
        }
    })
}

/// Makes the data folder for its owner only: the database and the mails may lie there too.
fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}
