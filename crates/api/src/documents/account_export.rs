//! The export of all data of an account.

use std::collections::BTreeMap;

use domain::{
    Ports,
    account::{Email, OneTimeToken, User},
    audit::{AuditAction, AuditEvent, AuditOutcome},
    contact::{
        card_resource::GroupCard,
        received::{ReceivedCard, ReceivedText},
    },
    ids::SessionId,
    mail::Mail,
    picture::PictureStore,
    session::Session,
    use_cases::{AccountExport, ExportedData},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::trash_page::TrashedContactView;
use crate::{
    dto::{
        app_password::AppPasswordView,
        contact_view::{ContactView, reserve},
        json::JsonWriter,
        session::SessionView,
        timestamp,
        user_view::UserView,
    },
    problem::Problem,
    streaming::Document,
};

/// All data of your account. It contains no secrets: they are stored as digests only.
#[derive(ToSchema)]
#[schema(as = AccountExport)]
#[expect(dead_code, reason = "describes what ExportDocument writes")]
pub(crate) struct ExportView {
    /// A sentence on each of the other members.
    #[schema(example = json!({"contacts": "Your contacts, oldest first."}))]
    contents: BTreeMap<String, String>,
    /// Your profile.
    user: UserView,
    /// The pending e-mail address: the one that replaces yours when you follow the link sent to it.
    #[schema(example = "olena.new@example.com")]
    pending_email: Option<String>,
    /// Your sessions.
    sessions: Vec<SessionView>,
    /// Your contacts, oldest first.
    contacts: Vec<ContactView>,
    /// Your trash, the most recently deleted first.
    trash: Vec<TrashedContactView>,
    /// Cards of contacts as other programs sent them, of those in the trash too: vCards without their photos. They have
    /// details that a contact here does not have.
    received_cards: Vec<ReceivedCardView>,
    /// Groups of contacts, as CardDAV clients sent them.
    groups: Vec<GroupView>,
    /// Mails to you that are not sent yet, or that could not be sent.
    waiting_mails: Vec<WaitingMailView>,
    /// Links sent to you by mail and not used yet.
    unused_links: Vec<UnusedLinkView>,
    /// Your app passwords, the latest created first, without the passwords themselves.
    app_passwords: Vec<AppPasswordView>,
    /// The audit trail, the latest event first: successful actions of the last 90 days and rejected ones of the last 14
    /// days. At most the latest 10,000 events.
    audit_events: Vec<AuditEventView>,
}

/// Sentence on each member.
const CONTENTS: [(&str, &str); 11] = [
    ("user", "Your profile."),
    ("pending_email", "The e-mail address that replaces yours when you follow the link sent to it."),
    ("sessions", "The devices that are signed in."),
    ("contacts", "Your contacts, oldest first."),
    ("trash", "Deleted contacts that you can still restore, the most recently deleted first."),
    ("received_cards", "Contacts as other programs sent them: vCards without their photos."),
    ("groups", "Groups of contacts that your devices have made."),
    ("waiting_mails", "Mails to you that are not sent yet."),
    ("unused_links", "Links sent to you by mail and not used yet."),
    ("app_passwords", "Passwords of other programs, by name. The passwords themselves are not stored."),
    ("audit_events", "Actions on your account, the latest first."),
];

/// Writer of an [`ExportView`].
pub(crate) struct ExportDocument {
    export: AccountExport,
    /// Name of the list that was begun and not ended.
    list: &'static str,
}

impl ExportDocument {
    /// Begins an export with the profile and the sessions; `current` is the session of the request.
    pub(crate) fn begin(
        json: &mut JsonWriter,
        (user, sessions, export): (User, Vec<Session>, AccountExport),
        current: SessionId,
        pictures: &dyn PictureStore,
    ) -> Self {
        let sessions: Vec<_> = sessions.iter().map(|session| SessionView::new(session, current)).collect();
        json.begin_object();
        json.member("contents", &BTreeMap::from(CONTENTS));
        json.member("user", &UserView::new(&user, pictures));
        json.member("pending_email", &user.pending_email.as_ref().map(Email::as_str));
        json.member("sessions", &sessions);
        let list = "contacts";
        json.name(list);
        json.begin_list();
        Self { export, list }
    }

    /// Ends the current list and begins this one, unless it is the current one.
    fn enter(list: &mut &'static str, name: &'static str, json: &mut JsonWriter) {
        if *list != name {
            json.end_list();
            json.name(name);
            json.begin_list();
            *list = name;
        }
    }
}

impl Document for ExportDocument {
    type Text = JsonWriter;

    fn next_contacts(&self) -> u64 {
        self.export.next_contacts()
    }

    async fn write_next(self, ports: &Ports, json: &mut JsonWriter) -> Result<Option<Self>, Problem> {
        let part = self.export.read(ports).await?;
        let mut list = self.list;
        match part.data {
            ExportedData::Contacts(contacts) => {
                reserve(json, &contacts);
                contacts.iter().for_each(|contact| ContactView::write(json, contact, &*ports.picture_store));
            }
            ExportedData::Trash(trash) => {
                Self::enter(&mut list, "trash", json);
                TrashedContactView::write_all(json, &trash, &*ports.picture_store);
            }
            ExportedData::ReceivedCards(cards) => {
                Self::enter(&mut list, "received_cards", json);
                cards.iter().for_each(|card| json.value(&ReceivedCardView::from(card)));
            }
            ExportedData::Groups(groups) => {
                Self::enter(&mut list, "groups", json);
                groups.iter().for_each(|group| json.value(&GroupView::from(group)));
            }
            ExportedData::Account { waiting_mails, one_time_tokens, app_passwords } => {
                Self::enter(&mut list, "waiting_mails", json);
                waiting_mails.iter().for_each(|mail| json.value(&WaitingMailView::from(mail)));
                Self::enter(&mut list, "unused_links", json);
                one_time_tokens.iter().for_each(|token| json.value(&UnusedLinkView::from(token)));
                Self::enter(&mut list, "app_passwords", json);
                app_passwords.iter().for_each(|password| json.value(&AppPasswordView::from(password)));
            }
            ExportedData::Events(events) => {
                Self::enter(&mut list, "audit_events", json);
                events.iter().for_each(|event| json.value(&AuditEventView::from(event)));
            }
        }
        if part.rest.is_none() {
            json.end_list();
            json.end_object();
        }
        Ok(part.rest.map(|export| Self { export, list }))
    }
}

/// A contact as another program sent it.
#[derive(Serialize, ToSchema)]
#[schema(as = ReceivedCard)]
pub(crate) struct ReceivedCardView {
    /// The contact's id.
    #[schema(example = "0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27")]
    contact_id: Uuid,
    /// The UID of the card: it identifies the contact in all programs.
    #[schema(example = "4fbe8971-0bc3-424c-9c26-36c3e1eff6b1")]
    uid: String,
    /// The version of the vCard.
    #[schema(example = "3.0")]
    version: &'static str,
    /// The vCard, without its photo.
    #[schema(example = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Леся Українка\r\nEND:VCARD\r\n")]
    text: String,
    /// The vCard that a device has overwritten with this one, without having seen it. Null if there is none.
    #[schema(example = json!(null))]
    former_text: Option<String>,
}

impl From<&(ReceivedCard, Option<ReceivedText>)> for ReceivedCardView {
    fn from((card, former): &(ReceivedCard, Option<ReceivedText>)) -> Self {
        Self {
            contact_id: card.contact.0,
            uid: card.uid.as_str().to_owned(),
            version: card.text.version().as_str(),
            text: card.text.as_str().to_owned(),
            former_text: former.as_ref().map(|text| text.as_str().to_owned()),
        }
    }
}

/// A group of contacts.
#[derive(Serialize, ToSchema)]
#[schema(as = ContactGroup)]
pub(crate) struct GroupView {
    /// The name of its card on your devices.
    #[schema(example = "4fbe8971-0bc3-424c-9c26-36c3e1eff6b2.vcf")]
    name: String,
    /// The UID of the card.
    #[schema(example = "4fbe8971-0bc3-424c-9c26-36c3e1eff6b2")]
    uid: String,
    /// The version of the vCard.
    #[schema(example = "3.0")]
    version: &'static str,
    /// The vCard.
    #[schema(example = "BEGIN:VCARD\r\nVERSION:3.0\r\nX-ADDRESSBOOKSERVER-KIND:group\r\nFN:Друзі\r\nEND:VCARD\r\n")]
    text: String,
}

impl From<&GroupCard> for GroupView {
    fn from(group: &GroupCard) -> Self {
        Self {
            name: group.name.as_str().to_owned(),
            uid: group.uid.as_str().to_owned(),
            version: group.text.version().as_str(),
            text: group.text.as_str().to_owned(),
        }
    }
}

/// A mail in the outbox.
#[derive(Serialize, ToSchema)]
#[schema(as = WaitingMail)]
pub(crate) struct WaitingMailView {
    /// The kind of the mail.
    #[schema(example = "confirm_email")]
    kind: &'static str,
    /// The e-mail address of the recipient.
    #[schema(example = "olena.new@example.com")]
    address: String,
    /// The time of the request for the mail.
    #[schema(value_type = String, format = DateTime, example = "2026-11-21T10:00:00.000000Z")]
    requested_at: String,
    /// The number of attempts to send it.
    attempts: u32,
}

impl From<&Mail> for WaitingMailView {
    fn from(mail: &Mail) -> Self {
        Self {
            kind: mail.kind.as_str(),
            address: mail.email.as_str().to_owned(),
            requested_at: timestamp(mail.requested_at),
            attempts: mail.attempts,
        }
    }
}

/// A link from a mail.
#[derive(Serialize, ToSchema)]
#[schema(as = UnusedLink)]
pub(crate) struct UnusedLinkView {
    /// The purpose of the link.
    #[schema(example = "change-email")]
    purpose: &'static str,
    /// The e-mail address that the link was sent to.
    #[schema(example = "olena.new@example.com")]
    address: String,
    /// The time at which it expires.
    #[schema(value_type = String, format = DateTime, example = "2026-11-21T10:30:00.000000Z")]
    expires_at: String,
}

impl From<&OneTimeToken> for UnusedLinkView {
    fn from(token: &OneTimeToken) -> Self {
        Self {
            purpose: token.purpose.as_str(),
            address: token.email.as_str().to_owned(),
            expires_at: timestamp(token.expires_at),
        }
    }
}

/// An action on your account, successful or rejected.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEvent)]
pub(crate) struct AuditEventView {
    /// The event's id.
    #[schema(example = "0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27")]
    id: Uuid,
    /// The time of the event.
    #[schema(value_type = String, format = DateTime, example = "2026-11-21T10:00:00.000000Z")]
    at: String,
    /// The attempted action.
    #[schema(example = "sign-in", extensions(("x-extensible-enum" = json!(names(AuditAction::ALL, AuditAction::as_str)))))]
    action: &'static str,
    /// The outcome of the action.
    #[schema(example = "success", extensions(("x-extensible-enum" = json!(names(AuditOutcome::ALL, AuditOutcome::as_str)))))]
    outcome: &'static str,
    /// The IP address of the client.
    #[schema(example = "203.0.113.7")]
    ip: Option<String>,
    /// The `User-Agent` header of the client.
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
