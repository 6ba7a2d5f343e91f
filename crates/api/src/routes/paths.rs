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
/// Form on the page of an invalid link: another mail to verify an e-mail.
pub(super) const RESEND_VERIFICATION: &str = "/verify-email/resend";
/// Form on the page of an invalid link: another mail to set a new password.
pub(super) const FORGOT_PASSWORD: &str = "/forgot-password";
/// Form on the page of an invalid link: another mail to confirm a new e-mail.
pub(super) const RESEND_EMAIL_CHANGE: &str = "/confirm-email/resend";
