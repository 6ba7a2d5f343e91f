//! All routes of the service, one line each. A handler parses the request, calls one use case and builds the response. For a
//! long response it begins one of `documents`, which calls the use case part by part.
//!
//! The attribute at the handler of an operation has its method, its path, the credential that it requires and its
//! documentation. An operation requires a session unless its attribute names something else; `security(())` makes it
//! public. Its line here adds the rate limits; `domain::limit` defines the counters of each limit. The resources and
//! the OpenAPI document are made from these lines.

pub(crate) mod account;
pub(crate) mod app_password;
pub(crate) mod batch;
pub(crate) mod contact;
pub(crate) mod contact_changes;
pub(crate) mod contact_export;
pub(crate) mod contact_list;
pub(crate) mod contact_photo;
mod front_page;
pub(crate) mod import;
mod method_route;
mod page;
pub(crate) mod paths;
mod resource;
mod responses;
pub(crate) mod service;
pub(crate) mod session;
pub(crate) mod trash;

use std::sync::OnceLock;

use actix_web::{http::Method, web::ServiceConfig};
use domain::limit::Limit::{
    self, ChangeMail, ContactBatch, ContactCreate, Contacts, EndSession, Import, Login, Me, Refresh, RefreshSession,
    Register, ResetMail, Security, Token, VerifyMail,
};
use utoipa::{OpenApi as _, openapi::OpenApi};

use self::method_route::{Operations, operations_in, public_page};
pub(crate) use self::{
    method_route::{MethodRoute, access_of},
    resource::resources,
};
use crate::pages::LinkForm;

/// Adds the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    for resource in resources(method_routes()) {
        config.service(resource);
    }
}

/// Returns all routes but those of CardDAV.
pub(crate) fn method_routes() -> impl Iterator<Item = MethodRoute> {
    operations().into_iter().chain(pages())
}

/// Paths and methods of the operations, read from their documentation.
static OPERATIONS: OnceLock<Operations> = OnceLock::new();

/// Returns the documentation of all operations. It is large: its paths and methods are read from it at the first call,
/// so that it is made once only.
pub(crate) fn documentation() -> OpenApi {
    let document = DocumentedOperations::openapi();
    OPERATIONS.get_or_init(|| operations_in(&document));
    document
}

macro_rules! operations {
    ($($module:ident::$handler:ident [$($limit:ident),*])+) => {
        /// Documentation of all operations, from the attributes at their handlers.
        #[derive(utoipa::OpenApi)]
        #[openapi(paths($($module::$handler),+))]
        struct DocumentedOperations;

        /// Rate limits of each operation, by its id.
        pub(crate) const LIMITS: &[(&str, &[Limit])] = &[$((stringify!($handler), &[$($limit),*])),+];

        fn operations() -> Vec<MethodRoute> {
            let known = OPERATIONS.get_or_init(|| operations_in(&DocumentedOperations::openapi()));
            vec![$(MethodRoute::of_operation(known, stringify!($handler), $module::$handler, &[$($limit),*])),+]
        }
    };
}

// A path without a parameter comes before a path whose parameter would match it.
operations! {
    account::register                 [Token, Register]
    account::verify_email             [Token]
    account::resend_verification      [VerifyMail]
    account::forgot_password          [ResetMail]
    account::reset_password           [Token]
    account::revert_email             [Token]
    session::login                    [Login]
    session::refresh                  [Refresh, RefreshSession]
    session::logout                   []
    account::get_me                   [Me]
    account::update_me                [Me]
    account::delete_account           [Security]
    account::change_password          [Security]
    account::request_email_change     [Me, ChangeMail]
    account::export_account           [Me]
    session::list_sessions            [Me]
    session::end_other_sessions       [EndSession]
    session::end_session              [EndSession]
    app_password::create_app_password [Security]
    app_password::list_app_passwords  [Me]
    app_password::end_app_password    [EndSession]
    account::change_avatar            [Me]
    account::remove_avatar            [Me]
    contact::create_contact           [ContactCreate, Contacts]
    contact_list::list_contacts       [Contacts]
    batch::apply_batch                [ContactBatch, Contacts]
    import::import_contacts           [Import, Contacts]
    contact_list::upcoming_birthdays  [Contacts]
    contact_list::list_tags           [Contacts]
    contact_changes::list_changes     [Contacts]
    contact_export::export_contacts   [Contacts]
    trash::list_trash                 [Contacts]
    trash::empty_trash                [Contacts]
    trash::purge_contact              [Contacts]
    trash::restore_contact            [Contacts]
    contact::get_contact              [Contacts]
    contact::replace_contact          [Contacts]
    contact::patch_contact            [Contacts]
    contact::delete_contact           [Contacts]
    contact_photo::change_photo       [Contacts]
    contact_photo::remove_photo       [Contacts]
    service::alive                    []
    service::ready                    []
    service::openapi                  []
}

/// HTML pages and files, which the OpenAPI document does not contain.
fn pages() -> Vec<MethodRoute> {
    vec![
        public_page(Method::GET, paths::VERIFY_EMAIL, page::verify_email, &[]),
        public_page(Method::POST, paths::VERIFY_EMAIL, page::submit_verify_email, &[Token]),
        public_page(Method::GET, LinkForm::Verification.action(), page::to_verify_email, &[]),
        public_page(Method::POST, LinkForm::Verification.action(), page::resend_verification, &[VerifyMail]),
        public_page(Method::GET, "/reset-password", page::reset_password, &[]),
        public_page(Method::POST, "/reset-password", page::submit_reset_password, &[Token]),
        public_page(Method::GET, paths::CONFIRM_EMAIL, page::confirm_email, &[]),
        public_page(Method::POST, paths::CONFIRM_EMAIL, page::submit_confirm_email, &[Token]),
        public_page(Method::GET, LinkForm::EmailChange.action(), page::to_confirm_email, &[]),
        public_page(Method::POST, LinkForm::EmailChange.action(), page::resend_email_change, &[ChangeMail]),
        public_page(Method::GET, "/revert-email", page::revert_email, &[]),
        public_page(Method::POST, "/revert-email", page::submit_revert_email, &[Token]),
        public_page(Method::GET, LinkForm::Password.action(), page::forgot_password, &[]),
        public_page(Method::POST, LinkForm::Password.action(), page::submit_forgot_password, &[ResetMail]),
        public_page(Method::GET, "/assets/pages.css", page::style_sheet, &[]),
        public_page(Method::GET, "/assets/icon.svg", page::icon, &[]),
        public_page(Method::GET, "/favicon.ico", page::small_icon, &[]),
        public_page(Method::GET, "/docs", service::to_docs, &[]),
        public_page(Method::GET, "/docs/{tail:.*}", service::docs, &[]),
        public_page(Method::GET, "/", front_page::front_page, &[]),
    ]
}
