use async_trait::async_trait;
use domain::{
    account::{Account, AccountAdministration, AccountQueries, Credentials, Email},
    error::StoreError,
    ids::UserId,
    time::Timestamp,
};

use super::{MemoryStore, MemoryUnit, state::State};

fn account(state: &State, found: &Credentials) -> Account {
    let id = found.user.id;
    Account {
        user: found.user.clone(),
        is_disabled: found.is_disabled,
        contact_limit: state.contact_limits.get(&id).copied(),
        contacts: state.contact_counts.get(&id).map_or(0, |count| u64::try_from(*count).unwrap_or_default()),
    }
}

#[async_trait]
impl AccountQueries for MemoryStore {
    async fn account_by_email(&self, email: &Email) -> Result<Option<Account>, StoreError> {
        Ok(self.read(|state| {
            state.users.values().find(|found| found.user.email == *email).map(|found| account(state, found))
        }))
    }

    async fn accounts(&self, after: Option<UserId>, limit: u64) -> Result<Vec<Account>, StoreError> {
        let limit = usize::try_from(limit).unwrap();
        Ok(self.read(|state| {
            let later = state.users.iter().filter(|(id, _)| after.is_none_or(|after| **id > after));
            later.take(limit).map(|(_, found)| account(state, found)).collect()
        }))
    }

    async fn is_invited(&self, email: &Email) -> Result<bool, StoreError> {
        Ok(self.read(|state| state.invitations.contains(email.as_str())))
    }
}

#[async_trait]
impl AccountAdministration for MemoryUnit {
    async fn set_disabled(&mut self, id: UserId, is_disabled: bool) -> Result<(), StoreError> {
        if let Some(found) = self.state.users.get_mut(&id) {
            found.is_disabled = is_disabled;
        }
        Ok(())
    }

    async fn set_contact_limit(&mut self, id: UserId, limit: Option<u64>) -> Result<(), StoreError> {
        match limit {
            Some(limit) => self.state.contact_limits.insert(id, limit),
            None => self.state.contact_limits.remove(&id),
        };
        Ok(())
    }

    async fn invite(&mut self, email: &Email, _now: Timestamp) -> Result<(), StoreError> {
        self.state.invitations.insert(email.as_str().to_owned());
        Ok(())
    }

    async fn take_invitation(&mut self, email: &Email) -> Result<bool, StoreError> {
        Ok(self.state.invitations.remove(email.as_str()))
    }
}
