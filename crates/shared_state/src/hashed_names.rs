//! Hashes that replace names in Redis.

use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;

/// Hashes names with a key. A reader of Redis can neither recover nor guess names.
pub(crate) struct HashedNames(Hmac<Sha256>);

impl HashedNames {
    /// Derives a separate key from a secret that also signs other data.
    pub(crate) fn new(secret: &SecretString) -> Self {
        let hmac = |key: &[u8]| Hmac::<Sha256>::new_from_slice(key);
        let derived = hmac(secret.expose_secret().as_bytes())
            .map(|mac| mac.chain_update(b"contacts-api/redis-names/v1").finalize().into_bytes());
        // HMAC accepts keys of any length.
        Self(derived.and_then(|key| hmac(&key)).unwrap_or_else(|_| Hmac::new(&Default::default())))
    }

    /// Returns the hash of a name.
    pub(crate) fn digest(&self, name: &str) -> String {
        let code = self.0.clone().chain_update(name).finalize().into_bytes();
        code.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}
