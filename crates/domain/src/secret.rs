//! Opaque 256-bit secrets: what refresh tokens and one-time tokens are made of.
//!
//! The bearer holds the secret; the database holds its SHA-256 digest. A secret has the full
//! entropy of its length, so a plain digest is enough (no salt, no stretching).

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::store::Source;

/// A secret's length in bytes (256 bit).
pub const SECRET_BYTES: usize = 32;

/// A secret in clear. Lives in memory only; `Debug` does not show it; wiped when dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<[u8; SECRET_BYTES]>);

impl Secret {
    /// Takes over random bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; SECRET_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads what [`Secret::reveal`] wrote: 64 hexadecimal digits. `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != SECRET_BYTES * 2 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let mut bytes = Zeroizing::new([0u8; SECRET_BYTES]);
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).ok()?;
            *byte = u8::from_str_radix(pair, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// The secret in clear, for its bearer's eyes only: 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn reveal(&self) -> String {
        use std::fmt::Write as _;
        self.0.iter().fold(String::with_capacity(SECRET_BYTES * 2), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// What is kept of it at rest.
    #[must_use]
    pub fn digest(&self) -> SecretDigest {
        SecretDigest(Sha256::digest(self.0.as_slice()).into())
    }

    /// Hides this secret under another, so that only who holds `key` can read it again.
    ///
    /// A one-time pad derived from `key`; MUST be used at most once for each key. Refresh-token
    /// rotation keeps each rule: a token is sealed over exactly once, when it is used.
    #[must_use]
    pub fn seal_under(&self, key: &Self) -> SealedSecret {
        SealedSecret(key.pad(&self.0))
    }

    /// Reads back what [`Secret::seal_under`] hid under this secret.
    #[must_use]
    pub fn unseal(&self, sealed: &SealedSecret) -> Self {
        Self::from_bytes(self.pad(&sealed.0))
    }

    fn pad(&self, bytes: &[u8; SECRET_BYTES]) -> [u8; SECRET_BYTES] {
        let mut hasher = Sha256::new();
        // Domain separation: the pad must differ from the digest that stands in the database.
        hasher.update(b"contacts-api/seal/v1\0");
        hasher.update(self.0.as_slice());
        let pad: [u8; SECRET_BYTES] = hasher.finalize().into();
        let mut out = [0u8; SECRET_BYTES];
        for ((out, pad), byte) in out.iter_mut().zip(pad).zip(bytes) {
            *out = pad ^ byte;
        }
        out
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_slice().ct_eq(other.0.as_slice()).into()
    }
}

impl Eq for Secret {}

/// The SHA-256 digest of a [`Secret`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretDigest(pub [u8; 32]);

/// A secret that only the holder of another secret can read; see [`Secret::seal_under`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedSecret(pub [u8; SECRET_BYTES]);

/// No secret could be made: a guessable one would be worse.
#[derive(Debug, thiserror::Error)]
#[error("there is no randomness to make a secret of")]
pub struct NoRandomness(#[source] pub Source);

/// Makes secrets.
pub trait SecretGenerator: Send + Sync {
    /// A new secret from a cryptographically secure source.
    ///
    /// # Errors
    /// When the source gives nothing; there is nothing to fall back to.
    fn generate(&self) -> Result<Secret, NoRandomness>;
}
