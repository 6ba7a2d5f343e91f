//! Links of a contact.

use url::Url;

use crate::text::{Invalid, single_line};

/// Link that is safe to display as one: a web page, or a way to write or call. Never a script.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Link(String);

/// Schemes besides `http` and `https`: mail, telephone, and messengers.
const CONTACT_SCHEMES: &[&str] = &[
    "callto",
    "discord",
    "facetime",
    "facetime-audio",
    "fb-messenger",
    "im",
    "imessage",
    "line",
    "mailto",
    "matrix",
    "msteams",
    "sgnl",
    "signal",
    "sip",
    "sips",
    "skype",
    "slack",
    "sms",
    "tel",
    "tg",
    "threema",
    "viber",
    "wechat",
    "weixin",
    "whatsapp",
    "xmpp",
    "zoommtg",
];

impl Link {
    /// Maximum number of characters.
    pub const MAX: usize = 2000;

    /// Validates a link (WHATWG URL). It is stored as typed. One without a scheme gets `https://`.
    ///
    /// # Errors
    /// `Blank`, `TooLong`, `ForbiddenCharacter` or `NotALink`.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        let text = single_line(raw, Self::MAX)?;
        if is_link(&text) {
            return Ok(Self(text));
        }
        let text = single_line(&format!("https://{text}"), Self::MAX)?;
        if is_web_page_without_scheme(&text) { Ok(Self(text)) } else { Err(Invalid::NotALink) }
    }

    /// Creates the value from a stored link, without validation: it was validated before it was stored.
    #[must_use]
    pub fn from_stored(link: String) -> Self {
        Self(link)
    }

    /// Returns the link as typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns true for a complete link of an accepted scheme.
fn is_link(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    match url.scheme() {
        "http" | "https" => url.has_host(),
        scheme => CONTACT_SCHEMES.contains(&scheme) && !text.ends_with([':', '/']),
    }
}

/// Returns true when a text that got `https://` is a web page: `example.com:8080/path`. The host has a dot, so neither a
/// word, nor another scheme, nor an e-mail address is one.
fn is_web_page_without_scheme(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    let typed = text.trim_start_matches("https://");
    !typed.starts_with(['/', '\\'])
        && url.username().is_empty()
        && url.host_str().is_some_and(|host| host.contains('.'))
}
