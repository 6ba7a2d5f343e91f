//! Adapters by their settings.

use std::{collections::HashMap, sync::Arc, time::Duration};

use auth::SystemClock;
use domain::{error::Source, limit::RateLimiter, mail::Mailer, picture::PictureStore, session::WatchedSessionCache};
use local_files::{Readers, create_folder, create_private_folder};
use mailer::{Branding, FileMailer, FileMailerSettings, InvalidMailSettings, Renderer, SmtpMailer, SmtpSettings};
use media::{CloudinaryPictures, CloudinarySettings, LocalPictures, LocalPicturesSettings};
use secrecy::ExposeSecret as _;
use shared_state::{
    CountedSessionCache, FallbackRateLimiter, InProcessRateLimiter, InProcessSessionCache, RedisRateLimiter,
    RedisServer, RedisSessionCache, RedisSettings, SESSION_CACHE_TTL, UNWATCHED_CACHE_TTL,
};

use super::errors::named;
use crate::settings::Settings;

/// Maximum number of consecutive calls to Redis of a request with an access token. A request with an app password that is
/// not cached has twice as many: two look-ups of two calls each, the count of the attempt and its reversal, the
/// invalidation of its user when the use is recorded, and the limits of its route.
const REDIS_CALLS_PER_REQUEST: u32 = 4;
/// Maximum time that a command waits for the invalidation of sessions in Redis.
const INVALIDATION_TIME: Duration = Duration::from_secs(10);
/// Timeout of the delivery of one mail.
const SMTP_TIMEOUT: Duration = Duration::from_secs(20);

/// Program that the adapters are made for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Program {
    Service,
    /// A command of the operator, which ends after one task.
    Command,
}

/// Returns the session cache, and the same one again when a watch must report to it what other processes write.
pub(super) fn session_cache(
    redis: Option<&Arc<RedisServer>>,
    program: Program,
) -> (CountedSessionCache, Option<Arc<dyn WatchedSessionCache>>) {
    if let Some(server) = redis {
        let mut shared = RedisSessionCache::new(Arc::clone(server), SESSION_CACHE_TTL);
        if program == Program::Command {
            shared = shared.waiting_for(INVALIDATION_TIME);
        }
        return (CountedSessionCache::new(Arc::new(shared)), None);
    }
    let cache = InProcessSessionCache::new(SESSION_CACHE_TTL, InProcessSessionCache::CAPACITY);
    let watched = Arc::new(cache.with_watch(UNWATCHED_CACHE_TTL));
    (CountedSessionCache::new(watched.clone()), Some(watched))
}

pub(super) fn mailer(settings: &Settings, templates: HashMap<String, String>) -> Result<Arc<dyn Mailer>, Source> {
    let branding = Branding { app_name: settings.app_name.clone(), templates };
    let renderer = Renderer::branded(settings.public_url.as_str(), branding).map_err(|error| match error {
        InvalidMailSettings::Templates(_) => named("TEMPLATES_DIR", &error),
        other => other.into(),
    })?;
    let from = settings.mail_from.clone();
    Ok(match &settings.smtp_url {
        Some(url) => {
            let smtp = SmtpSettings { url: url.clone(), from, timeout: SMTP_TIMEOUT };
            Arc::new(SmtpMailer::new(&smtp, renderer)?)
        }
        None => Arc::new(FileMailer::new(FileMailerSettings { folder: settings.mail_folder(), from }, renderer)?),
    })
}

/// Returns the Redis that the replicas share; `None` when no Redis is set.
pub(super) async fn redis(settings: &Settings) -> Result<Option<Arc<RedisServer>>, Source> {
    let Some(url) = settings.redis_url.clone() else { return Ok(None) };
    let timeout = settings.timeouts.redis / REDIS_CALLS_PER_REQUEST;
    let redis = RedisSettings { url, secret: settings.jwt_secret.clone(), response_timeout: timeout };
    Ok(Some(RedisServer::watch(&redis).await.map_err(|error| named("REDIS_URL", &error))?))
}

pub(super) fn rate_limiter(redis: Option<&Arc<RedisServer>>) -> Arc<dyn RateLimiter> {
    let in_process = InProcessRateLimiter::new(Arc::new(SystemClock), InProcessRateLimiter::CAPACITY);
    match redis {
        Some(server) => {
            let shared = Arc::new(RedisRateLimiter::new(Arc::clone(server)));
            Arc::new(FallbackRateLimiter::new(shared, in_process))
        }
        None => Arc::new(in_process),
    }
}

pub(super) fn picture_store(settings: &Settings) -> Result<Arc<dyn PictureStore>, Source> {
    Ok(match &settings.cloudinary_url {
        Some(url) => Arc::new(CloudinaryPictures::new(
            CloudinarySettings::parse(url.expose_secret()).map_err(|error| named("CLOUDINARY_URL", &error))?,
            Arc::new(SystemClock),
        )),
        None => {
            let folder = settings.media_folder();
            // The data folder may also contain the database and mails.
            create_private_folder(&settings.data_folder)
                .and_then(|()| create_folder(&folder, Readers::All))
                .map_err(|error| named(&format!("DATA_DIR: {}", folder.display()), &error))?;
            let public_url = settings.public_url.to_string();
            Arc::new(LocalPictures::new(LocalPicturesSettings { folder, public_url }))
        }
    })
}
