//! HTML pages, rendered from templates and without scripts.

use std::collections::HashMap;

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{ContentType, VARY},
    },
};
use domain::account::Locale;
use tera::{Context, Tera};
use url::Url;

/// Name and text of the style sheet of all pages.
const STYLE_SHEET: (&str, &str) = ("pages/pages.css", include_str!("../../../templates/pages/pages.css"));
/// Name and text of the icon of all pages.
const ICON: (&str, &str) = ("pages/icon.svg", include_str!("../../../templates/pages/icon.svg"));
/// The icon for programs that do not show SVG.
pub(crate) const SMALL_ICON: &[u8] = include_bytes!("../../../templates/pages/favicon.ico");

macro_rules! templates {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../../../templates/", $name)))),+]
    };
}

/// The embedded templates, by the name with which other templates include them.
const TEMPLATES: &[(&str, &str)] = templates![
    "pages/docs.html",
    "pages/layout.html",
    "pages/en/confirm_email.html",
    "pages/en/confirm_email_done.html",
    "pages/en/confirm_email_taken.html",
    "pages/en/failed.html",
    "pages/en/front.html",
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
    "pages/uk/front.html",
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

/// HTML page of the service: a template for each language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Page {
    Front,
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
            Self::Front => "front.html",
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

/// Changes of pages by the operator.
#[derive(Debug, Clone, Default)]
pub(crate) struct Branding {
    /// Name of the service. `None`: "Contacts", in the language of the reader.
    pub(crate) app_name: Option<String>,
    /// Page to which people go when nothing is left to do.
    pub(crate) site_url: Option<Url>,
    /// Templates and files that replace the built-in ones of the same name.
    pub(crate) templates: HashMap<String, String>,
}

impl Branding {
    /// Returns the names of the templates and files that can be replaced.
    pub(crate) fn template_names() -> impl Iterator<Item = &'static str> {
        TEMPLATES.iter().chain([&STYLE_SHEET, &ICON]).map(|(name, _)| *name)
    }

    fn text<'a>(&'a self, (name, text): (&str, &'static str)) -> &'a str {
        self.templates.get(name).map_or(text, String::as_str)
    }

    fn app_name(&self, locale: Locale) -> &str {
        match (&self.app_name, locale) {
            (Some(name), _) => name,
            (None, Locale::En) => "Contacts",
            (None, Locale::Uk) => "Контакти",
        }
    }
}

/// Variables of the pages that a handler sets.
const VARIABLES: [&str; 7] = ["token", "email", "action", "error", "kind", "keep_app_passwords", "server"];

/// Renders pages.
pub(crate) struct Pages {
    tera: Tera,
    branding: Branding,
    /// Text of the style sheet of all pages.
    pub(crate) style_sheet: String,
    /// Text of the icon of all pages, which is SVG.
    pub(crate) icon: String,
    /// Page of the API documentation.
    pub(crate) docs: String,
}

impl Pages {
    /// Parses the templates. Renders each of them, so that a misspelled variable is found at the start.
    pub(crate) fn new(branding: Branding) -> Result<Self, tera::Error> {
        let mut tera = Tera::default();
        tera.add_raw_templates(TEMPLATES.iter().map(|template| (template.0, branding.text(*template))))?;
        let (style_sheet, icon) = (branding.text(STYLE_SHEET).to_owned(), branding.text(ICON).to_owned());
        let mut pages = Self { tera, branding, style_sheet, icon, docs: String::new() };
        let context = pages.context(Locale::default(), Page::Failed, &VARIABLES.map(|name| (name, "x")));
        TEMPLATES.iter().try_for_each(|(name, _)| pages.tera.render(name, &context).map(drop))?;
        pages.docs = pages.tera.render("pages/docs.html", &context)?;
        Ok(pages)
    }

    fn context(&self, locale: Locale, page: Page, values: &[(&'static str, &str)]) -> Context {
        let mut context = Context::new();
        context.insert("locale", locale.as_str());
        context.insert("app_name", self.branding.app_name(locale));
        if let Some(way_out) = self.way_out(page) {
            context.insert("way_out", way_out);
        }
        for (name, value) in values {
            context.insert(*name, value);
        }
        context
    }

    /// Returns where a page leads when nothing is left to do on it. An error page always leads somewhere.
    fn way_out(&self, page: Page) -> Option<&str> {
        let site = self.branding.site_url.as_ref().map(Url::as_str);
        match page {
            Page::Failed => Some(site.unwrap_or("/")),
            Page::ConfirmEmail | Page::VerifyEmail | Page::ResetPassword | Page::RevertEmail => None,
            Page::Front
            | Page::ConfirmEmailDone
            | Page::ConfirmEmailTaken
            | Page::VerifyEmailDone
            | Page::ResetPasswordDone
            | Page::RevertEmailDone
            | Page::RevertEmailInvalid
            | Page::RevertEmailTaken
            | Page::LinkInvalid
            | Page::MailOnItsWay => site,
        }
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
        let context = self.context(locale, page, values);
        match self.tera.render(&format!("pages/{}/{}", locale.as_str(), page.template()), &context) {
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
