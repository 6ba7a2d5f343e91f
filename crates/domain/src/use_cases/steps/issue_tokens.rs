//! Issues the tokens of a session.

use crate::{
    ports::Ports,
    secret::Secret,
    session::{AccessClaims, AccessTokenError, RefreshToken, Session, TokenPair},
};

/// Signs an access token for the session. `secret` is the secret of its current refresh token.
pub(crate) fn issue_tokens(ports: &Ports, session: &Session, secret: Secret) -> Result<TokenPair, AccessTokenError> {
    let issued_at = ports.clock.now();
    let expires_in = ports.policy.access_token_ttl;
    let access_token = ports.access_tokens.issue(&AccessClaims {
        user: session.user,
        session: session.id,
        token_id: ports.ids.next_id(),
        issued_at,
        expires_at: issued_at + expires_in,
    })?;
    let refresh_token = RefreshToken { session: session.id, secret };
    Ok(TokenPair { access_token, expires_in, refresh_token })
}
