//! Long lists, read to their end.

use domain::{
    Ports,
    account::{OneTimeToken, Timezone, User},
    app_password::AppPassword,
    audit::AuditEvent,
    contact::{
        Contact, ContactQuery, Cursor, DaysAhead,
        card_resource::GroupCard,
        received::{ReceivedCard, ReceivedText},
        trash::{TrashPosition, TrashedContact},
    },
    ids::UserId,
    mail::Mail,
    session::{Session, SignedInUser},
    use_cases::{
        ExportAccountError, ExportedData,
        contact::{ContactPage, ContactPageRest, UpcomingBirthday, UpcomingBirthdays},
        export_account,
        trash::{TrashPage, TrashPageRest},
    },
};

/// A page of contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WholePage {
    pub contacts: Vec<Contact>,
    pub total: u64,
    pub next: Option<Cursor>,
}

/// Reads a page of contacts.
pub async fn contact_page(ports: &Ports, owner: UserId, query: ContactQuery) -> WholePage {
    let (mut page, mut contacts) = (ContactPage::new(owner, query), Vec::new());
    loop {
        let part = page.read(ports).await.unwrap();
        contacts.extend(part.contacts);
        page = match part.rest {
            ContactPageRest::Parts(rest) => *rest,
            ContactPageRest::End { total, next } => return WholePage { contacts, total, next },
        };
    }
}

/// Reads a page of the trash. Returns its contacts, the total, and the position after which the next page begins.
pub async fn trash_page(
    ports: &Ports,
    owner: UserId,
    after: Option<TrashPosition>,
    limit: u64,
) -> (Vec<TrashedContact>, u64, Option<TrashPosition>) {
    let (mut page, mut contacts) = (TrashPage::new(owner, after, limit), Vec::new());
    loop {
        let part = page.read(ports).await.unwrap();
        contacts.extend(part.contacts);
        page = match part.rest {
            TrashPageRest::Parts(rest) => rest,
            TrashPageRest::End { total, next } => return (contacts, total, next),
        };
    }
}

/// Reads the upcoming birthdays. All of them must be readable.
pub async fn birthdays(ports: &Ports, owner: UserId, timezone: Timezone, days: DaysAhead) -> Vec<UpcomingBirthday> {
    let (mut rest, mut birthdays) = (Some(UpcomingBirthdays::new(ports, owner, timezone, days)), Vec::new());
    while let Some(list) = rest {
        let (part, next) = list.read(ports).await.unwrap();
        birthdays.extend(part.into_iter().map(Result::unwrap));
        rest = next;
    }
    birthdays
}

/// All parts of an export, joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WholeExport {
    pub user: User,
    pub sessions: Vec<Session>,
    pub contacts: Vec<Contact>,
    pub trash: Vec<TrashedContact>,
    pub received_cards: Vec<ReceivedCard>,
    pub former_texts: Vec<ReceivedText>,
    pub groups: Vec<GroupCard>,
    pub waiting_mails: Vec<Mail>,
    pub one_time_tokens: Vec<OneTimeToken>,
    pub app_passwords: Vec<AppPassword>,
    pub audit_events: Vec<AuditEvent>,
}

/// Exports an account.
///
/// # Errors
/// Those of the use case.
pub async fn export(ports: &Ports, principal: &SignedInUser) -> Result<WholeExport, ExportAccountError> {
    let (user, sessions, rest) = export_account(ports, principal).await?;
    let mut whole = WholeExport {
        user,
        sessions,
        contacts: Vec::new(),
        trash: Vec::new(),
        received_cards: Vec::new(),
        former_texts: Vec::new(),
        groups: Vec::new(),
        waiting_mails: Vec::new(),
        one_time_tokens: Vec::new(),
        app_passwords: Vec::new(),
        audit_events: Vec::new(),
    };
    let mut rest = Some(rest);
    while let Some(export) = rest {
        let part = export.read(ports).await?;
        match part.data {
            ExportedData::Contacts(contacts) => whole.contacts.extend(contacts),
            ExportedData::Trash(trash) => whole.trash.extend(trash),
            ExportedData::ReceivedCards(cards) => {
                let (cards, former): (Vec<_>, Vec<_>) = cards.into_iter().unzip();
                whole.received_cards.extend(cards);
                whole.former_texts.extend(former.into_iter().flatten());
            }
            ExportedData::Groups(groups) => whole.groups.extend(groups),
            ExportedData::Account { waiting_mails, one_time_tokens, app_passwords } => {
                whole.waiting_mails.extend(waiting_mails);
                whole.one_time_tokens.extend(one_time_tokens);
                whole.app_passwords.extend(app_passwords);
            }
            ExportedData::Events(events) => whole.audit_events.extend(events),
        }
        rest = part.rest;
    }
    Ok(whole)
}
