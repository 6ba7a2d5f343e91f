//! One line of the audit trail.

use chrono::Duration;

use crate::{
    Ports,
    account::UserId,
    client::ClientInfo,
    store::StoreError,
    time::{Instant, id_type},
};

id_type! {
    /// Names an event.
    AuditEventId
}

/// Declares a closed list of names that are stored and shown.
macro_rules! names {
    ($(#[$doc:meta])* $type:ident { $($(#[$case_doc:meta])* $case:ident = $name:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $type {
            $($(#[$case_doc])* $case,)+
        }

        impl $type {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$case),+];

            /// The name it is stored and shown under.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$case => $name,)+
                }
            }

            /// Takes back a name that a store kept; `None` for one that is none of ours.
            #[must_use]
            pub fn from_stored(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.as_str() == name)
            }
        }
    };
}

names! {
    /// What was done, or tried.
    AuditAction {
        /// An account was made.
        Register = "register",
        /// The address was proven by a mailed link.
        VerifyEmail = "verify-email",
        /// Somebody signed in.
        SignIn = "sign-in",
        /// Somebody signed out.
        SignOut = "sign-out",
        /// A used refresh token was presented again.
        Refresh = "refresh",
        /// One session was ended from the list.
        EndSession = "end-session",
        /// Every session but the own was ended.
        EndOtherSessions = "end-other-sessions",
        /// A mail to set a new password was asked for, by anybody.
        ForgotPassword = "forgot-password",
        /// A new password was set through a mailed link.
        ResetPassword = "reset-password",
        /// A new password was set, knowing the old one.
        ChangePassword = "change-password",
        /// Another address was asked for.
        RequestEmailChange = "request-email-change",
        /// The other address was proven, and is the user's now.
        ConfirmEmail = "confirm-email",
        /// The address before was taken back through a mailed link.
        RevertEmail = "revert-email",
        /// Everything held was taken out.
        ExportAccount = "export-account",
        /// The account was removed.
        DeleteAccount = "delete-account",
    }
}

names! {
    /// What came of it.
    AuditOutcome {
        /// It was done.
        Success = "success",
        /// Refused: not the password, or no such account.
        WrongPassword = "wrong-password",
        /// Refused: the password was right, and the address is not proven.
        EmailNotVerified = "email-not-verified",
        /// The same client repeated the token within the time of grace, and got the same successor.
        TokenRepeated = "token-repeated",
        /// Rejected, and the session ended: another client has a copy of the token.
        TokenReused = "token-reused",
    }
}

impl AuditOutcome {
    /// How long an event is kept. What anybody can bring about by guessing at somebody's password is kept for
    /// a shorter time: there may be very many.
    #[must_use]
    pub const fn retention(self) -> Duration {
        match self {
            Self::Success | Self::TokenReused => Duration::days(90),
            Self::WrongPassword | Self::EmailNotVerified | Self::TokenRepeated => Duration::days(14),
        }
    }
}

/// One line of the trail. It holds no secret, nor anything that was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// The id; later events of one process have later ids.
    pub id: AuditEventId,
    /// When it happened.
    pub at: Instant,
    /// Whose account it concerns; `None` when the address named none.
    pub user: Option<UserId>,
    /// What was done, or tried.
    pub action: AuditAction,
    /// What came of it.
    pub outcome: AuditOutcome,
    /// From where.
    pub client: ClientInfo,
}

impl AuditEvent {
    /// Something that was done to an account.
    pub(crate) fn success(ports: &Ports, action: AuditAction, user: UserId, client: &ClientInfo) -> Self {
        Self::new(ports, action, AuditOutcome::Success, Some(user), client)
    }

    pub(crate) fn new(
        ports: &Ports,
        action: AuditAction,
        outcome: AuditOutcome,
        user: Option<UserId>,
        client: &ClientInfo,
    ) -> Self {
        let (id, at) = (AuditEventId(ports.ids.next_id()), ports.clock.now());
        Self { id, at, user, action, outcome, client: client.clone() }
    }
}

/// Records a refusal that changes nothing else, in a unit of its own. It is durable before the caller is told.
pub(crate) async fn record_refusal(ports: &Ports, event: AuditEvent) -> Result<(), StoreError> {
    let mut unit = ports.store.begin().await?;
    unit.record(&event).await?;
    unit.commit().await
}
