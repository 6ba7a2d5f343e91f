//! Every route of the service, with its limit. A handler parses, calls one use case, and presents.

pub(crate) mod account;
pub(crate) mod contact;
mod page;
pub(crate) mod service;
pub(crate) mod session;
mod verbs;

use actix_web::web::ServiceConfig;

use self::verbs::{delete, get, patch, post, put, resource};
use crate::limits::Limits;

/// Adds the routes.
pub(crate) fn configure(config: &mut ServiceConfig, limits: &Limits) {
    accounts(config, limits);
    contacts(config, limits);
    config
        .service(resource("/verify-email", [get(page::verify_email), post(page::submit_verify_email)]))
        .service(resource("/verify-email/resend", [post(page::resend_verification).limited(limits.mail())]))
        .service(resource(
            "/reset-password",
            [get(page::reset_password), post(page::submit_reset_password).limited(limits.login())],
        ))
        .service(resource("/confirm-email", [get(page::confirm_email), post(page::submit_confirm_email)]))
        .service(resource("/confirm-email/resend", [post(page::resend_email_change).limited(limits.mail())]))
        .service(resource("/forgot-password", [post(page::forgot_password).limited(limits.mail())]))
        .service(resource("/assets/pages.css", [get(page::style_sheet)]))
        .service(resource("/healthz", [get(service::alive)]))
        .service(resource("/readyz", [get(service::ready)]))
        .service(resource("/openapi.json", [get(service::openapi)]))
        .service(resource("/docs", [get(service::to_docs)]))
        .service(resource("/docs/{tail:.*}", [get(service::docs)]))
        .service(resource("/", [get(service::to_docs)]));
}

fn accounts(config: &mut ServiceConfig, limits: &Limits) {
    config
        .service(resource("/api/auth/register", [post(account::register).limited(limits.register())]))
        .service(resource("/api/auth/verify-email", [post(account::verify_email)]))
        .service(resource("/api/auth/verify-email/resend", [post(account::resend_verification).limited(limits.mail())]))
        .service(resource("/api/auth/forgot-password", [post(account::forgot_password).limited(limits.mail())]))
        .service(resource("/api/auth/reset-password", [post(account::reset_password).limited(limits.login())]))
        .service(resource("/api/auth/login", [post(session::login).limited(limits.login())]))
        .service(resource("/api/auth/refresh", [post(session::refresh)]))
        .service(resource("/api/auth/logout", [post(session::logout)]))
        .service(resource(
            "/api/me",
            [
                get(account::get_me).limited(limits.me()),
                patch(account::update_me).limited(limits.me()),
                delete(account::delete_account).limited(limits.me()),
            ],
        ))
        .service(resource("/api/me/password", [put(account::change_password).limited(limits.me())]))
        .service(resource(
            "/api/me/email",
            [post(account::request_email_change).limited(limits.mail()).limited(limits.me())],
        ))
        .service(resource("/api/me/export", [get(account::export_account).limited(limits.me())]))
        .service(resource(
            "/api/me/sessions",
            [
                get(session::list_sessions).limited(limits.me()),
                delete(session::end_other_sessions).limited(limits.me()),
            ],
        ))
        .service(resource("/api/me/sessions/{id}", [delete(session::end_session).limited(limits.me())]))
        .service(resource(
            "/api/me/avatar",
            [put(account::change_avatar).limited(limits.me()), delete(account::remove_avatar).limited(limits.me())],
        ));
}

fn contacts(config: &mut ServiceConfig, limits: &Limits) {
    config
        .service(resource(
            "/api/contacts",
            [
                get(contact::list_contacts).limited(limits.contacts()),
                post(contact::create_contact).limited(limits.contact_create()).limited(limits.contacts()),
            ],
        ))
        .service(resource("/api/contacts/birthdays", [get(contact::upcoming_birthdays).limited(limits.contacts())]))
        .service(resource(
            "/api/contacts/{id}",
            [
                get(contact::get_contact).limited(limits.contacts()),
                put(contact::replace_contact).limited(limits.contacts()),
                patch(contact::patch_contact).limited(limits.contacts()),
                delete(contact::delete_contact).limited(limits.contacts()),
            ],
        ));
}
