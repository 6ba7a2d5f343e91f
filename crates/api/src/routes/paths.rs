//! Paths that responses and the OpenAPI document name besides their routes.

/// The profile of the signed-in user.
pub(super) const ME: &str = "/api/me";
/// The app passwords of the signed-in user. An app password has its id behind it.
pub(super) const APP_PASSWORDS: &str = "/api/me/app-passwords";
/// The contacts of the authenticated user. A contact has its id behind it.
pub(super) const CONTACTS: &str = "/api/contacts";
/// Login, also for OAuth 2 clients.
pub(crate) const LOGIN: &str = "/api/auth/login";
/// The OpenAPI document.
pub(super) const OPENAPI: &str = "/openapi.json";
/// Swagger UI.
pub(super) const DOCS: &str = "/docs/";
/// The page with the button that verifies an e-mail.
pub(super) const VERIFY_EMAIL: &str = "/verify-email";
/// The page with the button that confirms a new e-mail.
pub(super) const CONFIRM_EMAIL: &str = "/confirm-email";
