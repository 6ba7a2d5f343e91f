//! Language of a client that sends no `locale`.

use actix_web::{
    HttpMessage, HttpRequest,
    http::header::{ACCEPT, AcceptLanguage, Header as _, Quality},
};
use domain::account::Locale;

use crate::path_prefix::is_below;

/// Returns the supported language that `Accept-Language` prefers (RFC 9110, 12.5.4), or English.
pub(crate) fn preferred_locale(request: &impl HttpMessage) -> Locale {
    let Ok(mut accepted) = AcceptLanguage::parse(request) else { return Locale::default() };
    // A quality of zero means "not acceptable".
    accepted.0.retain(|preference| preference.quality > Quality::ZERO);
    accepted.ranked().iter().find_map(|preference| preference.to_string().parse().ok()).unwrap_or_default()
}

/// Returns the language of the page when a browser expects a page: outside of `/api` and `/dav`, with HTML accepted.
pub(crate) fn page_language(request: &HttpRequest) -> Option<Locale> {
    let accepts = request.headers().get(ACCEPT).and_then(|accepted| accepted.to_str().ok()).unwrap_or_default();
    let is_page = !["/api", "/dav"].iter().any(|own| is_below(request.path(), own)) && accepts.contains("text/html");
    is_page.then(|| preferred_locale(request))
}

#[cfg(test)]
mod tests {
    use actix_web::{http::header::ACCEPT_LANGUAGE, test::TestRequest};

    use super::preferred_locale;

    #[test]
    fn language_of_quality_zero_is_not_preferred() {
        for (header, locale) in [
            ("de, uk;q=0", "en"),
            ("uk;q=0", "en"),
            ("uk;q=0.1, de", "uk"),
            ("en;q=0.5, uk;q=0.8", "uk"),
            ("en;q=0, uk;q=0.001", "uk"),
            ("*", "en"),
            ("", "en"),
        ] {
            let request = TestRequest::default().insert_header((ACCEPT_LANGUAGE, header)).to_http_request();
            assert_eq!(preferred_locale(&request).as_str(), locale, "{header}");
        }
    }
}
