//! Sync tokens: what a client knows of an address book.

use std::{fmt, str::FromStr};

use uuid::Uuid;

use crate::contact::ChangeNumber;

/// Epoch of the change numbers. The operator begins a new one when numbers may be given again: after a restore of a
/// backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SyncEpoch(pub Uuid);

/// Token of a client that has read all changes up to a number. Its text is `{epoch}-{after}`.
///
/// While a client reads an address book for the first time, the token also has the newest number at the beginning:
/// `{epoch}-{after}-{began_at}`. Such a client needs no deletions from before it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyncToken {
    /// Epoch of the numbers.
    pub epoch: SyncEpoch,
    /// Number of the last change that the client has read.
    pub after: ChangeNumber,
    /// The newest number when a first read began, until the client has read up to it.
    pub began_at: Option<ChangeNumber>,
}

/// The text is not a sync token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a sync token")]
pub struct InvalidSyncToken;

impl SyncToken {
    /// Maximum length of the text in bytes.
    pub const MAX_LENGTH: usize = 32 + 2 * 20;

    /// Returns the token after another change was read.
    #[must_use]
    pub fn advanced_to(self, after: ChangeNumber) -> Self {
        Self { after, began_at: self.began_at.filter(|began_at| *began_at > after), ..self }
    }

    /// Returns the number up to which the client needs no deletions.
    pub(super) fn known(&self) -> ChangeNumber {
        self.began_at.map_or(self.after, |began_at| began_at.max(self.after))
    }
}

impl fmt::Display for SyncToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.epoch.0.simple(), self.after.0)?;
        self.began_at.map_or(Ok(()), |began_at| write!(formatter, "-{}", began_at.0))
    }
}

impl FromStr for SyncToken {
    type Err = InvalidSyncToken;

    fn from_str(text: &str) -> Result<Self, InvalidSyncToken> {
        let mut parts = text.split('-');
        let epoch = parts.next().filter(|epoch| epoch.len() == 32).ok_or(InvalidSyncToken)?;
        let epoch = SyncEpoch(Uuid::try_parse(epoch).map_err(|_| InvalidSyncToken)?);
        let after = parts.next().ok_or(InvalidSyncToken).and_then(number)?;
        let began_at = parts.next().map(number).transpose()?;
        match parts.next() {
            None => Ok(Self { epoch, after, began_at }),
            Some(_) => Err(InvalidSyncToken),
        }
    }
}

fn number(text: &str) -> Result<ChangeNumber, InvalidSyncToken> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number).map(ChangeNumber).ok_or(InvalidSyncToken)
}
