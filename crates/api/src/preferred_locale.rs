//! Language of a client that sends no `locale`.

use actix_web::{
    HttpMessage,
    http::header::{AcceptLanguage, Header as _},
};
use domain::account::Locale;

/// Returns the supported language that `Accept-Language` prefers (RFC 9110, 12.5.4), or English.
pub(crate) fn preferred_locale(request: &impl HttpMessage) -> Locale {
    let Ok(accepted) = AcceptLanguage::parse(request) else { return Locale::default() };
    accepted.ranked().iter().find_map(|preference| preference.to_string().parse().ok()).unwrap_or_default()
}
