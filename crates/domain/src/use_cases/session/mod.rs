//! Use cases of sessions: sign in, refresh, authenticate, list, end.

mod authenticate;
mod end_session;
mod list_sessions;
mod login;
mod logout;
mod refresh;

pub use self::{
    authenticate::{AuthenticateError, authenticate},
    end_session::{EndSessionError, end_other_sessions, end_session},
    list_sessions::list_sessions,
    login::{LoginCommand, LoginError, login},
    logout::logout,
    refresh::{RefreshError, refresh},
};
