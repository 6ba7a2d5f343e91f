//! Handlers of the HTML pages that mails link to, and of their forms. GET changes nothing, because mail scanners follow
//! links; submitting the form does. GET does not look the token up either, so that a page reveals nothing about its
//! account. It only reports a malformed token, for example of a truncated link.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header::LOCATION},
    web,
};
use domain::{
    Ports,
    account::{Email, Password},
    error::StoreError,
    secret::Secret,
    text::Invalid,
    use_cases::account::{self, ConfirmEmailError, ResetPasswordError, RevertEmailError, VerifyEmailError},
};
use serde::Deserialize;

use super::{
    paths::{CONFIRM_EMAIL, VERIFY_EMAIL},
    responses::Answer,
};
use crate::{
    app_state::AppState,
    extract::{Client, Form, FormOf},
    pages::{LinkForm, Page},
    preferred_locale::preferred_locale,
    streaming,
};

/// The token in the link, or in the form of its page.
#[derive(Deserialize)]
pub(super) struct TokenField {
    #[serde(default)]
    token: String,
}

impl Form for TokenField {}

#[derive(Deserialize)]
pub(super) struct ResetForm {
    #[serde(default)]
    token: String,
    /// A hint for password managers. The token alone determines the account.
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    /// The state of the check box, which a browser sends only when it is ticked.
    end_app_passwords: Option<String>,
}

impl Form for ResetForm {}

#[derive(Deserialize)]
pub(super) struct EmailForm {
    #[serde(default)]
    email: String,
}

impl Form for EmailForm {
    fn account(&self) -> Option<Email> {
        Email::parse(&self.email).ok()
    }
}

pub(super) async fn verify_email(
    state: web::Data<AppState>,
    request: HttpRequest,
    link: web::Query<TokenField>,
) -> HttpResponse {
    match Secret::parse_copied(&link.token) {
        Some(_) => show(&state, &request, StatusCode::OK, Page::VerifyEmail { token: &link.token }),
        None => invalid_link(&state, &request, LinkForm::Verification, ""),
    }
}

pub(super) async fn submit_verify_email(
    state: web::Data<AppState>,
    ports: web::Data<Ports>,
    request: HttpRequest,
    Client(client): Client,
    FormOf(form): FormOf<TokenField>,
) -> Answer {
    Ok(match account::verify_email(&ports, &form.token, &client).await {
        Ok(()) => show(&state, &request, StatusCode::OK, Page::VerifyEmailDone),
        Err(VerifyEmailError::TokenInvalid) => invalid_link(&state, &request, LinkForm::Verification, ""),
        Err(error @ VerifyEmailError::Store(_)) => return Err(error.into()),
    })
}

/// Redirects a reader who opens the address of the form again. The page has the form.
pub(super) async fn to_verify_email() -> HttpResponse {
    see_other(VERIFY_EMAIL)
}

pub(super) async fn resend_verification(
    state: web::Data<AppState>,
    ports: web::Data<Ports>,
    request: HttpRequest,
    FormOf(form): FormOf<EmailForm>,
) -> Answer {
    match Email::parse(&form.email) {
        Ok(email) => mail_requested(&state, &request, &form, account::resend_verification(&ports, email).await),
        Err(_) => Ok(invalid_email(&state, &request, LinkForm::Verification, &form)),
    }
}

pub(super) async fn reset_password(
    state: web::Data<AppState>,
    request: HttpRequest,
    link: web::Query<TokenField>,
) -> HttpResponse {
    let form = Page::ResetPassword { token: &link.token, email: "", error: None, keep_app_passwords: false };
    match Secret::parse_copied(&link.token) {
        Some(_) => show(&state, &request, StatusCode::OK, form),
        None => invalid_link(&state, &request, LinkForm::Password, ""),
    }
}

pub(super) async fn submit_reset_password(
    state: web::Data<AppState>,
    ports: web::Data<Ports>,
    request: HttpRequest,
    Client(client): Client,
    FormOf(form): FormOf<ResetForm>,
) -> Answer {
    let password = match Password::parse(&form.password) {
        Ok(password) => password,
        Err(invalid) => return Ok(invalid_password(&state, &request, &form, &invalid)),
    };
    let end_app_passwords = form.end_app_passwords.is_some();
    Ok(match account::reset_password(&ports, &form.token, &password, end_app_passwords, &client).await {
        Ok(()) => show(&state, &request, StatusCode::OK, Page::ResetPasswordDone),
        Err(ResetPasswordError::Password(invalid)) => invalid_password(&state, &request, &form, &invalid),
        Err(ResetPasswordError::TokenInvalid) => invalid_link(&state, &request, LinkForm::Password, &form.email),
        Err(error @ (ResetPasswordError::Hashing(_) | ResetPasswordError::Store(_))) => return Err(error.into()),
    })
}

pub(super) async fn forgot_password(state: web::Data<AppState>, request: HttpRequest) -> HttpResponse {
    show(&state, &request, StatusCode::OK, Page::ForgotPassword { email: "", is_invalid: false })
}

pub(super) async fn submit_forgot_password(
    state: web::Data<AppState>,
    ports: web::Data<Ports>,
    request: HttpRequest,
    Client(client): Client,
    FormOf(form): FormOf<EmailForm>,
) -> Answer {
    match Email::parse(&form.email) {
        Ok(email) => mail_requested(&state, &request, &form, account::forgot_password(&ports, email, &client).await),
        Err(_) => {
            let page = Page::ForgotPassword { email: &form.email, is_invalid: true };
            Ok(show(&state, &request, StatusCode::UNPROCESSABLE_ENTITY, page))
        }
    }
}

