//! State of accounts that only the operator changes, and its storage.

use std::str::FromStr;

use async_trait::async_trait;

use super::{Email, User};
use crate::{error::StoreError, ids::UserId, time::Timestamp};

/// People who may register an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Registration {
    /// All people.
    #[default]
    Open,
    /// No one. The operator creates accounts.
    Closed,
    /// People whose e-mail address the operator has invited.
    Invite,
}

impl Registration {
    const ALL: [Self; 3] = [Self::Open, Self::Closed, Self::Invite];

    /// Returns the word of an operator for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Invite => "invite",
        }
    }
}

impl FromStr for Registration {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|registration| registration.as_str() == text).ok_or(())
    }
}

/// Account as the operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The user.
    pub user: User,
    /// True when the operator has disabled the account: its user cannot sign in.
    pub is_disabled: bool,
    /// Maximum number of contacts of this user. `None`: the limit of all users.
    pub contact_limit: Option<u64>,
    /// Number of contacts, without the trash.
    pub contacts: u64,
}

/// Reads of accounts for the operator, directly from the pool.
#[async_trait]
pub trait AccountQueries {
    /// Returns the account of this e-mail, or `None`.
    async fn account_by_email(&self, email: &Email) -> Result<Option<Account>, StoreError>;

    /// Returns at most `limit` accounts in the order of their ids, which is the order of their registration. With
    /// `after`, only those with a greater id.
    async fn accounts(&self, after: Option<UserId>, limit: u64) -> Result<Vec<Account>, StoreError>;

    /// Returns true when this e-mail is invited.
    async fn is_invited(&self, email: &Email) -> Result<bool, StoreError>;
}

/// Changes of accounts by the operator, in a unit of work.
#[async_trait]
pub trait AccountAdministration {
    /// Disables or enables an account. Ends no session.
    async fn set_disabled(&mut self, id: UserId, is_disabled: bool) -> Result<(), StoreError>;

    /// Sets the maximum number of contacts of a user. With `None` the limit of all users applies again.
    async fn set_contact_limit(&mut self, id: UserId, limit: Option<u64>) -> Result<(), StoreError>;

    /// Invites an e-mail. An e-mail that is already invited stays so. Waits for a unit that is taking the invitation.
    async fn invite(&mut self, email: &Email, now: Timestamp) -> Result<(), StoreError>;

    /// Removes the invitation of an e-mail. Returns `false` when there is none. Of several units at once, one gets
    /// `true`. Waits for a unit that is adding the invitation.
    async fn take_invitation(&mut self, email: &Email) -> Result<bool, StoreError>;
}
