//! Language of a client that sends no `locale`.

use actix_web::{
    HttpMessage, HttpRequest,
    http::header::{ACCEPT, AcceptLanguage, Header as _},
};
use domain::account::Locale;

/// Returns the supported language that `Accept-Language` prefers (RFC 9110, 12.5.4), or English.
pub(crate) fn preferred_locale(request: &impl HttpMessage) -> Locale {
    let Ok(accepted) = AcceptLanguage::parse(request) else { return Locale::default() };
    accepted.ranked().iter().find_map(|preference| preference.to_string().parse().ok()).unwrap_or_default()
}

/// Returns the language of the page when a browser expects a page: outside of `/api` and `/dav`, with HTML accepted.
pub(crate) fn page_language(request: &HttpRequest) -> Option<Locale> {
    let accepts = request.headers().get(ACCEPT).and_then(|accepted| accepted.to_str().ok()).unwrap_or_default();
    let is_page = !["/api", "/dav"].iter().any(|own| request.path().starts_with(own)) && accepts.contains("text/html");
    is_page.then(|| preferred_locale(request))
}
