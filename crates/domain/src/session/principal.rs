//! The authenticated sender of a request.

use super::Session;
use crate::{account::User, client::ClientInfo};

/// Authenticated sender of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The user.
    pub user: User,
    /// Session of the access token.
    pub session: Session,
    /// Client of this request. It may differ from the client that began the session.
    pub client: ClientInfo,
}
