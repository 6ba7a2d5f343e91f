//! Body of an error response: a problem, or a page where a browser expects one.

use actix_web::{
    HttpResponse, ResponseError as _,
    body::{BoxBody, MessageBody as _},
    http::{
        StatusCode,
        header::{
            ALLOW, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, TRANSFER_ENCODING,
            WWW_AUTHENTICATE,
        },
    },
};
use domain::account::Locale;
use serde::Deserialize;

use crate::{
    pages::Pages,
    problem::{Code, PROBLEM_JSON, Problem},
};

/// Media type of answers and errors of DAV.
pub(crate) const DAV_XML: &str = "application/xml; charset=utf-8";
/// Challenge below `/dav` (RFC 7617, 2).
const BASIC_CHALLENGE: &str = "Basic realm=\"Contacts\", charset=\"UTF-8\"";
/// Message of a 401 below `/dav`. The problem names the credentials of `/api`.
const UNAUTHENTICATED: &str = "Sign in with the scheme Basic: the e-mail address of your account, and an app password.";

/// Replaces the body of an error that a library made by a problem, and the body of a problem by a page.
pub(super) fn with_error_body(response: HttpResponse, page: Option<Locale>, pages: &Pages) -> HttpResponse {
    let response = match code_of_library_error(&response) {
        Some(code) => with_allow(replace(&response, Problem::new(code).error_response())),
        None => response,
    };
    match page {
        Some(locale) if media_type(&response).starts_with(PROBLEM_JSON.as_bytes()) => {
            replace(&response, pages.respond_to_failure(response.status(), locale))
        }
        _ => response,
    }
}

/// Replaces the body of a problem below `/dav` by an error of DAV (RFC 4918, 8.7). Clients read no other errors. Some of
/// them take 429 as a lasting error, so a rejection by a limit is 503 here. The scheme of a challenge is Basic.
pub(super) fn with_dav_error(response: HttpResponse) -> HttpResponse {
    if !media_type(&response).starts_with(PROBLEM_JSON.as_bytes()) {
        return response;
    }
    let (mut old, body) = response.into_parts();
    // Its scheme is Bearer.
    old.headers_mut().remove(WWW_AUTHENTICATE);
    let message = match old.status() {
        StatusCode::UNAUTHORIZED => UNAUTHENTICATED.to_owned(),
        status => detail_of(body).unwrap_or_else(|| Code::for_status(status).detail().to_owned()),
    };
    let status = match old.status() {
        StatusCode::TOO_MANY_REQUESTS => StatusCode::SERVICE_UNAVAILABLE,
        status => status,
    };
    let mut new = HttpResponse::build(status);
    if status == StatusCode::UNAUTHORIZED {
        new.insert_header((WWW_AUTHENTICATE, HeaderValue::from_static(BASIC_CHALLENGE)));
    }
    let new = new.content_type(DAV_XML).body(carddav::error_document(None, &message));
    replace(&old, new)
}

/// Returns the sentence for people in the body of a problem.
fn detail_of(body: BoxBody) -> Option<String> {
    #[derive(Deserialize)]
    struct Detail {
        detail: String,
    }
    let bytes = body.try_into_bytes().ok()?;
    serde_json::from_slice(&bytes).ok().map(|Detail { detail }| detail)
}

/// Returns the code of an error response that a library made. The others have a body of their own: a problem, a page, or
/// a state in JSON.
fn code_of_library_error(response: &HttpResponse) -> Option<Code> {
    let (status, media_type) = (response.status(), media_type(response));
    let own: [&[u8]; 4] = [PROBLEM_JSON.as_bytes(), b"text/html", b"application/json", b"application/xml"];
    let code = Code::for_status(status);
    let is_error = status.is_client_error() || status.is_server_error();
    let is_own = own.iter().any(|own| media_type.starts_with(own));
    (is_error && !is_own && code.status() == status).then_some(code)
}

fn media_type(response: &HttpResponse) -> &[u8] {
    response.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default()
}

/// Adds the required Allow header (RFC 9110, 15.5.6). The file server rejects other methods without it.
fn with_allow(mut response: HttpResponse) -> HttpResponse {
    if response.status() == StatusCode::METHOD_NOT_ALLOWED && !response.headers().contains_key(ALLOW) {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    }
    response
}

/// Returns the new response with the headers that other layers have added to the old one (CORS, Allow). The headers of
/// the old body are left out.
fn replace<B>(old: &HttpResponse<B>, mut new: HttpResponse) -> HttpResponse {
    let of_the_body = [CONTENT_TYPE, CONTENT_LENGTH, CONTENT_ENCODING, TRANSFER_ENCODING];
    let own: Vec<HeaderName> = new.headers().keys().cloned().collect();
    let others = old.headers().iter();
    for (name, value) in others.filter(|(name, _)| !own.contains(name) && !of_the_body.contains(name)) {
        new.headers_mut().append(name.clone(), value.clone());
    }
    new
}
