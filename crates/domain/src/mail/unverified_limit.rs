//! Limit of mails to an e-mail that no account has verified. Any client can request such mails.

use chrono::Duration;

use super::MailKind;

/// Maximum number of mails with a link to an e-mail address in any 24 hours while no account has verified it. It
/// includes the mails of all requesters, and no notices.
pub const MAILS_TO_UNVERIFIED: u16 = 6;

/// Maximum number of [`MailKind::ConfirmEmail`] among [`MAILS_TO_UNVERIFIED`]. Any account can request them for the
/// e-mail of another person, and must not use up the mails that this person needs to register.
pub const CONFIRMATIONS_TO_UNVERIFIED: u16 = 3;

/// Period of [`MAILS_TO_UNVERIFIED`].
pub const UNVERIFIED_PERIOD: Duration = Duration::hours(24);

impl MailKind {
    /// Returns the number of mails to an unverified e-mail within [`UNVERIFIED_PERIOD`] beyond which a mail of this
    /// kind is dropped. `None` for notices, which are never dropped: other clients could use up their number.
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
            | Self::WrongPasswords
            | Self::AppPasswordCreated => None,
        }
    }
}
