//! The authenticated sender of a request.

use super::{Credential, Session};
use crate::{account::User, client::ClientInfo};

/// Authenticated sender of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The user.
    pub user: User,
    /// Session or app password of the request.
    pub credential: Credential,
    /// Client of this request. It may differ from the client that began the session.
    pub client: ClientInfo,
}

impl Principal {
    /// Returns the signed-in user. Returns `None` for a request with an app password.
    #[must_use]
    pub fn signed_in(self) -> Option<SignedInUser> {
        let Self { user, credential, client } = self;
        match credential {
            Credential::Session(session) => Some(SignedInUser { user, session, client }),
            Credential::AppPassword(_) => None,
        }
    }
}

/// Authenticated sender of a request with a session. Operations on the account require it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedInUser {
    /// The user.
    pub user: User,
    /// Session of the access token.
    pub session: Session,
    /// Client of this request. It may differ from the client that began the session.
    pub client: ClientInfo,
}

impl From<SignedInUser> for Principal {
    fn from(SignedInUser { user, session, client }: SignedInUser) -> Self {
        Self { user, credential: Credential::Session(session), client }
    }
}
