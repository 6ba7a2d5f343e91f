//! Sessions: one signed-in device, a family of refresh tokens, and its access tokens.

mod access_token;
mod authenticate;
mod login;
mod logout;
mod model;
mod refresh;
mod repository;

pub use self::{
    access_token::{AccessClaims, AccessTokenError, AccessTokens, InvalidAccessToken},
    authenticate::{AuthenticateError, Principal, authenticate},
    login::{LoginCommand, LoginError, login},
    logout::logout,
    model::{ClientInfo, RefreshToken, Session, SessionId, TokenPair},
    refresh::{RefreshError, refresh},
    repository::{FoundRefreshToken, SessionQueries, SessionRepository},
};
