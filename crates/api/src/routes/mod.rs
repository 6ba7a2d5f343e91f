//! All routes of the service, with their rate limits; `domain::limit` defines the counters of each limit. A handler
//! parses the request, calls one use case and builds the response.

pub(crate) mod account;
pub(crate) mod batch;
pub(crate) mod contact;
pub(crate) mod contact_list;
pub(crate) mod contact_photo;
mod page;
mod resource;
mod responses;
pub(crate) mod service;
pub(crate) mod session;
pub(crate) mod trash;

use actix_web::web::ServiceConfig;
use domain::limit::Limit::{
    ChangeMail, ContactBatch, ContactCreate, Contacts, EndSession, Login, Me, Refresh, RefreshSession, Register,
    ResetMail, Security, Token, VerifyMail,
};

use self::resource::{delete, get, patch, post, put, resource};

/// Adds the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    accounts(config);
    contacts(config);
    config
        .service(resource(
            "/verify-email",
            [get(page::verify_email), post(page::submit_verify_email).limited(&[Token])],
        ))
        .service(resource("/verify-email/resend", [post(page::resend_verification).limited(&[VerifyMail])]))
        .service(resource(
            "/reset-password",
            [get(page::reset_password), post(page::submit_reset_password).limited(&[Token])],
        ))
        .service(resource(
            "/confirm-email",
            [get(page::confirm_email), post(page::submit_confirm_email).limited(&[Token])],
        ))
        .service(resource(
            "/revert-email",
            [get(page::revert_email), post(page::submit_revert_email).limited(&[Token])],
        ))
        .service(resource("/confirm-email/resend", [post(page::resend_email_change).limited(&[ChangeMail])]))
        .service(resource("/forgot-password", [post(page::forgot_password).limited(&[ResetMail])]))
        .service(resource("/assets/pages.css", [get(page::style_sheet)]))
        .service(resource("/healthz", [get(service::alive)]))
        .service(resource("/readyz", [get(service::ready)]))
        .service(resource("/openapi.json", [get(service::openapi)]))
        .service(resource("/docs", [get(service::to_docs)]))
        .service(resource("/docs/{tail:.*}", [get(service::docs)]))
        .service(resource("/", [get(service::to_docs)]));
}

fn accounts(config: &mut ServiceConfig) {
    config
        .service(resource("/api/auth/register", [post(account::register).limited(&[Token, Register])]))
        .service(resource("/api/auth/verify-email", [post(account::verify_email).limited(&[Token])]))
        .service(resource("/api/auth/verify-email/resend", [post(account::resend_verification).limited(&[VerifyMail])]))
        .service(resource("/api/auth/forgot-password", [post(account::forgot_password).limited(&[ResetMail])]))
        .service(resource("/api/auth/reset-password", [post(account::reset_password).limited(&[Token])]))
        .service(resource("/api/auth/revert-email", [post(account::revert_email).limited(&[Token])]))
        .service(resource("/api/auth/login", [post(session::login).limited(&[Login])]))
        .service(resource("/api/auth/refresh", [post(session::refresh).limited(&[Refresh, RefreshSession])]))
        .service(resource("/api/auth/logout", [post(session::logout).signed_in()]))
        .service(resource(
            "/api/me",
            [
                get(account::get_me).limited(&[Me]),
                patch(account::update_me).limited(&[Me]),
                delete(account::delete_account).limited(&[Security]),
            ],
        ))
        .service(resource("/api/me/password", [put(account::change_password).limited(&[Security])]))
        .service(resource("/api/me/email", [post(account::request_email_change).limited(&[Me, ChangeMail])]))
        .service(resource("/api/me/export", [get(account::export_account).limited(&[Me])]))
        .service(resource(
            "/api/me/sessions",
            [get(session::list_sessions).limited(&[Me]), delete(session::end_other_sessions).limited(&[EndSession])],
        ))
        .service(resource("/api/me/sessions/{id}", [delete(session::end_session).limited(&[EndSession])]))
        .service(resource(
            "/api/me/avatar",
            [put(account::change_avatar).limited(&[Me]), delete(account::remove_avatar).limited(&[Me])],
        ));
}

fn contacts(config: &mut ServiceConfig) {
    config
        .service(resource(
            "/api/contacts",
            [
                get(contact_list::list_contacts).with_query().limited(&[Contacts]),
                post(contact::create_contact).limited(&[ContactCreate, Contacts]),
            ],
        ))
        .service(resource("/api/contacts/batch", [post(batch::apply_batch).limited(&[ContactBatch, Contacts])]))
        .service(resource(
            "/api/contacts/birthdays",
            [get(contact_list::upcoming_birthdays).with_query().limited(&[Contacts])],
        ))
        .service(resource("/api/contacts/tags", [get(contact_list::list_tags).limited(&[Contacts])]))
        .service(resource(
            "/api/contacts/trash",
            [get(trash::list_trash).with_query().limited(&[Contacts]), delete(trash::empty_trash).limited(&[Contacts])],
        ))
        .service(resource("/api/contacts/trash/{id}", [delete(trash::purge_contact).limited(&[Contacts])]))
        .service(resource("/api/contacts/{id}/restore", [post(trash::restore_contact).limited(&[Contacts])]))
        .service(resource(
            "/api/contacts/{id}",
            [
                get(contact::get_contact).limited(&[Contacts]),
                put(contact::replace_contact).limited(&[Contacts]),
                patch(contact::patch_contact).limited(&[Contacts]),
                delete(contact::delete_contact).limited(&[Contacts]),
            ],
        ))
        .service(resource(
            "/api/contacts/{id}/photo",
            [
                put(contact_photo::change_photo).limited(&[Contacts]),
                delete(contact_photo::remove_photo).limited(&[Contacts]),
            ],
        ));
}
