//! Wiring of ports and adapters. Only this folder names concrete adapters.

mod adapters;
mod database;
mod errors;
mod templates;

use std::{sync::Arc, time::Duration};

use auth::{BcryptPasswords, JwtAccessTokens, JwtSettings, PasswordSettings, RandomSecrets, SystemClock, UuidV7Ids};
use domain::{
    Policy, Ports,
    account::PasswordHasher,
    error::{Source, with_causes},
    limit::RateLimiter,
    mail::Mailer,
    picture::{PictureProcessor, PictureStore},
    session::{AccessTokens, WatchedSessionCache},
    time::Clock as _,
};
use media::{SquarePictures, SquarePicturesSettings};
use persistence::{Database, MigrationState, PoolReadings};
use shared_state::{CacheReadings, CountedSessionCache};
use tokio::time::sleep;

pub(crate) use self::database::{CONNECTIONS_PER_WORKER, back_up, migrate, migration_status, renew_sync_tokens};
use self::{
    adapters::{Program, mailer, picture_store, rate_limiter, redis, session_cache},
    database::{database, log_reindexed},
    errors::named,
    templates::{page_branding, read_templates},
};
use crate::{
    app_state::AppState,
    client_disconnect::{CancellablePasswords, CancellablePictures},
    connections::{ExceededLimit, MissedDeadline},
    limits::flood::FloodGuard,
    metrics::{
        self, CacheReading, ConnectionMetrics, CountedMailer, CountedRateLimiter, DatabasePools, HttpMetrics, Metrics,
        PoolReading, SessionCacheReader, WorkPools,
    },
    openapi,
    pages::Pages,
    read_limits::ReadLimits,
    settings::Settings,
    shutdown::Draining,
    static_files::StaticFiles,
    telemetry::RequestSummary,
};

/// Time between two attempts to reindex contacts.
const REINDEX_PAUSE: Duration = Duration::from_secs(60);

/// Adapters and shared state, except the connection pools. They are made once for all workers.
#[derive(Clone)]
pub(crate) struct Wiring {
    pub(crate) state: Arc<AppState>,
    pub(crate) metrics: Metrics,
    database: Database,
    watched_sessions: Option<Arc<dyn WatchedSessionCache>>,
    parts: Arc<Parts>,
}

struct Parts {
    passwords: Arc<dyn PasswordHasher>,
    access_tokens: Arc<dyn AccessTokens>,
    mailer: Arc<dyn Mailer>,
    picture_processor: Arc<dyn PictureProcessor>,
    picture_store: Arc<dyn PictureStore>,
    rate_limiter: Arc<dyn RateLimiter>,
    policy: Policy,
}

impl Wiring {
    /// Makes the adapters of the service by the settings. A task on the current runtime monitors Redis.
    pub(crate) async fn new(settings: Settings) -> Result<Self, Source> {
        Self::of(settings, Program::Service).await
    }

