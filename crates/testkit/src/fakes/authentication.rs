//! Password hashes and access tokens without cryptography.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use chrono::SubsecRound as _;
use domain::{
    account::{HashingError, Password, PasswordAttempt, PasswordHash, PasswordHasher, Verdict},
    client::LargestNetwork,
    session::{AccessClaims, AccessTokenError, AccessTokens, InvalidAccessToken},
    time::Clock as _,
};

use super::FrozenClock;
use crate::{memory::OpenUnits, samples};

/// Stores passwords in plain text, and counts the hashes that a real hasher would compute.
pub struct FakePasswords {
    open_units: OpenUnits,
    work: AtomicUsize,
    scheme: AtomicU64,
}

impl FakePasswords {
    /// Creates a hasher that panics while a unit of that store is open.
    #[must_use]
    pub fn new(open_units: OpenUnits) -> Self {
        Self { open_units, work: AtomicUsize::new(0), scheme: AtomicU64::new(1) }
    }

    /// Returns the number of hashes since the last call.
    pub fn take_work(&self) -> usize {
        self.work.swap(0, Ordering::SeqCst)
    }

    /// Makes all existing hashes outdated, like a change of the cost.
    pub fn change_parameters(&self) {
        self.scheme.fetch_add(1, Ordering::SeqCst);
    }

    fn hashed(&self, text: &str) -> PasswordHash {
        self.open_units.assert_none("hashing");
        self.work.fetch_add(1, Ordering::SeqCst);
        PasswordHash(format!("{}${text}", self.scheme.load(Ordering::SeqCst)))
    }
}

#[async_trait]
impl PasswordHasher for FakePasswords {
    async fn hash(&self, password: &Password, _: LargestNetwork) -> Result<PasswordHash, HashingError> {
        Ok(self.hashed(password.reveal()))
    }

    async fn verify(
        &self,
        attempt: &PasswordAttempt,
        hash: Option<&PasswordHash>,
        _: LargestNetwork,
    ) -> Result<Verdict, HashingError> {
        let current = self.hashed(attempt.reveal());
        let password = |hash: &PasswordHash| hash.0.split_once('$').map(|(_, text)| text.to_owned());
        let is_right = hash.is_some_and(|hash| password(hash).as_deref() == Some(attempt.reveal()));
        let outdated = hash != Some(&current);
        Ok(if is_right { Verdict::Match { outdated } } else { Verdict::Mismatch })
    }

    async fn rehash(&self, attempt: &PasswordAttempt, _: LargestNetwork) -> Result<PasswordHash, HashingError> {
        Ok(self.hashed(attempt.reveal()))
    }
}

/// Issues numbered tokens and stores their claims, with times in whole seconds.
pub struct FakeAccessTokens {
    clock: Arc<FrozenClock>,
    issued: Mutex<BTreeMap<String, AccessClaims>>,
}

impl FakeAccessTokens {
    /// Creates a signer whose tokens expire by that clock.
    #[must_use]
    pub fn new(clock: Arc<FrozenClock>) -> Self {
        Self { clock, issued: Mutex::default() }
    }
}

impl AccessTokens for FakeAccessTokens {
    fn issue(&self, claims: &AccessClaims) -> Result<String, AccessTokenError> {
        let token = format!("access-{}", samples::unique());
        let [issued_at, expires_at] = [claims.issued_at, claims.expires_at].map(|time| time.trunc_subsecs(0));
        self.issued.lock().unwrap().insert(token.clone(), AccessClaims { issued_at, expires_at, ..*claims });
        Ok(token)
    }

    fn verify(&self, token: &str) -> Result<AccessClaims, InvalidAccessToken> {
        let claims = self.issued.lock().unwrap().get(token).copied();
        let claims = claims.ok_or_else(|| InvalidAccessToken("unknown token".into()))?;
        if claims.expires_at <= self.clock.now() {
            return Err(InvalidAccessToken("the token has expired".into()));
        }
        Ok(claims)
    }
}
