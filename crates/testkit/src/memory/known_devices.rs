use async_trait::async_trait;
use domain::{
    account::Email,
    error::StoreError,
    ids::UserId,
    session::{DeviceDigest, KnownDeviceQueries, KnownDeviceRepository, MAX_DEVICES},
    time::Timestamp,
};

use super::{MemoryStore, MemoryUnit};

#[async_trait]
impl KnownDeviceQueries for MemoryStore {
    async fn is_known_device(&self, email: &Email, device: &DeviceDigest) -> Result<bool, StoreError> {
        Ok(self.read(|state| {
            let user = state.users.values().find(|found| found.user.email == *email);
            user.is_some_and(|found| state.known_devices.contains_key(&(found.user.id, *device)))
        }))
    }
}

#[async_trait]
impl KnownDeviceRepository for MemoryUnit {
    async fn record_device(&mut self, user: UserId, device: &DeviceDigest, now: Timestamp) -> Result<bool, StoreError> {
        self.require_user(user)?;
        let devices = &mut self.state.known_devices;
        let is_new = devices.insert((user, *device), now).is_none();
        let mut others: Vec<_> =
            devices.iter().filter(|((owner, other), _)| *owner == user && other != device).collect();
        others.sort_by_key(|(_, last_seen_at)| std::cmp::Reverse(**last_seen_at));
        let surplus: Vec<_> = others.into_iter().skip(MAX_DEVICES - 1).map(|(key, _)| *key).collect();
        devices.retain(|key, _| !surplus.contains(key));
        Ok(is_new)
    }

    async fn count_devices(&mut self, user: UserId) -> Result<u64, StoreError> {
        Ok(self.state.known_devices.keys().filter(|(owner, _)| *owner == user).count() as u64)
    }
}
