//! Credentials of a request.

use super::Session;
use crate::{
    app_password::AppPassword,
    ids::{AppPasswordId, SessionId, UserId},
};

/// Credential with which a request was authenticated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// Session of the access token.
    Session(Session),
    /// App password.
    AppPassword(AppPassword),
}

impl Credential {
    /// Returns the id.
    #[must_use]
    pub const fn id(&self) -> CredentialId {
        match self {
            Self::Session(session) => CredentialId::Session(session.id),
            Self::AppPassword(password) => CredentialId::AppPassword(password.id),
        }
    }

    /// Returns the owner.
    #[must_use]
    pub const fn user(&self) -> UserId {
        match self {
            Self::Session(session) => session.user,
            Self::AppPassword(password) => password.user,
        }
    }
}

/// Id of a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CredentialId {
    /// Id of a session.
    Session(SessionId),
    /// Id of an app password.
    AppPassword(AppPasswordId),
}
