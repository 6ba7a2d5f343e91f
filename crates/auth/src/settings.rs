//! Settings of the adapters and their validation.

use std::{num::NonZero, ops::RangeInclusive, thread};

use secrecy::{ExposeSecret as _, SecretString};

/// Minimum length of an HMAC-SHA-256 key in bytes: the length of the digest (RFC 7518, 3.2).
pub const MIN_SECRET_BYTES: usize = 32;

/// Settings of password hashing.
#[derive(Debug, Clone)]
pub struct PasswordSettings {
    /// Cost of bcrypt, in [`PasswordSettings::COSTS`]. Each step doubles the time.
    pub cost: u32,
    /// HMAC key over passwords that is not in the database; at least [`MIN_SECRET_BYTES`].
    pub pepper: Option<SecretString>,
    /// Number of hashing threads, in [`PasswordSettings::THREADS`].
    pub threads: usize,
    /// Maximum number of waiting passwords while every thread is busy, in [`PasswordSettings::QUEUE`].
    pub queue: usize,
}

impl PasswordSettings {
    /// Accepted costs of the settings and of stored hashes.
    pub const COSTS: RangeInclusive<u32> = 10..=15;
    /// Cost when the operator sets none.
    pub const DEFAULT_COST: u32 = 12;
    /// Accepted numbers of threads.
    pub const THREADS: RangeInclusive<usize> = 1..=64;
    /// Accepted lengths of the queue.
    pub const QUEUE: RangeInclusive<usize> = 1..=1024;

    pub(crate) fn check(&self) -> Result<(), SettingsError> {
        check_range("the bcrypt cost", &self.cost, &Self::COSTS)?;
        check_range("the number of hashing threads", &self.threads, &Self::THREADS)?;
        check_range("the length of the hashing queue", &self.queue, &Self::QUEUE)?;
        self.pepper.as_ref().map_or(Ok(()), |pepper| check_secret("the password pepper", pepper))
    }
}

impl Default for PasswordSettings {
    /// The default cost, no pepper, one thread for each CPU (two when their number is unknown), a queue of 32. With two
    /// threads the last of the queue waits less than four seconds.
    fn default() -> Self {
        let threads = thread::available_parallelism().map_or(2, NonZero::get).min(*Self::THREADS.end());
        Self { cost: Self::DEFAULT_COST, pepper: None, threads, queue: 32 }
    }
}

/// Settings of access tokens.
#[derive(Debug, Clone)]
pub struct JwtSettings {
    /// Secret for signing and verification; at least [`MIN_SECRET_BYTES`].
    pub secret: SecretString,
    /// Previous secret, for verification only during a rotation; at least [`MIN_SECRET_BYTES`].
    pub previous_secret: Option<SecretString>,
    /// Issuer (`iss`).
    pub issuer: String,
    /// Audience (`aud`).
    pub audience: String,
}

impl JwtSettings {
    pub(crate) fn check(&self) -> Result<(), SettingsError> {
        check_secret("the access-token secret", &self.secret)?;
        if let Some(previous) = &self.previous_secret {
            check_secret("the previous access-token secret", previous)?;
        }
        for (name, value) in [("the issuer", &self.issuer), ("the audience", &self.audience)] {
            if value.is_empty() {
                return Err(SettingsError::Empty { name });
            }
        }
        Ok(())
    }
}

/// Errors of the constructors of this crate.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A number is out of its range.
    #[error("{name} must be {min} to {max}")]
    OutOfRange {
        /// Name of the setting.
        name: &'static str,
        /// Minimum.
        min: String,
        /// Maximum.
        max: String,
    },
    /// A secret is too short.
    #[error("{name} must have {min} bytes or more")]
    WeakSecret {
        /// Name of the secret.
        name: &'static str,
        /// Minimum length in bytes.
        min: usize,
    },
    /// A setting is empty.
    #[error("{name} must not be empty")]
    Empty {
        /// Name of the setting.
        name: &'static str,
    },
    /// The operating system started no thread.
    #[error("a hashing thread could not be started")]
    Thread(#[source] std::io::Error),
    /// Computing the dummy hash failed.
    #[error("bcrypt failed")]
    Bcrypt(#[source] bcrypt::BcryptError),
    /// The system provided no randomness for the dummy hash.
    #[error(transparent)]
    Randomness(#[from] domain::secret::NoRandomness),
}

fn check_range<N>(name: &'static str, value: &N, range: &RangeInclusive<N>) -> Result<(), SettingsError>
where
    N: PartialOrd + ToString,
{
    if range.contains(value) {
        return Ok(());
    }
    Err(SettingsError::OutOfRange { name, min: range.start().to_string(), max: range.end().to_string() })
}

fn check_secret(name: &'static str, secret: &SecretString) -> Result<(), SettingsError> {
    if secret.expose_secret().len() < MIN_SECRET_BYTES {
        return Err(SettingsError::WeakSecret { name, min: MIN_SECRET_BYTES });
    }
    Ok(())
}
