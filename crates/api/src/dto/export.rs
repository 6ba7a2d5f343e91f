//! Everything held about a user.

use domain::{
    account::{AccountExport, OneTimeToken},
    audit::{AuditAction, AuditEvent, AuditOutcome},
    mail::Mail,
    picture::PictureStore,
    session::SessionId,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{account::UserView, contact_view::ContactView, session::SessionView, timestamp, trash::TrashedContactView};

/// Everything held about you. Secrets are not in it: they are kept as digests only.
#[derive(Serialize, ToSchema)]
#[schema(as = AccountExport)]
pub(crate) struct ExportView {
    /// You.
    user: UserView,
    /// The address you asked for instead, until you follow the link that went to it.
    #[schema(example = "olena.new@example.com")]
    pending_email: Option<String>,
    /// The devices you are signed in on.
    sessions: Vec<SessionView>,
    /// Your contacts, oldest first.
    contacts: Vec<ContactView>,
    /// What is in your trash, the latest deleted first.
    trash: Vec<TrashedContactView>,
    /// The mails to you that wait to be sent, or could not be.
    waiting_mails: Vec<WaitingMailView>,
    /// The links that you were mailed and have not used.
    unused_links: Vec<UnusedLinkView>,
    /// What was done to your account in the last 90 days, and what was refused in the last 14; the latest 10,000 at
    /// most, the latest first.
    audit_events: Vec<AuditEventView>,
}

impl ExportView {
    pub(crate) fn new(export: &AccountExport, current: SessionId, pictures: &dyn PictureStore) -> Self {
        Self {
            user: UserView::new(&export.user, pictures),
            pending_email: export.user.pending_email.as_ref().map(|email| email.as_str().to_owned()),
            sessions: export.sessions.iter().map(|session| SessionView::new(session, current)).collect(),
            contacts: export.contacts.iter().map(|contact| ContactView::new(contact, pictures)).collect(),
            trash: export.trash.iter().map(|trashed| TrashedContactView::new(trashed, pictures)).collect(),
            waiting_mails: export.waiting_mails.iter().map(WaitingMailView::from).collect(),
            unused_links: export.one_time_tokens.iter().map(UnusedLinkView::from).collect(),
            audit_events: export.audit_events.iter().map(AuditEventView::from).collect(),
        }
    }
}

/// A mail that waits.
#[derive(Serialize, ToSchema)]
#[schema(as = WaitingMail)]
pub(crate) struct WaitingMailView {
    /// What it is about.
    #[schema(example = "confirm_email")]
    kind: &'static str,
    /// Where it goes.
    #[schema(example = "olena.new@example.com")]
    address: String,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime, example = "2026-11-21T10:00:00.000000Z")]
    requested_at: String,
    /// How often sending was tried.
    attempts: u32,
}

impl From<&Mail> for WaitingMailView {
    fn from(mail: &Mail) -> Self {
        Self {
            kind: mail.kind.as_str(),
            address: mail.address.as_str().to_owned(),
            requested_at: timestamp(mail.requested_at),
            attempts: mail.attempts,
        }
    }
}

/// A link that was mailed.
#[derive(Serialize, ToSchema)]
#[schema(as = UnusedLink)]
pub(crate) struct UnusedLinkView {
    /// What it is good for.
    #[schema(example = "change-email")]
    purpose: &'static str,
    /// Where it went.
    #[schema(example = "olena.new@example.com")]
    address: String,
    /// When it ends.
    #[schema(value_type = String, format = DateTime, example = "2026-11-21T10:30:00.000000Z")]
    expires_at: String,
}

impl From<&OneTimeToken> for UnusedLinkView {
    fn from(token: &OneTimeToken) -> Self {
        Self {
            purpose: token.purpose.as_str(),
            address: token.address.as_str().to_owned(),
            expires_at: timestamp(token.expires_at),
        }
    }
}

/// Something that was done to your account, or refused.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEvent)]
pub(crate) struct AuditEventView {
    /// The event's id.
    #[schema(example = "0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27")]
    id: Uuid,
    /// When.
    #[schema(value_type = String, format = DateTime, example = "2026-11-21T10:00:00.000000Z")]
    at: String,
    /// What was done, or tried.
    #[schema(example = "sign-in", extensions(("x-extensible-enum" = json!(names(AuditAction::ALL, AuditAction::as_str)))))]
    action: &'static str,
    /// What came of it.
    #[schema(example = "success", extensions(("x-extensible-enum" = json!(names(AuditOutcome::ALL, AuditOutcome::as_str)))))]
    outcome: &'static str,
    /// The client's address.
    #[schema(example = "203.0.113.7")]
    ip: Option<String>,
    /// What the client said it is.
    #[schema(example = "Mozilla/5.0")]
    user_agent: Option<String>,
}

fn names<T: Copy>(all: &[T], name: fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().map(|known| name(*known)).collect()
}

impl From<&AuditEvent> for AuditEventView {
    fn from(event: &AuditEvent) -> Self {
        Self {
            id: event.id.0,
            at: timestamp(event.at),
            action: event.action.as_str(),
            outcome: event.outcome.as_str(),
            ip: event.client.ip.map(|ip| ip.to_string()),
            user_agent: event.client.user_agent.clone(),
        }
    }
}
