//! HTML pages, rendered from templates and without scripts.

mod page;

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

pub(crate) use self::page::{LinkForm, Page};
use self::page::{failure_kind, samples};

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
    "pages/en/forgot_password.html",
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
    "pages/uk/forgot_password.html",
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
    /// Parses the templates, and renders every page with every set of its values in each language. Tera evaluates only the
    /// branch that the values select, so a misspelled variable in another one would be found by a reader.
    pub(crate) fn new(branding: Branding) -> Result<Self, tera::Error> {
        let mut tera = Tera::default();
        tera.add_raw_templates(TEMPLATES.iter().map(|template| (template.0, branding.text(*template))))?;
        let (style_sheet, icon) = (branding.text(STYLE_SHEET).to_owned(), branding.text(ICON).to_owned());
        let mut pages = Self { tera, branding, style_sheet, icon, docs: String::new() };
        for page in samples() {
            pages.render(Locale::En, page)?;
            pages.render(Locale::Uk, page)?;
        }
        pages.docs = pages.tera.render("pages/docs.html", &pages.context(Locale::default()))?;
        Ok(pages)
    }

    /// Returns the variables that all templates have.
    fn context(&self, locale: Locale) -> Context {
        let mut context = Context::new();
        context.insert("locale", locale.as_str());
        context.insert("app_name", self.branding.app_name(locale));
        context
    }

    fn render(&self, locale: Locale, page: Page<'_>) -> Result<String, tera::Error> {
        let mut context = self.context(locale);
        if let Some(way_out) = self.way_out(page) {
            context.insert("way_out", way_out);
        }
        for (name, value) in page.values() {
            context.insert(name, value);
        }
        self.tera.render(&format!("pages/{}/{}", locale.as_str(), page.template()), &context)
    }

    /// Returns where a page leads when nothing is left to do on it. An error page always leads somewhere.
    fn way_out(&self, page: Page<'_>) -> Option<&str> {
        let site = self.branding.site_url.as_ref().map(Url::as_str);
        match page {
            Page::Failed { .. } => Some(site.unwrap_or("/")),
            Page::ConfirmEmail { .. }
            | Page::VerifyEmail { .. }
            | Page::ForgotPassword { .. }
            | Page::ResetPassword { .. }
            | Page::RevertEmail { .. } => None,
            Page::Front { .. }
            | Page::ConfirmEmailDone
            | Page::ConfirmEmailTaken
            | Page::VerifyEmailDone
            | Page::ResetPasswordDone
            | Page::RevertEmailDone
            | Page::RevertEmailInvalid
            | Page::RevertEmailTaken
            | Page::LinkInvalid { .. }
            | Page::MailOnItsWay { .. } => site,
        }
    }

    /// Returns the error page of this status. It describes the error and what the reader can do.
    pub(crate) fn respond_to_failure(&self, status: StatusCode, locale: Locale) -> HttpResponse {
        self.respond(status, locale, Page::Failed { kind: failure_kind(status) })
    }

    /// Returns a page in this language.
    pub(crate) fn respond(&self, status: StatusCode, locale: Locale, page: Page<'_>) -> HttpResponse {
        match self.render(locale, page) {
            Ok(html) => HttpResponse::build(status)
                .content_type(ContentType::html())
                .insert_header((VARY, "accept-language"))
                .body(html),
            Err(error) => {
                tracing::error!(page = page.template(), %error, "page rendering failed");
                HttpResponse::InternalServerError().finish()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_page_is_rendered_at_the_start() {
        let names = |page: &Page<'_>| ["en", "uk"].map(|locale| format!("pages/{locale}/{}", page.template()));
        let rendered: BTreeSet<String> = samples().iter().flat_map(names).collect();
        let others = ["pages/docs.html", "pages/layout.html"];
        let pages = TEMPLATES.iter().map(|(name, _)| *name).filter(|name| !others.contains(name));
        assert_eq!(rendered, pages.map(str::to_owned).collect());
    }

    #[test]
    fn template_that_requires_the_site_is_rejected_without_one() {
        let name = "pages/en/verify_email_done.html";
        let with_site = |site_url: Option<&str>| {
            let templates = HashMap::from([(name.to_owned(), "{{ way_out }}".to_owned())]);
            Pages::new(Branding { app_name: None, site_url: site_url.map(|url| url.parse().unwrap()), templates })
        };
        let pages = with_site(Some("https://app.example.com/")).unwrap();
        assert_eq!(pages.render(Locale::En, Page::VerifyEmailDone).unwrap(), "https://app.example.com/");
        let error = with_site(None).err().unwrap().to_string();
        assert!(error.contains("{{ way_out }}") && error.contains(name), "{error}");
    }
}
