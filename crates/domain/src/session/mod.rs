//! Sessions. Each is one signed-in device, with its refresh tokens and access tokens.

mod access_token;
mod authenticate;
mod begin_session;
mod end_session;
mod known_device;
mod list_sessions;
mod login;
mod logout;
mod model;
mod refresh;
mod refresh_token;
mod repository;

pub(crate) use self::begin_session::begin_session;
pub use self::{
    access_token::{AccessClaims, AccessTokenError, AccessTokens, InvalidAccessToken},
    authenticate::{AuthenticateError, Principal, authenticate},
    begin_session::BeginSessionError,
    end_session::{EndSessionError, end_other_sessions, end_session},
    known_device::{DeviceDigest, KnownDeviceQueries, KnownDeviceRepository, MAX_DEVICES},
    list_sessions::list_sessions,
    login::{LoginCommand, LoginError, login},
    logout::logout,
    model::{Session, SessionId, TokenPair},
    refresh::{RefreshError, refresh},
    refresh_token::{PreviousToken, RefreshToken, StoredTokens},
    repository::{LockedSession, SessionQueries, SessionRepository},
};
