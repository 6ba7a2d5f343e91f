//! What is known of a key, and what it is worth.

use chrono::Duration;
use sha2::{Digest as _, Sha256};

use crate::{contact::ContactId, text::Invalid, time::Instant};

/// How long a key is remembered. Later it counts as one that was never seen.
pub const RETENTION: Duration = Duration::hours(24);

/// The SHA-256 digest of a key. What the client chose is its own affair and may say anything, so it goes no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct IdempotencyKey([u8; 32]);

impl IdempotencyKey {
    /// The greatest number of characters of what a client chooses.
    pub const MAX: usize = 255;

    /// Checks and digests what a client chose: 1 to 255 visible ASCII characters.
    ///
    /// # Errors
    /// `NotAnIdempotencyKey`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let is_visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        if is_visible && (1..=Self::MAX).contains(&text.len()) {
            Ok(Self(Sha256::digest(text).into()))
        } else {
            Err(Invalid::NotAnIdempotencyKey)
        }
    }

    /// What is kept.
    #[must_use]
    pub const fn digest(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Tells one request from another: a SHA-256 digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    /// Of a request to that operation (`POST /api/contacts`) with that body, in a form in which two bodies that
    /// say the same are the same.
    #[must_use]
    pub fn of(operation: &str, canonical_body: &[u8]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(operation.as_bytes());
        // No operation holds it, so the border cannot be moved.
        hasher.update([0]);
        hasher.update(canonical_body);
        Self(hasher.finalize().into())
    }
}

/// A request that must be done once, however often it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Idempotent {
    /// Under which key.
    pub key: IdempotencyKey,
    /// What it asks for.
    pub fingerprint: Fingerprint,
}

/// What was done under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// What was asked for.
    pub fingerprint: Fingerprint,
    /// The contacts that were made or changed, in the order of the request.
    pub contacts: Vec<ContactId>,
    /// When.
    pub at: Instant,
}

/// Why a request is not done, and not answered as before either.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefusal {
    /// The key stands for a request that asked for something else.
    #[error("the key was used for another request")]
    Reused,
    /// What was done under the key is not there any more to be told of.
    #[error("what the key made was deleted")]
    Spent,
}

impl Idempotent {
    /// What this request did when it came before, if it did: the contacts, in its order. `known` is what the store
    /// has under the key.
    ///
    /// # Errors
    /// `Reused` when the key stands for another request.
    pub fn done_before(&self, known: Option<Remembered>, now: Instant) -> Result<Option<Vec<ContactId>>, KeyRefusal> {
        match known {
            Some(known) if now - known.at >= RETENTION => Ok(None),
            Some(known) if known.fingerprint == self.fingerprint => Ok(Some(known.contacts)),
            Some(_) => Err(KeyRefusal::Reused),
            None => Ok(None),
        }
    }

    /// What is to be remembered of this request once it has done its work.
    #[must_use]
    pub fn has_done(&self, contacts: Vec<ContactId>, at: Instant) -> Remembered {
        Remembered { fingerprint: self.fingerprint, contacts, at }
    }
}
