//! What the adapters are told, and why they may refuse to start with it.

use std::{num::NonZero, ops::RangeInclusive, thread};

use secrecy::{ExposeSecret as _, SecretString};

/// A key of HMAC-SHA-256 is as long as its digest at least (RFC 7518, 3.2).
const MIN_SECRET_BYTES: usize = 32;

/// How passwords are hashed.
#[derive(Debug, Clone)]
pub struct PasswordSettings {
    /// bcrypt's cost, 10 to 15: each step doubles the work.
    pub cost: u32,
    /// A key over the passwords that the database does not know; 32 bytes or more.
    pub pepper: Option<SecretString>,
    /// Threads that hash, 1 to 64.
    pub threads: usize,
    /// Passwords that may wait while every thread is busy, 1 to 1024.
    pub queue: usize,
}

impl PasswordSettings {
    /// The costs that are accepted, of the settings and of stored hashes alike.
    pub const COSTS: RangeInclusive<u32> = 10..=15;
    /// The numbers of threads that are accepted.
    pub const THREADS: RangeInclusive<usize> = 1..=64;
    /// The lengths of the queue that are accepted.
    pub const QUEUE: RangeInclusive<usize> = 1..=1024;

    pub(crate) fn check(&self) -> Result<(), SettingsError> {
        check_range("the bcrypt cost", &self.cost, &Self::COSTS)?;
        check_range("the number of hashing threads", &self.threads, &Self::THREADS)?;
        check_range("the length of the hashing queue", &self.queue, &Self::QUEUE)?;
        self.pepper.as_ref().map_or(Ok(()), |pepper| check_secret("the password pepper", pepper))
    }
}

impl Default for PasswordSettings {
    /// Cost 12, no pepper, one thread a processor (two where their number is unknown), 16 waiting.
    fn default() -> Self {
        let threads = thread::available_parallelism().map_or(2, NonZero::get).min(*Self::THREADS.end());
        Self { cost: 12, pepper: None, threads, queue: 16 }
    }
}

/// How access tokens are signed.
#[derive(Debug, Clone)]
pub struct JwtSettings {
    /// Signs and verifies; 32 bytes or more.
    pub secret: SecretString,
    /// Still verifies while secrets are exchanged; 32 bytes or more.
    pub previous_secret: Option<SecretString>,
    /// Who signs (`iss`).
    pub issuer: String,
    /// Who is meant to read (`aud`).
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

/// Why an adapter of this crate does not start.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A number is out of its range.
    #[error("{name} must be {min} to {max}")]
    OutOfRange {
        /// What the number says.
        name: &'static str,
        /// The least value.
        min: String,
        /// The greatest value.
        max: String,
    },
    /// A secret is too short to be one.
    #[error("{name} must have {min} bytes or more")]
    WeakSecret {
        /// Which secret.
        name: &'static str,
        /// The least length in bytes.
        min: usize,
    },
    /// A text is missing.
    #[error("{name} must not be empty")]
    Empty {
        /// Which text.
        name: &'static str,
    },
    /// The machine gave no thread.
    #[error("a hashing thread could not be started")]
    Thread(#[source] std::io::Error),
    /// The first hash failed.
    #[error("bcrypt failed")]
    Bcrypt(#[source] bcrypt::BcryptError),
    /// The dummy hash for unknown users cannot be made.
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
