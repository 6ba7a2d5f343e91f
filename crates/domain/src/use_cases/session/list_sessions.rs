//! Lists the active sessions of a user, the most recently used first.

use crate::{
    error::StoreError,
    ports::Ports,
    session::{Session, SignedInUser},
};

/// Returns the active sessions of the user, the most recently used first.
///
/// # Errors
/// Errors of the store.
pub async fn list_sessions(ports: &Ports, principal: &SignedInUser) -> Result<Vec<Session>, StoreError> {
    let now = ports.clock.now();
    let mut sessions = ports.store.sessions_of(principal.user.id).await?;
    sessions.retain(|session| session.is_active(now, ports.policy.session_lifetime()));
    sessions.sort_by_key(|session| std::cmp::Reverse((session.last_used_at, session.id)));
    Ok(sessions)
}
