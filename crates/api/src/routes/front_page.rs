//! Handler of the front page, for people who open the address of the service.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, HeaderValue, VARY},
    },
    web,
};

use super::service;
use crate::{app_state::AppState, pages::Page, preferred_locale::page_language};

/// Shows a browser how to connect a device, with the address that people type. Redirects other clients to the
/// documentation of the API.
pub(super) async fn front_page(state: web::Data<AppState>, request: HttpRequest) -> HttpResponse {
    let mut response = match page_language(&request) {
        Some(locale) => {
            let server = state.settings.public_url.as_str().trim_end_matches('/');
            state.pages.respond(StatusCode::OK, locale, Page::Front { server })
        }
        None => service::to_docs().await,
    };
    let headers = response.headers_mut();
    headers.insert(VARY, HeaderValue::from_static("accept, accept-language"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
