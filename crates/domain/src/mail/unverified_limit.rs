//! Limit of mails to an e-mail that no account has verified. Any client can request such mails.

use chrono::Duration;

use super::MailKind;

/// Maximum number of mails to an e-mail address in any 24 hours while no account has verified it. It includes mails of
/// every kind and from every requester.
pub const MAILS_TO_UNVERIFIED: u16 = 6;

/// Maximum number of [`MailKind::ConfirmEmail`] among [`MAILS_TO_UNVERIFIED`]. Any account can request them for the
/// e-mail of another person, and must not use up the mails that this person needs to register.
pub const CONFIRMATIONS_TO_UNVERIFIED: u16 = 3;

/// Period of [`MAILS_TO_UNVERIFIED`].
pub const UNVERIFIED_PERIOD: Duration = Duration::hours(24);

impl MailKind {
    /// Returns the number of mails to an unverified e-mail within [`UNVERIFIED_PERIOD`] that a mail of this kind may be
    /// one of. `None` for notices: they go to an e-mail that was the user's when they were enqueued. Mails that other
    /// clients request must not use up their slots.
    #[must_use]
    pub const fn unverified_limit(self) -> Option<u16> {
        match self {
            Self::ConfirmEmail => Some(CONFIRMATIONS_TO_UNVERIFIED),
            Self::VerifyEmail | Self::ResetPassword => Some(MAILS_TO_UNVERIFIED),
            Self::EmailChangeNotice
            | Self::EmailChanged
            | Self::PasswordChanged
            | Self::PasswordWasReset
            | Self::SessionEnded
            | Self::NewDevice
            | Self::WrongPasswords => None,
        }
    }
}