    async fn of(settings: Settings, program: Program) -> Result<Self, Source> {
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
            ..PasswordSettings::default()
        })?;
        let (passwords, picture_processor) =
            (Arc::new(passwords), Arc::new(SquarePictures::new(SquarePicturesSettings::default())?));
        let policy = Policy {
            registration: settings.registration,
            contact_limit: settings.contact_limit,
            access_token_ttl: settings.access_token_ttl,
            refresh_token_ttl: settings.refresh_token_ttl,
            unverified_account_ttl: settings.unverified_account_ttl,
            rates: settings.rate_limits,
            ..Policy::default()
        };
        let database = database(&settings.database_url, settings.database_pooler)?;
        let redis = redis(&settings).await?;
        let (sessions, watched_sessions) = session_cache(redis.as_ref(), program);
        let sessions = Arc::new(sessions);
        let templates = read_templates(settings.templates_folder.as_deref())?;
        let counted = (mailer(&settings, templates.clone())?, rate_limiter(redis.as_ref()));
        let (metrics, (mailer, rate_limiter)) = with_metrics(counted, &passwords, &picture_processor, &sessions);
        let database = database.with_session_cache(sessions);
        let parts = Parts {
            passwords: Arc::new(CancellablePasswords(passwords)),
            access_tokens,
            mailer,
            picture_processor: Arc::new(CancellablePictures(picture_processor)),
            picture_store: picture_store(&settings)?,
            rate_limiter,
            policy,
        };
        let flood =
            FloodGuard::new(settings.flood_limit).ok_or("RATE_LIMIT_FLOOD is out of range; set a rate like 200/s")?;
        let (pages, ids, draining) = (
            Pages::new(page_branding(&settings, templates)).map_err(|error| named("TEMPLATES_DIR", &error))?,
            Arc::new(UuidV7Ids),
            Draining::default(),
        );
        let request_summary = RequestSummary::start();
        let read_limits = ReadLimits::default();
        let files = StaticFiles::new(&openapi::document_of(&settings), &pages)?;
        let settings = Arc::new(settings);
        let state = AppState { flood, request_summary, draining, read_limits, pages, ids, files, settings };
        Ok(Self { state: Arc::new(state), metrics, database, watched_sessions, parts: Arc::new(parts) })
    }

    /// Returns the ports for a command of the operator. Rejects a database whose schema is not up to date.
    pub(crate) async fn operator_ports(settings: Settings) -> Result<Ports, Source> {
        let database = database(&settings.database_url, settings.database_pooler)?;
        let status = database.migration_status().await.map_err(|error| named("DATABASE_URL", &error))?;
        // The adapters would create folders beside a missing database.
        if !status.iter().any(|migration| migration.state == MigrationState::Applied) {
            let hint = "run the command in the folder and with the settings of the service";
            return Err(format!("DATABASE_URL: the database is missing or empty: {hint}").into());
        }
        if status.iter().any(|migration| migration.state != MigrationState::Applied) {
            return Err("DATABASE_URL: the schema is not that of this version: run contacts-api migrate first".into());
        }
        let wiring = Self::of(settings, Program::Command).await?;
        let database = wiring.database.clone().announcing_session_changes();
        Self { database, ..wiring }.ports("operator").await
    }

    /// Migrates the schema to the newest version.
    pub(crate) async fn migrate(&self) -> Result<(), Source> {
        self.database.migrate().await.map_err(|error| named("DATABASE_URL", &error))
    }

    /// Reindexes the contacts that an earlier version of the search rules has indexed. It runs beside the requests and may
    /// take long. Until it is finished, searches do not find some contacts, but no request is rejected.
    pub(crate) async fn reindex(&self) {
        while let Err(error) = self.try_to_reindex().await {
            tracing::warn!(cause = with_causes(&*error), "reindexing of contacts failed; will be retried");
            sleep(REINDEX_PAUSE).await;
        }
    }

    /// Reports to the session cache what other processes write. Returns at once when it needs no reports.
    pub(crate) async fn watch_session_changes(&self) {
        if let Some(sessions) = &self.watched_sessions {
            self.database.watch_session_changes(&**sessions).await;
        }
    }

    async fn try_to_reindex(&self) -> Result<(), Source> {
        let store = self.database.open().await?;
        let done = store.reindex().await;
        store.close().await;
        log_reindexed(done?);
        Ok(())
    }

    /// Returns the ports of one worker, with a connection pool of its own. `kind` names the worker in the metrics. Each
    /// worker calls this on its own runtime, because a connection belongs to the runtime that opened it.
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
            ids: self.state.ids.clone(),
            clock: Arc::new(SystemClock),
            mailer: mailer.clone(),
            picture_processor: picture_processor.clone(),
            picture_store: picture_store.clone(),
            rate_limiter: rate_limiter.clone(),
            policy: *policy,
        })
    }
}

/// Adapters that are wrapped by metrics.
type Counted = (Arc<dyn Mailer>, Arc<dyn RateLimiter>);

/// Returns the metrics, and the adapters wrapped by them.
fn with_metrics(
    (mailer, rate_limiter): Counted,
    passwords: &Arc<BcryptPasswords>,
    pictures: &Arc<SquarePictures>,
    sessions: &Arc<CountedSessionCache>,
) -> (Metrics, Counted) {
    let mut registry = metrics::registry(SystemClock.now());
    let ours = metrics::ours(&mut registry);
    let (passwords, pictures, sessions) = (Arc::clone(passwords), Arc::clone(pictures), Arc::clone(sessions));
    let pools = WorkPools::default()
        .with("passwords", move || passwords.readings())
        .with("pictures", move || pictures.readings());
    ours.register_collector(Box::new(pools));
    ours.register_collector(Box::new(SessionCacheReader(Box::new(move || {
        let CacheReadings { hits, misses, unavailable } = sessions.readings();
        CacheReading { hits, misses, unavailable }
    }))));
    let database_pools = DatabasePools::default();
    ours.register_collector(Box::new(database_pools.clone()));
    let http = Arc::new(HttpMetrics::register(ours));
    let (limits, states) =
        (ExceededLimit::ALL.map(ExceededLimit::as_str), MissedDeadline::ALL.map(MissedDeadline::as_str));
    let connections = Arc::new(ConnectionMetrics::register(ours, &limits, &states));
    let mailer = Arc::new(CountedMailer::register(mailer, ours));
    let rate_limiter = Arc::new(CountedRateLimiter::register(rate_limiter, ours));
    (Metrics { registry: Arc::new(registry), http, connections, database_pools }, (mailer, rate_limiter))
}
