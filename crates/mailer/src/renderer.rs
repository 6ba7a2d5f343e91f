//! Rendering of mails from templates.

use domain::{
    account::Purpose,
    mail::{MailContent, MailKind, OutgoingMail},
    secret::Secret,
    time::Timestamp,
};
use tera::{Context, Tera};
use url::Url;

use crate::{Branding, InvalidMailSettings, SendError, wording};

/// All variables of templates.
const VARIABLES: &[&str] = &[
    "locale",
    "service",
    "app_name",
    "name",
    "requested_at",
    "ip",
    "account",
    "app_password_name",
    "scopes",
    "link",
    "lifetime",
    "expires_at",
    "subject",
];

/// Rendered texts of one mail.
#[derive(Clone, PartialEq, Eq)]
pub struct RenderedMail {
    /// One line, without user input.
    pub subject: String,
    /// The plain-text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

/// Renders the mail templates.
#[derive(Clone)]
pub struct Renderer {
    tera: Tera,
    public_url: Url,
    service: String,
    branding: Branding,
}

impl Renderer {
    /// Creates a renderer with links to pages below this URL, and with the built-in name and templates.
    ///
    /// # Errors
    /// `PublicUrl` unless it is an http(s) URL without user, query and fragment.
    pub fn new(public_url: &str) -> Result<Self, InvalidMailSettings> {
        Self::branded(public_url, Branding::default())
    }

    /// Creates a renderer with a name and templates of the operator.
    ///
    /// # Errors
    /// As for [`Renderer::new`]. `Templates` when a template cannot be parsed, or uses an unknown variable.
    pub fn branded(public_url: &str, branding: Branding) -> Result<Self, InvalidMailSettings> {
        let public_url = Url::parse(public_url).map_err(|_| InvalidMailSettings::PublicUrl)?;
        let is_plain = public_url.username().is_empty() && public_url.password().is_none();
        let has_no_query = public_url.query().is_none() && public_url.fragment().is_none();
        if !matches!(public_url.scheme(), "http" | "https") || !is_plain || !has_no_query {
            return Err(InvalidMailSettings::PublicUrl);
        }
        let host = public_url.host_str().ok_or(InvalidMailSettings::PublicUrl)?;
        let service = public_url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let mut tera = Tera::new();
        tera.add_raw_templates(branding.templates()).map_err(InvalidMailSettings::Templates)?;
        check_variables(&tera).map_err(InvalidMailSettings::Templates)?;
        Ok(Self { tera, public_url, service, branding })
    }

    /// Renders the mail in the receiver's language.
    ///
    /// # Errors
    /// `Template` when a template uses an undefined variable.
    pub fn render(&self, mail: &OutgoingMail) -> Result<RenderedMail, SendError> {
        let mut context = Context::new();
        context.insert("locale", mail.locale.as_str());
        context.insert("service", &self.service);
        context.insert("app_name", self.branding.app_name(mail.locale));
        context.insert("name", &mail.username.as_ref().and_then(|name| wording::harmless_name(name.as_str())));
        context.insert("requested_at", &wording::local_time(mail.requested_at, mail.locale, mail.timezone));
        context.insert("ip", &mail.client_ip.map(|ip| ip.to_string()));
        if let MailContent::ConfirmEmail { account, .. } = &mail.content {
            context.insert("account", account.as_str());
        }
        if let MailContent::AppPasswordCreated(reported) = &mail.content {
            context.insert("app_password_name", &wording::harmless_name(reported.name.as_str()));
            context.insert("scopes", &wording::scopes(&reported.scopes, mail.locale));
        }
        if let Some(token_link) = TokenLink::of(&mail.content) {
            context.insert("link", self.link(token_link.page, token_link.token).as_str());
            context.insert("lifetime", &wording::duration(token_link.purpose.lifetime(), mail.locale));
            context.insert("expires_at", &wording::local_time(token_link.expires_at, mail.locale, mail.timezone));
        }

        let template = format!("mail/{}/{}", mail.locale.as_str(), kind(&mail.content).as_str());
        let subject = self.tera.render(&format!("{template}.subject.txt"), &context)?;
        let subject = subject.lines().next().unwrap_or_default().trim().to_owned();
        context.insert("subject", &subject);
        let text = self.tera.render(&format!("{template}.txt"), &context)?;
        let html = self.tera.render(&format!("{template}.html"), &context)?;
        Ok(RenderedMail { subject, text, html })
    }

    fn link(&self, page: &str, token: &Secret) -> Url {
        let mut link = self.public_url.clone();
        // Only a URL that cannot be a base has no segments, and `new` rejects such URLs.
        if let Ok(mut segments) = link.path_segments_mut() {
            segments.pop_if_empty().push(page);
        }
        link.query_pairs_mut().append_pair("token", &token.reveal());
        link
    }
}

/// Renders every template with every variable, so that a misspelled variable is found at the start.
fn check_variables(tera: &Tera) -> Result<(), tera::Error> {
    let mut context = Context::new();
    for name in VARIABLES {
        context.insert(*name, "x");
    }
    Branding::template_names().try_for_each(|name| tera.render(name, &context).map(drop))
}

/// Returns the kind of a mail.
pub(crate) const fn kind(content: &MailContent) -> MailKind {
    match content {
        MailContent::VerifyEmail { .. } => MailKind::VerifyEmail,
        MailContent::ResetPassword { .. } => MailKind::ResetPassword,
        MailContent::ConfirmEmail { .. } => MailKind::ConfirmEmail,
        MailContent::EmailChangeNotice => MailKind::EmailChangeNotice,
        MailContent::EmailChanged { .. } => MailKind::EmailChanged,
        MailContent::PasswordChanged => MailKind::PasswordChanged,
        MailContent::PasswordWasReset => MailKind::PasswordWasReset,
        MailContent::SessionEnded => MailKind::SessionEnded,
        MailContent::NewDevice => MailKind::NewDevice,
        MailContent::WrongPasswords => MailKind::WrongPasswords,
        MailContent::AppPasswordCreated(_) => MailKind::AppPasswordCreated,
    }
}

/// Link with a token that most mails contain.
struct TokenLink<'a> {
    page: &'static str,
    purpose: Purpose,
    token: &'a Secret,
    expires_at: Timestamp,
}

impl<'a> TokenLink<'a> {
    const fn of(content: &'a MailContent) -> Option<Self> {
        let (page, purpose, token, expires_at) = match content {
            MailContent::VerifyEmail { token, expires_at } => {
                ("verify-email", Purpose::VerifyEmail, token, *expires_at)
            }
            MailContent::ResetPassword { token, expires_at } => {
                ("reset-password", Purpose::ResetPassword, token, *expires_at)
            }
            MailContent::ConfirmEmail { token, expires_at, .. } => {
                ("confirm-email", Purpose::ChangeEmail, token, *expires_at)
            }
            MailContent::EmailChanged { token, expires_at } => {
                ("revert-email", Purpose::RevertEmail, token, *expires_at)
            }
            MailContent::EmailChangeNotice
            | MailContent::PasswordChanged
            | MailContent::PasswordWasReset
            | MailContent::SessionEnded
            | MailContent::NewDevice
            | MailContent::WrongPasswords
            | MailContent::AppPasswordCreated(_) => return None,
        };
        Some(Self { page, purpose, token, expires_at })
    }
}
