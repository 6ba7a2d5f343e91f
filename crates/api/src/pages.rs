//! HTML pages, rendered from templates and without scripts.

use actix_web::{
    HttpMessage, HttpResponse,
    http::{
        StatusCode,
        header::{AcceptLanguage, ContentType, Header as _, VARY},
    },
};
use domain::account::Locale;
use tera::{Context, Tera};

/// The style sheet of all pages.
pub(crate) const STYLE_SHEET: &str = include_str!("../../../templates/pages/pages.css");

macro_rules! templates {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../../../templates/", $name)))),+]
    };
}

/// The embedded templates, by the name with which other templates include them.
const TEMPLATES: &[(&str, &str)] = templates![
    "pages/layout.html",
    "pages/en/confirm_email.html",
    "pages/en/confirm_email_done.html",
    "pages/en/confirm_email_taken.html",
    "pages/en/failed.html",
    "pages/en/link_invalid.html",
    "pages/en/mail_on_its_way.html",
    "pages/en/reset_password.html",
    "pages/en/reset_password_done.html",
    "pages/en/revert_email.html",
    "pages/en/revert_email_done.html",
    "pages/en/revert_email_invalid.html",
    "pages/en/revert_email_taken.html",
    "pages/en/verify_email.html",
    "pages/en/verify_email_done.html",
    "pages/uk/confirm_email.html",
    "pages/uk/confirm_email_done.html",
    "pages/uk/confirm_email_taken.html",
    "pages/uk/failed.html",
    "pages/uk/link_invalid.html",
    "pages/uk/mail_on_its_way.html",
    "pages/uk/reset_password.html",
    "pages/uk/reset_password_done.html",
    "pages/uk/revert_email.html",
    "pages/uk/revert_email_done.html",
    "pages/uk/revert_email_invalid.html",
    "pages/uk/revert_email_taken.html",
    "pages/uk/verify_email.html",
    "pages/uk/verify_email_done.html",
];

/// A page. Each has one template for each language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Page {
    ConfirmEmail,
    ConfirmEmailDone,
    ConfirmEmailTaken,
    VerifyEmail,
    VerifyEmailDone,
    ResetPassword,
    ResetPasswordDone,
    RevertEmail,
    RevertEmailDone,
    RevertEmailInvalid,
    RevertEmailTaken,
    LinkInvalid,
    MailOnItsWay,
    Failed,
}

impl Page {
    const fn template(self) -> &'static str {
        match self {
            Self::ConfirmEmail => "confirm_email.html",
            Self::ConfirmEmailDone => "confirm_email_done.html",
            Self::ConfirmEmailTaken => "confirm_email_taken.html",
            Self::VerifyEmail => "verify_email.html",
            Self::VerifyEmailDone => "verify_email_done.html",
            Self::ResetPassword => "reset_password.html",
            Self::ResetPasswordDone => "reset_password_done.html",
            Self::RevertEmail => "revert_email.html",
            Self::RevertEmailDone => "revert_email_done.html",
            Self::RevertEmailInvalid => "revert_email_invalid.html",
            Self::RevertEmailTaken => "revert_email_taken.html",
            Self::LinkInvalid => "link_invalid.html",
            Self::MailOnItsWay => "mail_on_its_way.html",
            Self::Failed => "failed.html",
        }
    }
}

/// Renders pages.
pub(crate) struct Pages(Tera);

impl Pages {
    /// Parses the embedded templates.
    pub(crate) fn new() -> Result<Self, tera::Error> {
        let mut tera = Tera::default();
        tera.add_raw_templates(TEMPLATES.iter().copied())?;
        Ok(Self(tera))
    }

    /// Returns the error page of this status. It describes the error and what the reader can do.
    pub(crate) fn respond_to_failure(&self, status: StatusCode, locale: Locale) -> HttpResponse {
        let kind = match status {
            StatusCode::TOO_MANY_REQUESTS => "limited",
            StatusCode::SERVICE_UNAVAILABLE => "busy",
            StatusCode::NOT_FOUND => "missing",
            status if status.is_client_error() => "rejected",
            _ => "broken",
        };
        self.respond(status, locale, Page::Failed, &[("kind", kind)])
    }

    /// Returns a page in this language.
    pub(crate) fn respond(
        &self,
        status: StatusCode,
        locale: Locale,
        page: Page,
        values: &[(&'static str, &str)],
    ) -> HttpResponse {
        let mut context = Context::new();
        context.insert("locale", locale.as_str());
        for (name, value) in values {
            context.insert(*name, value);
        }
        match self.0.render(&format!("pages/{}/{}", locale.as_str(), page.template()), &context) {
            Ok(html) => HttpResponse::build(status)
                .content_type(ContentType::html())
                .insert_header((VARY, "accept-language"))
                .body(html),
            Err(error) => {
                tracing::error!(?page, %error, "page rendering failed");
                HttpResponse::InternalServerError().finish()
            }
        }
    }
}

/// Returns the supported language that `Accept-Language` prefers (RFC 9110, 12.5.4), or English.
pub(crate) fn preferred_locale(request: &impl HttpMessage) -> Locale {
    let Ok(accepted) = AcceptLanguage::parse(request) else { return Locale::default() };
    accepted.ranked().iter().find_map(|preference| preference.to_string().parse().ok()).unwrap_or_default()
}
