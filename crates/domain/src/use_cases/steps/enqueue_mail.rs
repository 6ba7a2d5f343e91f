//! Enqueues mails in the unit of work that causes them.

use crate::{
    account::{Email, User},
    client::ClientInfo,
    error::StoreError,
    ids::{MailId, UserId},
    mail::{Mail, MailKind, ReportedAppPassword},
    ports::Ports,
    store::UnitOfWork,
};

/// Enqueues a mail to the user that has this e-mail when it is sent.
pub(crate) async fn enqueue_mail(
    ports: &Ports,
    unit: &mut dyn UnitOfWork,
    kind: MailKind,
    email: Email,
) -> Result<(), StoreError> {
    unit.enqueue_mail(&new_mail(ports, kind, email)).await
}

/// Enqueues a mail to this user.
pub(crate) async fn enqueue_mail_to_user(
    ports: &Ports,
    unit: &mut dyn UnitOfWork,
    kind: MailKind,
    email: Email,
    user: UserId,
) -> Result<(), StoreError> {
    unit.enqueue_mail(&Mail { user: Some(user), ..new_mail(ports, kind, email) }).await
}

/// Enqueues a notice to the current e-mail of a user, about an action of this client.
pub(crate) async fn enqueue_notice(
    ports: &Ports,
    unit: &mut dyn UnitOfWork,
    kind: MailKind,
    user: &User,
    client: &ClientInfo,
) -> Result<(), StoreError> {
    let mail = new_mail(ports, kind, user.email.clone());
    unit.enqueue_mail(&Mail { user: Some(user.id), client_ip: client.ip, ..mail }).await
}

/// Enqueues a notice of a new app password, created by this client.
pub(crate) async fn enqueue_app_password_notice(
    ports: &Ports,
    unit: &mut dyn UnitOfWork,
    user: &User,
    reported: ReportedAppPassword,
    client: &ClientInfo,
) -> Result<(), StoreError> {
    let mail = new_mail(ports, MailKind::AppPasswordCreated, user.email.clone());
    let (user, app_password) = (Some(user.id), Some(reported));
    unit.enqueue_mail(&Mail { user, client_ip: client.ip, app_password, ..mail }).await
}

fn new_mail(ports: &Ports, kind: MailKind, email: Email) -> Mail {
    Mail::new(MailId(ports.ids.next_id()), ports.clock.now(), kind, email)
}
