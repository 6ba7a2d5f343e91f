//! The port that signs and verifies access tokens.

use uuid::Uuid;

use crate::{
    error::Source,
    ids::{SessionId, UserId},
    time::Timestamp,
};

/// Claims of an access token (names of RFC 9068 in parentheses).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessClaims {
    /// User (`sub`).
    pub user: UserId,
    /// Session (`sid`).
    pub session: SessionId,
    /// Id of the token (`jti`).
    pub token_id: Uuid,
    /// Time of issue (`iat`, `nbf`); a whole second in the token.
    pub issued_at: Timestamp,
    /// Expiry (`exp`); a whole second in the token.
    pub expires_at: Timestamp,
}

/// Error: the access token is not valid. The source is for the log only.
#[derive(Debug, thiserror::Error)]
#[error("the access token is not valid")]
pub struct InvalidAccessToken(#[source] pub Source);

/// Error: an access token could not be signed. It is a defect of the service.
#[derive(Debug, thiserror::Error)]
#[error("signing an access token failed")]
pub struct AccessTokenError(#[source] pub Source);

/// Signs and verifies access tokens.
pub trait AccessTokens: Send + Sync {
    /// Signs a token.
    ///
    /// # Errors
    /// [`AccessTokenError`] when the signature cannot be made.
    fn issue(&self, claims: &AccessClaims) -> Result<String, AccessTokenError>;

    /// Verifies the signature and every claim. A token without one of the claims is rejected.
    ///
    /// # Errors
    /// [`InvalidAccessToken`] for an expired token, and for every token that [`AccessTokens::issue`] of this service
    /// did not issue.
    fn verify(&self, token: &str) -> Result<AccessClaims, InvalidAccessToken>;
}
