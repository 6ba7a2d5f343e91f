//! Headers of every response.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{
            CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderValue, REFERRER_POLICY,
            STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
        },
    },
};

use crate::{
    path_prefix::is_below,
    request_id::{self, REQUEST_ID},
};

/// Policy of pages, which need only their own style sheet, images and forms.
const PAGE_POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Policy of Swagger UI, which sets styles in its script and shows images from data URLs.
const DOCS_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                           img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Adds the request id, the security headers, and the caching rules of the path.
pub(super) fn add_headers(response: &mut HttpResponse, path: &str, is_https: bool) {
    let status = response.status();
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&request_id::current()) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if is_https {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    let is_html = headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let is_docs = is_below(path, "/docs");
    if is_html {
        let policy = if is_docs { DOCS_POLICY } else { PAGE_POLICY };
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    }
    let is_private = is_below(path, "/api") || is_below(path, "/dav") || (is_html && !is_docs);
    add_caching(headers, path, status, is_private);
}

fn add_caching(headers: &mut HeaderMap, path: &str, status: StatusCode, is_private: bool) {
    let is_found = status.is_success() || status == StatusCode::NOT_MODIFIED;
    if path.starts_with("/media/") && is_found {
        // The content of a picture never changes under its name.
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    }
    if is_private && !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}
