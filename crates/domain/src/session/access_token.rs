//! The port that signs and checks access tokens.

use uuid::Uuid;

use super::SessionId;
use crate::{account::UserId, store::Source, time::Instant};

/// What an access token says (RFC 9068 names in brackets).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessClaims {
    /// Who (`sub`).
    pub user: UserId,
    /// On which device (`sid`).
    pub session: SessionId,
    /// The token's own id (`jti`).
    pub token_id: Uuid,
    /// When it was made (`iat`, `nbf`); kept to the second.
    pub issued_at: Instant,
    /// When it ends (`exp`); kept to the second.
    pub expires_at: Instant,
}

/// A token that proves nothing. Why is for the log only.
#[derive(Debug, thiserror::Error)]
#[error("the access token is not valid")]
pub struct InvalidAccessToken(#[source] pub Source);

/// A token could not be made: a fault of ours.
#[derive(Debug, thiserror::Error)]
#[error("signing an access token failed")]
pub struct AccessTokenError(#[source] pub Source);

/// Signs and checks access tokens.
pub trait AccessTokens: Send + Sync {
    /// Signs a token.
    ///
    /// # Errors
    /// Only when signing itself fails.
    fn issue(&self, claims: &AccessClaims) -> Result<String, AccessTokenError>;

    /// Checks the signature and every claim; a token without one of them is refused.
    ///
    /// # Errors
    /// For every token that [`AccessTokens::issue`] of this service did not make, or that ended.
    fn verify(&self, token: &str) -> Result<AccessClaims, InvalidAccessToken>;
}
