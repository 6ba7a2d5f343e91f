//! Known devices: combinations of user agent and site from which a user has signed in.

use std::fmt;

use async_trait::async_trait;
use sha2::{Digest as _, Sha256};

use crate::{
    account::Email,
    client::{ClientInfo, Site},
    error::StoreError,
    ids::UserId,
    time::Timestamp,
};

/// Maximum number of stored devices of one user.
pub const MAX_DEVICES: usize = 50;

/// The SHA-256 digest of a user agent and of the site of a client's address.
///
/// Digits of the user agent are ignored, so an update of a browser does not make it a new device. The user is not part
/// of the digest: a lookup by e-mail address is then one statement that costs the same for unknown accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DeviceDigest(pub [u8; 32]);

impl DeviceDigest {
    /// Returns the digest of the device that sent a request.
    #[must_use]
    pub fn of(client: &ClientInfo) -> Self {
        let agent = client.user_agent.as_deref().unwrap_or_default();
        let mut hasher = Sha256::new();
        hasher.update(b"contacts-api/device/v1\0");
        hasher.update(Site::of(client.ip).to_string());
        hasher.update(b"\0");
        hasher.update(agent.chars().filter(|c| !c.is_ascii_digit()).collect::<String>());
        Self(hasher.finalize().into())
    }
}

impl fmt::Display for DeviceDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

/// Reads of known devices, directly from the pool.
#[async_trait]
pub trait KnownDeviceQueries {
    /// Returns true when the user of this e-mail has signed in from the device. For an e-mail without an account it
    /// does the same work and returns `false`.
    async fn is_known_device(&self, email: &Email, device: &DeviceDigest) -> Result<bool, StoreError>;
}

/// Known devices in a unit of work.
#[async_trait]
pub trait KnownDeviceRepository {
    /// Records a sign-in of the user from a device. Returns `true` when the device is new: it was never recorded, or
    /// was removed since. Of several concurrent units, exactly one gets `true`.
    ///
    /// A user has at most [`MAX_DEVICES`] devices. Beyond it, those with the earliest last sign-in are removed, but
    /// never the device that is being recorded.
    async fn record_device(&mut self, user: UserId, device: &DeviceDigest, now: Timestamp) -> Result<bool, StoreError>;

    /// Returns the number of devices of a user.
    async fn count_devices(&mut self, user: UserId) -> Result<u64, StoreError>;
}
