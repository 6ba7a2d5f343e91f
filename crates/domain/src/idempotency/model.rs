//! Idempotency keys, and the stored results of their requests.

use chrono::Duration;
use sha2::{Digest as _, Sha256};

use crate::{ids::ContactId, time::Timestamp};

/// Retention of a key. After it the key counts as unused.
pub const RETENTION: Duration = Duration::hours(24);

/// Error: the text is not an idempotency key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to {} visible ASCII characters, a UUID for example", IdempotencyKey::MAX)]
pub struct InvalidIdempotencyKey;

/// SHA-256 digest of a key. The text of the client may contain personal data, so it is not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct IdempotencyKey([u8; 32]);

impl IdempotencyKey {
    /// Maximum number of characters of a key.
    pub const MAX: usize = 255;

    /// Validates and digests a key: visible ASCII characters, at least one and at most [`IdempotencyKey::MAX`].
    ///
    /// # Errors
    /// [`InvalidIdempotencyKey`] for any other text.
    pub fn parse(text: &str) -> Result<Self, InvalidIdempotencyKey> {
        let is_visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        if is_visible && (1..=Self::MAX).contains(&text.len()) {
            Ok(Self(Sha256::digest(text).into()))
        } else {
            Err(InvalidIdempotencyKey)
        }
    }

    /// Returns the key of one part of a request that is processed in parts.
    #[must_use]
    pub fn of_part(&self, number: usize) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(self.0);
        hasher.update(u64::try_from(number).unwrap_or(u64::MAX).to_be_bytes());
        Self(hasher.finalize().into())
    }

    /// Returns the stored digest.
    #[must_use]
    pub const fn digest(&self) -> &[u8; 32] {
        &self.0
    }
}

/// SHA-256 digest that identifies a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    /// Returns the fingerprint of a request to an operation (`POST /api/contacts`). The body must be in a canonical
    /// form, in which equivalent bodies are equal.
    #[must_use]
    pub fn of(operation: &str, canonical_body: &[u8]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(operation.as_bytes());
        // No operation contains this byte, so it separates the operation from the body unambiguously.
        hasher.update([0]);
        hasher.update(canonical_body);
        Self(hasher.finalize().into())
    }
}

/// Request with an idempotency key. It is processed once, also when it is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Idempotent {
    /// Key of the request.
    pub key: IdempotencyKey,
    /// Fingerprint of the request.
    pub fingerprint: Fingerprint,
}

/// Stored result of a request with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredResult {
    /// Fingerprint of the request.
    pub fingerprint: Fingerprint,
    /// Contacts that were created or changed, in the order of the request.
    pub contacts: Vec<ContactId>,
    /// Time of the request.
    pub at: Timestamp,
}

/// Errors of a repeated request: it is neither processed nor answered as before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdempotencyKeyError {
    /// The key was used for a different request.
    #[error("the key was used for another request")]
    Reused,
    /// The result of the request has been deleted since.
    #[error("the result of the request with this key was deleted")]
    Spent,
}

impl Idempotent {
    /// Returns the contacts of the earlier request with this key, in its order. `None` for a new key. `known` is the
    /// stored result of the key.
    ///
    /// # Errors
    /// `Reused` when the key was used for a different request.
    pub fn earlier_contacts(
        &self,
        known: Option<StoredResult>,
        now: Timestamp,
    ) -> Result<Option<Vec<ContactId>>, IdempotencyKeyError> {
        match known {
            Some(known) if now - known.at >= RETENTION => Ok(None),
            Some(known) if known.fingerprint == self.fingerprint => Ok(Some(known.contacts)),
            Some(_) => Err(IdempotencyKeyError::Reused),
            None => Ok(None),
        }
    }

    /// Returns the result to store after the request has been processed.
    #[must_use]
    pub fn result(&self, contacts: Vec<ContactId>, at: Timestamp) -> StoredResult {
        StoredResult { fingerprint: self.fingerprint, contacts, at }
    }
}
