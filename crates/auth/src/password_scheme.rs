//! Format of a stored hash: `v1$<pepper id or ->$<bcrypt string>`.
//!
//! bcrypt uses at most 72 bytes, and some versions stop at NUL. So it hashes a keyed digest of the password,
//! base64(HMAC-SHA-384(key, password)), which always has 64 characters and depends on every byte of the password. The
//! key is the pepper, or a public constant that separates these digests from those of other services.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256, Sha384};
use zeroize::Zeroizing;

use crate::settings::PasswordSettings;

const VERSION: &str = "v1$";
const NO_PEPPER: &str = "-";
const PUBLIC_KEY: &[u8] = b"contacts-api/password/v1";
const PEPPER_ID_DOMAIN: &[u8] = b"contacts-api/pepper-id";

/// The configured key and its id.
pub(crate) struct PasswordKey {
    pepper: Option<SecretString>,
    id: String,
}

impl PasswordKey {
    pub(crate) fn new(pepper: Option<SecretString>) -> Self {
        let id = pepper
            .as_ref()
            .map_or_else(|| NO_PEPPER.to_owned(), |pepper| key_id(PEPPER_ID_DOMAIN, pepper.expose_secret().as_bytes()));
        Self { pepper, id }
    }

    /// Returns the input of bcrypt for a new hash.
    pub(crate) fn digest(&self, password: &str) -> Zeroizing<String> {
        keyed_digest(self.pepper.as_ref().map_or(PUBLIC_KEY, |pepper| pepper.expose_secret().as_bytes()), password)
    }

    /// Returns the input of bcrypt to verify a stored hash, and true when its key is known. An unknown key uses the
    /// current digest, so that the verification takes the same time.
    pub(crate) fn digest_for(&self, stored: &StoredHash, password: &str) -> (Zeroizing<String>, bool) {
        if stored.pepper_id == NO_PEPPER {
            (keyed_digest(PUBLIC_KEY, password), true)
        } else {
            (self.digest(password), stored.pepper_id == self.id)
        }
    }

    /// True when a stored hash has other parameters than the current ones.
    pub(crate) fn is_outdated(&self, stored: &StoredHash, cost: u32) -> bool {
        stored.cost != cost || stored.pepper_id != self.id
    }

    /// Formats a hash for storage.
    pub(crate) fn format(&self, bcrypt: &str) -> String {
        format!("{VERSION}{}${bcrypt}", self.id)
    }
}

/// Parsed stored hash.
pub(crate) struct StoredHash {
    pepper_id: String,
    pub(crate) cost: u32,
    pub(crate) bcrypt: String,
}

/// The stored text does not have the format of this module.
#[derive(Debug, thiserror::Error)]
#[error("the stored hash is malformed")]
pub(crate) struct MalformedHash;

impl std::str::FromStr for StoredHash {
    type Err = MalformedHash;

    fn from_str(text: &str) -> Result<Self, MalformedHash> {
        let (pepper_id, bcrypt) =
            text.strip_prefix(VERSION).and_then(|rest| rest.split_once('$')).ok_or(MalformedHash)?;
        let is_id = pepper_id.len() == 8 && pepper_id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if !is_id && pepper_id != NO_PEPPER {
            return Err(MalformedHash);
        }
        let parts: bcrypt::HashParts = bcrypt.parse().map_err(|_| MalformedHash)?;
        let cost = parts.get_cost();
        // A higher cost would block a thread for minutes to years.
        if !PasswordSettings::COSTS.contains(&cost) {
            return Err(MalformedHash);
        }
        Ok(Self { pepper_id: pepper_id.to_owned(), cost, bcrypt: bcrypt.to_owned() })
    }
}

/// Returns a short public id of a key: the first 8 hexadecimal digits of SHA-256(domain || key).
pub(crate) fn key_id(domain: &[u8], key: &[u8]) -> String {
    let digest = Sha256::new().chain_update(domain).chain_update(key).finalize();
    digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of any length (RFC 2104, 2)")]
fn keyed_digest(key: &[u8], password: &str) -> Zeroizing<String> {
    let mut mac = Hmac::<Sha384>::new_from_slice(key).expect("a key of any length");
    mac.update(password.as_bytes());
    let digest: Zeroizing<[u8; 48]> = Zeroizing::new(mac.finalize().into_bytes().into());
    Zeroizing::new(STANDARD.encode(digest.as_slice()))
}
