//! Looks up and consumes a one-time token.

use crate::{
    account::{OneTimeToken, Purpose, User},
    error::StoreError,
    ids::UserId,
    ports::Ports,
    secret::{Secret, SecretDigest},
    store::UnitOfWork,
};

/// Returns true when the token was used a short time ago, at most [`OneTimeToken::REPEATABLE_FOR`].
pub(crate) async fn was_just_used(ports: &Ports, text: &str, purpose: Purpose) -> Result<bool, StoreError> {
    let Some(digest) = Secret::parse_copied(text).map(|secret| secret.digest()) else { return Ok(false) };
    let since = ports.clock.now() - OneTimeToken::REPEATABLE_FOR;
    ports.store.one_time_token_was_used(&digest, purpose, since).await
}

/// Token that was valid when it was looked up.
pub(crate) struct ValidToken {
    digest: SecretDigest,
    purpose: Purpose,
    owner: UserId,
}

impl ValidToken {
    /// Parses a token and looks it up, before any expensive work. Returns `None` when it is not valid.
    pub(crate) async fn read(ports: &Ports, text: &str, purpose: Purpose) -> Result<Option<Self>, StoreError> {
        let Some(digest) = Secret::parse_copied(text).map(|secret| secret.digest()) else { return Ok(None) };
        let owner = ports.store.one_time_token_owner(&digest, purpose, ports.clock.now()).await?;
        Ok(owner.map(|owner| Self { digest, purpose, owner }))
    }

    /// Owner of the token.
    pub(crate) const fn owner(&self) -> UserId {
        self.owner
    }

    /// Locks the owner, then consumes the token. The order is fixed, so that two tokens of one user cannot deadlock.
    /// Returns `None` when the token was consumed or expired since.
    pub(crate) async fn consume(
        &self,
        ports: &Ports,
        unit: &mut dyn UnitOfWork,
    ) -> Result<Option<(User, OneTimeToken)>, StoreError> {
        let Some(user) = unit.lock_user(self.owner).await? else { return Ok(None) };
        let token = unit.consume_one_time_token(&self.digest, self.purpose, ports.clock.now()).await?;
        Ok(token.map(|token| (user, token)))
    }
}
