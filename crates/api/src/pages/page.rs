//! The pages, the values of their templates, and samples of these values.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use domain::{account::Password, text::Invalid};

/// Form that requests another mail with a link.
#[derive(Clone, Copy)]
pub(crate) enum LinkForm {
    Verification,
    Password,
    EmailChange,
}

impl LinkForm {
    /// Returns the path of the form.
    pub(crate) const fn action(self) -> &'static str {
        match self {
            Self::Verification => "/verify-email/resend",
            Self::Password => "/forgot-password",
            Self::EmailChange => "/confirm-email/resend",
        }
    }
}

/// HTML page of the service with its values. It has a template for each language. It has no `Debug`, which would show the
/// token.
#[derive(Clone, Copy)]
pub(crate) enum Page<'a> {
    Front { server: &'a str },
    ConfirmEmail { token: &'a str },
    ConfirmEmailDone,
    ConfirmEmailTaken,
    VerifyEmail { token: &'a str },
    VerifyEmailDone,
    ForgotPassword { email: &'a str, is_invalid: bool },
    ResetPassword { token: &'a str, email: &'a str, error: Option<&'a str>, keep_app_passwords: bool },
    ResetPasswordDone,
    RevertEmail { token: &'a str },
    RevertEmailDone,
    RevertEmailInvalid,
    RevertEmailTaken,
    LinkInvalid { form: LinkForm, email: &'a str, is_invalid: bool },
    MailOnItsWay { email: &'a str },
    Failed { kind: &'a str },
}

impl<'a> Page<'a> {
    pub(super) const fn template(self) -> &'static str {
        match self {
            Self::Front { .. } => "front.html",
            Self::ConfirmEmail { .. } => "confirm_email.html",
            Self::ConfirmEmailDone => "confirm_email_done.html",
            Self::ConfirmEmailTaken => "confirm_email_taken.html",
            Self::VerifyEmail { .. } => "verify_email.html",
            Self::VerifyEmailDone => "verify_email_done.html",
            Self::ForgotPassword { .. } => "forgot_password.html",
            Self::ResetPassword { .. } => "reset_password.html",
            Self::ResetPasswordDone => "reset_password_done.html",
            Self::RevertEmail { .. } => "revert_email.html",
            Self::RevertEmailDone => "revert_email_done.html",
            Self::RevertEmailInvalid => "revert_email_invalid.html",
            Self::RevertEmailTaken => "revert_email_taken.html",
            Self::LinkInvalid { .. } => "link_invalid.html",
            Self::MailOnItsWay { .. } => "mail_on_its_way.html",
            Self::Failed { .. } => "failed.html",
        }
    }

    /// Returns the variables of the template.
    pub(super) fn values(self) -> Vec<(&'static str, &'a str)> {
        let invalid_email = |is_invalid: bool| is_invalid.then_some(("error", Invalid::NotAnEmail.code()));
        match self {
            Self::Front { server } => vec![("server", server)],
            Self::ConfirmEmail { token } | Self::VerifyEmail { token } | Self::RevertEmail { token } => {
                vec![("token", token)]
            }
            Self::ForgotPassword { email, is_invalid } => {
                [("email", email)].into_iter().chain(invalid_email(is_invalid)).collect()
            }
            Self::ResetPassword { token, email, error, keep_app_passwords } => {
                let error = error.map(|code| ("error", code));
                let keep = keep_app_passwords.then_some(("keep_app_passwords", "yes"));
                [("token", token), ("email", email)].into_iter().chain(error).chain(keep).collect()
            }
            Self::LinkInvalid { form, email, is_invalid } => {
                let values = [("action", form.action()), ("email", email)];
                values.into_iter().chain(invalid_email(is_invalid)).collect()
            }
            Self::MailOnItsWay { email } => vec![("email", email)],
            Self::Failed { kind } => vec![("kind", kind)],
            Self::ConfirmEmailDone
            | Self::ConfirmEmailTaken
            | Self::VerifyEmailDone
            | Self::ResetPasswordDone
            | Self::RevertEmailDone
            | Self::RevertEmailInvalid
            | Self::RevertEmailTaken => Vec::new(),
        }
    }
}

/// Errors of a new password.
const PASSWORD_ERRORS: [Invalid; 5] = [
    Invalid::TooShort { min: Password::MIN },
    Invalid::TooLong { max: Password::MAX, unit: "characters" },
    Invalid::ForbiddenCharacter,
    Invalid::PasswordTooCommon,
    Invalid::PasswordSelfDerived,
];

/// Returns every page with every set of values that it can have, as far as a template can distinguish them.
pub(super) fn samples() -> Vec<Page<'static>> {
    let text = "x";
    let mut pages = vec![
        Page::Front { server: text },
        Page::ConfirmEmail { token: text },
        Page::ConfirmEmailDone,
        Page::ConfirmEmailTaken,
        Page::VerifyEmail { token: text },
        Page::VerifyEmailDone,
        Page::ForgotPassword { email: "", is_invalid: false },
        Page::ResetPassword { token: text, email: "", error: None, keep_app_passwords: false },
        Page::ResetPasswordDone,
        Page::RevertEmail { token: text },
        Page::RevertEmailDone,
        Page::RevertEmailInvalid,
        Page::RevertEmailTaken,
        Page::MailOnItsWay { email: text },
    ];
    for email in ["", text] {
        pages.push(Page::ForgotPassword { email, is_invalid: true });
        pages.push(Page::LinkInvalid { form: LinkForm::Password, email, is_invalid: false });
        for form in [LinkForm::Verification, LinkForm::EmailChange] {
            pages.extend([false, true].map(|is_invalid| Page::LinkInvalid { form, email, is_invalid }));
        }
        for error in PASSWORD_ERRORS.iter().map(Invalid::code) {
            for token in ["", text] {
                let page = |keep| Page::ResetPassword { token, email, error: Some(error), keep_app_passwords: keep };
                pages.extend([false, true].map(page));
            }
        }
    }
    let errors = (400..600).filter_map(|status| StatusCode::from_u16(status).ok());
    let kinds: BTreeSet<&str> = errors.map(failure_kind).collect();
    pages.extend(kinds.into_iter().map(|kind| Page::Failed { kind }));
    pages
}

/// Returns the kind of the error page of a status.
pub(super) fn failure_kind(status: StatusCode) -> &'static str {
    match status {
        StatusCode::TOO_MANY_REQUESTS => "limited",
        StatusCode::SERVICE_UNAVAILABLE => "busy",
        StatusCode::NOT_FOUND => "missing",
        status if status.is_client_error() => "rejected",
        _ => "broken",
    }
}
