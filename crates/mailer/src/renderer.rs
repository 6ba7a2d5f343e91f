//! Rendering of mails from templates.

use std::net::{IpAddr, Ipv4Addr};

use domain::{
    account::{Locale, Purpose, Timezone, Username},
    mail::{MailContent, MailKind, OutgoingMail},
    secret::Secret,
    time::Timestamp,
};
use tera::{Context, Tera};
use url::Url;

use crate::{Branding, InvalidMailSettings, SendError, samples, wording};

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

/// Facts that the texts of a mail depend on.
struct Facts<'a> {
    username: Option<&'a str>,
    locale: Locale,
    timezone: Timezone,
    requested_at: Timestamp,
    client_ip: Option<IpAddr>,
    content: &'a MailContent,
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
    /// As for [`Renderer::new`]. `Templates` when a template cannot be parsed, uses a variable that its mail does not
    /// have, or has an empty subject.
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
        let renderer = Self { tera, public_url, service, branding };
        renderer.check_templates().map_err(InvalidMailSettings::Templates)?;
        Ok(renderer)
    }

    /// Renders every mail in each language, with and without what it may lack. Tera evaluates only the branch that the
    /// values select, so an error in another one would stop a mail that is due.
    fn check_templates(&self) -> Result<(), tera::Error> {
        let (timezone, requested_at) = (Timezone::default(), Timestamp::UNIX_EPOCH);
        for content in samples::contents() {
            for locale in [Locale::En, Locale::Uk] {
                for username in [None, Some("Name")] {
                    for client_ip in [None, Some(IpAddr::V4(Ipv4Addr::LOCALHOST))] {
                        let content = &content;
                        self.render_facts(&Facts { username, locale, timezone, requested_at, client_ip, content })?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Renders the mail in the receiver's language.
    ///
    /// # Errors
    /// `Template` when a template uses an undefined variable, or the subject is empty.
    pub fn render(&self, mail: &OutgoingMail) -> Result<RenderedMail, SendError> {
        let facts = Facts {
            username: mail.username.as_ref().map(Username::as_str),
            locale: mail.locale,
            timezone: mail.timezone,
            requested_at: mail.requested_at,
            client_ip: mail.client_ip,
            content: &mail.content,
        };
        Ok(self.render_facts(&facts)?)
    }

    fn render_facts(&self, facts: &Facts<'_>) -> Result<RenderedMail, tera::Error> {
        let Facts { username, locale, timezone, requested_at, client_ip, content } = *facts;
        let mut context = Context::new();
        context.insert("locale", locale.as_str());
        context.insert("service", &self.service);
        context.insert("public_url", self.public_url.as_str().strip_suffix('/').unwrap_or(self.public_url.as_str()));
        context.insert("app_name", self.branding.app_name(locale));
        context.insert("name", &username.and_then(wording::harmless_name));
        context.insert("requested_at", &wording::local_time(requested_at, locale, timezone));
        context.insert("ip", &client_ip.map(|ip| ip.to_string()));
        if let MailContent::ConfirmEmail { account, .. } = content {
            context.insert("account", account.as_str());
        }
        if let MailContent::AppPasswordCreated(reported) = content {
            context.insert("app_password_name", &wording::harmless_name(reported.name.as_str()));
            context.insert("scopes", &wording::scopes(&reported.scopes, locale));
        }
        if let Some(token_link) = TokenLink::of(content) {
            context.insert("link", self.link(token_link.page, token_link.token).as_str());
            context.insert("lifetime", &wording::duration(token_link.purpose.lifetime(), locale));
            context.insert("expires_at", &wording::local_time(token_link.expires_at, locale, timezone));
        }

        let template = format!("mail/{}/{}", locale.as_str(), kind(content).as_str());
        let subject_template = format!("{template}.subject.txt");
        let subject = self.tera.render(&subject_template, &context)?;
        let subject = subject.lines().next().unwrap_or_default().trim().to_owned();
        if subject.is_empty() {
            let hint = "its first line is the subject, and must not be empty";
            return Err(tera::Error::message(format!("{subject_template}: {hint}")));
        }
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
