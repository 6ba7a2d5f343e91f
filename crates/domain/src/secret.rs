//! Opaque 256-bit secrets for refresh tokens and one-time tokens.
//!
//! The bearer holds the secret; the database stores its SHA-256 digest. A secret has 256 bits of entropy, so a plain
//! digest is enough (no salt, no stretching).

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::error::Source;

/// Length of a secret in bytes (256 bits).
pub const SECRET_BYTES: usize = 32;

/// Secret in plain text. It exists in memory only, `Debug` does not show it, and it is wiped when dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<[u8; SECRET_BYTES]>);

impl Secret {
    /// Creates a secret from random bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; SECRET_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Parses the output of [`Secret::reveal`]: 64 hexadecimal digits. Returns `None` for any other text.
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

    /// Parses a secret that a person has copied from a mail. Whatever is around it there is ignored: line breaks, `>`, and
    /// the full stop of a sentence.
    #[must_use]
    pub fn parse_copied(text: &str) -> Option<Self> {
        Self::parse(text.trim_matches(|c: char| !c.is_alphanumeric()))
    }

    /// Returns the secret in plain text, only for its bearer: 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn reveal(&self) -> String {
        use std::fmt::Write as _;
        self.0.iter().fold(String::with_capacity(SECRET_BYTES * 2), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// Returns the digest that is stored.
    #[must_use]
    pub fn digest(&self) -> SecretDigest {
        SecretDigest(Sha256::digest(self.0.as_slice()).into())
    }

    /// Returns the first 128 bits.
    pub(crate) fn leading_bits(&self) -> u128 {
        self.0.iter().take(16).fold(0, |bits, byte| bits * 256 + u128::from(*byte))
    }

    /// Encrypts this secret so that only the holder of `key` can decrypt it.
    ///
    /// The cipher is a one-time pad derived from `key`, so each key MUST be used at most once. Refresh-token rotation
    /// satisfies this: a token seals its successor exactly once, when it is used.
    #[must_use]
    pub fn seal_under(&self, key: &Self) -> SealedSecret {
        SealedSecret(key.pad(&self.0))
    }

    /// Decrypts a secret that [`Secret::seal_under`] encrypted under this secret.
    #[must_use]
    pub fn unseal(&self, sealed: &SealedSecret) -> Self {
        Self::from_bytes(self.pad(&sealed.0))
    }

    fn pad(&self, bytes: &[u8; SECRET_BYTES]) -> [u8; SECRET_BYTES] {
        let mut hasher = Sha256::new();
        // Domain separation: the pad must differ from the digest that is stored in the database.
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

/// Secret that only the holder of another secret can decrypt; see [`Secret::seal_under`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedSecret(pub [u8; SECRET_BYTES]);

/// Error: no randomness is available. There is no fallback, because a guessable secret is worse than an error.
#[derive(Debug, thiserror::Error)]
#[error("no randomness is available for a secret")]
pub struct NoRandomness(#[source] pub Source);

/// The port to the random numbers of the system.
pub trait SecretGenerator: Send + Sync {
    /// Returns a new secret from a cryptographically secure source.
    ///
    /// # Errors
    /// [`NoRandomness`] when the source fails.
    fn generate(&self) -> Result<Secret, NoRandomness>;
}
