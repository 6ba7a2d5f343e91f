//! The secret of an app password, in a form that people can type.

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::secret::{Secret, SecretDigest};

/// Digits of Crockford's base32. It has no i, l, o and u.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Number of digits: 100 bits.
const LENGTH: usize = 20;
/// Number of digits of one group.
const GROUP: usize = 5;
/// Maximum number of bytes of a typed secret, with its separators.
const MAX_BYTES: usize = 100;

/// Secret of an app password: 100 random bits, as 20 digits of Crockford's base32. `Debug` does not show it.
///
/// It has enough entropy for a plain SHA-256 digest: no salt, no stretching.
#[derive(Clone, PartialEq, Eq)]
pub struct AppPasswordSecret(Zeroizing<String>);

impl AppPasswordSecret {
    /// Creates the value from the first 100 bits of a random secret.
    #[must_use]
    pub fn from_random(secret: &Secret) -> Self {
        let bits = secret.leading_bits();
        let digit = |index: usize| DIGITS.get(usize::try_from(bits >> (123 - 5 * index) & 31).unwrap_or_default());
        Self(Zeroizing::new((0..LENGTH).filter_map(digit).map(|digit| char::from(*digit)).collect()))
    }

    /// Parses a secret as a person types it. Case, hyphens and white space are ignored; i and l are read as 1, o as 0.
    /// Returns `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_BYTES {
            return None;
        }
        let typed = text.chars().filter(|character| *character != '-' && !character.is_whitespace());
        let digits: Option<String> = typed.map(digit_of).collect();
        digits.filter(|digits| digits.len() == LENGTH).map(Zeroizing::new).map(Self)
    }

    /// Returns the secret in plain text, only for its owner: four groups of five digits, with hyphens between them.
    #[must_use]
    pub fn reveal(&self) -> String {
        let groups: Vec<&str> = (0..LENGTH).step_by(GROUP).filter_map(|at| self.0.get(at..at + GROUP)).collect();
        groups.join("-")
    }

    /// Returns the digest that is stored.
    #[must_use]
    pub fn digest(&self) -> SecretDigest {
        SecretDigest(Sha256::digest(self.0.as_bytes()).into())
    }
}

fn digit_of(typed: char) -> Option<char> {
    let digit = match typed.to_ascii_lowercase() {
        'i' | 'l' => '1',
        'o' => '0',
        other => other,
    };
    u8::try_from(digit).ok().filter(|digit| DIGITS.contains(digit)).map(char::from)
}

impl std::fmt::Debug for AppPasswordSecret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("AppPasswordSecret(…)")
    }
}
