//! Sessions. Each is one signed-in device, with its refresh tokens and access tokens. Also the credentials of requests:
//! a session, or an app password.

mod access_token;
mod credential;
mod known_device;
mod model;
mod principal;
mod refresh_token;
mod repository;
mod session_cache;

pub use self::{
    access_token::{AccessClaims, AccessTokenError, AccessTokens, InvalidAccessToken},
    credential::{Credential, CredentialId},
    known_device::{DeviceDigest, KnownDeviceQueries, KnownDeviceRepository, MAX_DEVICES},
    model::{Session, SessionLifetime, TokenPair},
    principal::{Principal, SignedInUser},
    refresh_token::{PreviousToken, RefreshToken, StoredTokens},
    repository::{LockedSession, SessionQueries, SessionRepository},
    session_cache::{CacheLookup, CacheTicket, SessionCache, WatchedSessionCache},
};