pub(super) async fn confirm_email(
    state: web::Data<AppState>,
    request: HttpRequest,
    link: web::Query<TokenField>,
) -> HttpResponse {
    match Secret::parse_copied(&link.token) {
        Some(_) => show(&state, &request, StatusCode::OK, Page::ConfirmEmail { token: &link.token }),
        None => invalid_link(&state, &request, LinkForm::EmailChange, ""),
    }
}

pub(super) async fn submit_confirm_email(
    state: web::Data<AppState>,
    ports: web::Data<Ports>,
    request: HttpRequest,
    Client(client): Client,
    FormOf(form): FormOf<TokenField>,
) -> Answer {
    Ok(match account::confirm_email(&ports, &form.token, &client).await {
        Ok(()) => show(&state, &request, StatusCode::OK, Page::ConfirmEmailDone),
        Err(ConfirmEmailError::TokenInvalid) => invalid_link(&state, &request, LinkForm::EmailChange, ""),
        Err(ConfirmEmailError::EmailTaken) => show(&state, &request, StatusCode::CONFLICT, Page::ConfirmEmailTaken),
        Err(ConfirmEmailError::Store(error)) => return Err(error.into()),
    })
}

/// Redirects a reader who opens the address of the form again. The page has the form.
pub(super) async fn to_confirm_email() -> HttpResponse {
    see_other(CONFIRM_EMAIL)
}

pub(super) async fn resend_email_change(
    state: web::Data<AppState>,
    ports: web::Data<Ports>,
    request: HttpRequest,
    FormOf(form): FormOf<EmailForm>,
) -> Answer {
    match Email::parse(&form.email) {
        Ok(email) => mail_requested(&state, &request, &form, account::resend_email_change(&ports, email).await),
        Err(_) => Ok(invalid_email(&state, &request, LinkForm::EmailChange, &form)),
    }
}

pub(super) async fn revert_email(
    state: web::Data<AppState>,
    request: HttpRequest,
    link: web::Query<TokenField>,
) -> HttpResponse {
    match Secret::parse_copied(&link.token) {
        Some(_) => show(&state, &request, StatusCode::OK, Page::RevertEmail { token: &link.token }),
        None => show(&state, &request, StatusCode::BAD_REQUEST, Page::RevertEmailInvalid),
    }
}

pub(super) async fn submit_revert_email(
    state: web::Data<AppState>,
    ports: web::Data<Ports>,
    request: HttpRequest,
    Client(client): Client,
    FormOf(form): FormOf<TokenField>,
) -> Answer {
    Ok(match account::revert_email(&ports, &form.token, &client).await {
        Ok(()) => show(&state, &request, StatusCode::OK, Page::RevertEmailDone),
        Err(RevertEmailError::TokenInvalid) => {
            show(&state, &request, StatusCode::BAD_REQUEST, Page::RevertEmailInvalid)
        }
        Err(RevertEmailError::EmailTaken) => show(&state, &request, StatusCode::CONFLICT, Page::RevertEmailTaken),
        Err(error @ (RevertEmailError::Secret(_) | RevertEmailError::Hashing(_) | RevertEmailError::Store(_))) => {
            return Err(error.into());
        }
    })
}

pub(super) async fn style_sheet(state: web::Data<AppState>, request: HttpRequest) -> HttpResponse {
    state.files.style_sheet.respond(&request, streaming::shared).await
}

pub(super) async fn icon(state: web::Data<AppState>, request: HttpRequest) -> HttpResponse {
    state.files.icon.respond(&request, streaming::shared).await
}

pub(super) async fn small_icon(state: web::Data<AppState>, request: HttpRequest) -> HttpResponse {
    state.files.small_icon.respond(&request, streaming::shared).await
}

fn mail_requested(
    state: &AppState,
    request: &HttpRequest,
    form: &EmailForm,
    outcome: Result<(), StoreError>,
) -> Answer {
    outcome?;
    Ok(show(state, request, StatusCode::ACCEPTED, Page::MailOnItsWay { email: form.email.trim() }))
}

/// Returns the page of an invalid link, with a form that requests a new mail. `email` is the initial value of the form,
/// empty when no e-mail address is known.
fn invalid_link(state: &AppState, request: &HttpRequest, form: LinkForm, email: &str) -> HttpResponse {
    show(state, request, StatusCode::BAD_REQUEST, Page::LinkInvalid { form, email, is_invalid: false })
}

fn invalid_email(state: &AppState, request: &HttpRequest, form: LinkForm, sent: &EmailForm) -> HttpResponse {
    let page = Page::LinkInvalid { form, email: &sent.email, is_invalid: true };
    show(state, request, StatusCode::UNPROCESSABLE_ENTITY, page)
}

fn invalid_password(state: &AppState, request: &HttpRequest, form: &ResetForm, invalid: &Invalid) -> HttpResponse {
    let page = Page::ResetPassword {
        token: &form.token,
        email: &form.email,
        error: Some(invalid.code()),
        keep_app_passwords: form.end_app_passwords.is_none(),
    };
    show(state, request, StatusCode::UNPROCESSABLE_ENTITY, page)
}

fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, path)).finish()
}

fn show(state: &AppState, request: &HttpRequest, status: StatusCode, page: Page<'_>) -> HttpResponse {
    state.pages.respond(status, preferred_locale(request), page)
}
