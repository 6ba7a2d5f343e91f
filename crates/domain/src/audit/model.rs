//! Events of the audit trail.

use chrono::Duration;

use crate::{
    client::ClientInfo,
    ids::{AuditEventId, UserId},
    time::Timestamp,
};

/// Declares an enum whose values have stored and displayed names.
macro_rules! names {
    ($(#[$doc:meta])* $type:ident { $($(#[$case_doc:meta])* $case:ident = $name:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $type {
            $($(#[$case_doc])* $case,)+
        }

        impl $type {
            /// All values.
            pub const ALL: &[Self] = &[$(Self::$case),+];

            /// Returns the name that is stored and displayed.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$case => $name,)+
                }
            }

            /// Parses a stored name. Returns `None` for an unknown name.
            #[must_use]
            pub fn from_stored(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.as_str() == name)
            }
        }
    };
}

names! {
    /// Recorded operation.
    AuditAction {
        /// Register an account.
        Register = "register",
        /// Verify the e-mail address through a mailed link.
        VerifyEmail = "verify-email",
        /// Sign in.
        SignIn = "sign-in",
        /// Sign out.
        SignOut = "sign-out",
        /// Use a refresh token a second time.
        Refresh = "refresh",
        /// End one session from the list.
        EndSession = "end-session",
        /// End every session except the current one.
        EndOtherSessions = "end-other-sessions",
        /// Request a mail to set a new password. Any client can request it.
        ForgotPassword = "forgot-password",
        /// Set a new password through a mailed link.
        ResetPassword = "reset-password",
        /// Set a new password, with the current one.
        ChangePassword = "change-password",
        /// Request a change of the e-mail address.
        RequestEmailChange = "request-email-change",
        /// Verify the pending e-mail, which becomes the e-mail of the user.
        ConfirmEmail = "confirm-email",
        /// Restore the previous e-mail through a mailed link.
        RevertEmail = "revert-email",
        /// Create an app password.
        CreateAppPassword = "create-app-password",
        /// End an app password.
        EndAppPassword = "end-app-password",
        /// Export all data of the account.
        ExportAccount = "export-account",
        /// Import contacts from a file.
        ImportContacts = "import-contacts",
        /// Delete the account.
        DeleteAccount = "delete-account",
        /// Invite an e-mail to register. By the operator, like the next ones.
        Invite = "invite",
        /// Create the account.
        CreateAccount = "create-account",
        /// Disable the account, and end its sessions.
        DisableAccount = "disable-account",
        /// Enable the account again.
        EnableAccount = "enable-account",
        /// Mark the e-mail as verified.
        VerifyAccount = "verify-account",
        /// Create a link that sets a new password.
        CreateResetLink = "create-reset-link",
        /// Set the maximum number of contacts.
        SetContactLimit = "set-contact-limit",
    }
}

names! {
    /// Outcome of the operation.
    AuditOutcome {
        /// The operation was done.
        Success = "success",
        /// Rejected: the password is wrong, or no account has the e-mail.
        WrongPassword = "wrong-password",
        /// Rejected: the password is right, but the e-mail is not verified.
        EmailNotVerified = "email-not-verified",
        /// Rejected: the password is right, but the operator has disabled the account.
        AccountDisabled = "account-disabled",
        /// The same client repeated the token within the grace period and got the same successor.
        TokenRepeated = "token-repeated",
        /// Rejected, and the session was ended: another client has a copy of the token.
        TokenReused = "token-reused",
    }
}

impl AuditOutcome {
    /// Returns the retention of an event. Events that any client can cause by guessing a password have a shorter one,
    /// because there may be very many.
    #[must_use]
    pub const fn retention(self) -> Duration {
        match self {
            Self::Success | Self::TokenReused => Duration::days(90),
            Self::WrongPassword | Self::EmailNotVerified | Self::AccountDisabled | Self::TokenRepeated => {
                Duration::days(14)
            }
        }
    }
}

/// Event of the audit trail. It contains no secret and no text that a user typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// Id; later events of one process have greater ids.
    pub id: AuditEventId,
    /// Time of the event.
    pub at: Timestamp,
    /// User that the event concerns. `None` when no account has the given e-mail.
    pub user: Option<UserId>,
    /// Recorded operation.
    pub action: AuditAction,
    /// Outcome of the operation.
    pub outcome: AuditOutcome,
    /// The client that sent the request.
    pub client: ClientInfo,
}

/// Note that an account was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeletedAccount {
    /// Id of the former user; it identifies no one any more.
    pub user: UserId,
    /// Time of the deletion.
    pub at: Timestamp,
}
