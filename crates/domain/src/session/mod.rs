//! Sessions: one signed-in device, a family of refresh tokens, and its access tokens.

mod access_token;
mod authenticate;
mod end_session;
mod list_sessions;
mod login;
mod logout;
mod model;
mod refresh;
mod repository;

pub use self::{
    access_token::{AccessClaims, AccessTokenError, AccessTokens, InvalidAccessToken},
    authenticate::{AuthenticateError, Principal, authenticate},
    end_session::{EndSessionError, end_other_sessions, end_session},
    list_sessions::list_sessions,
    login::{LoginCommand, LoginError, login},
    logout::logout,
    model::{RefreshToken, Session, SessionId, TokenPair},
    refresh::{RefreshError, refresh},
    repository::{FoundRefreshToken, SessionQueries, SessionRepository},
};
