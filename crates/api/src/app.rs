//! Configuration of the application: its state and its routes. The binary and the tests use the same one.
//!
//! [`complete_rejection`] is the layer around the flood guard. `server.rs` has the order of all layers.

use std::sync::Arc;

use actix_files::Files;
use actix_web::{
    Error, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web::{self, ServiceConfig},
};

use crate::{
    app_state::AppState,
    cors, dav,
    limits::flood,
    problem::{Code, Problem},
    response::ResponseContext,
    routes,
};

/// Adds the shared state, all routes, and the 404 response for all other paths.
pub(crate) fn configure(config: &mut ServiceConfig, state: &Arc<AppState>) {
    config
        .app_data(web::Data::from(Arc::clone(state)))
        .app_data(web::Data::from(Arc::clone(&state.settings)))
        .app_data(web::Data::from(Arc::clone(&state.ids)));
    routes::configure(config);
    dav::configure(config);
    if state.settings.cloudinary_url.is_none() {
        config.service(Files::new("/media", state.settings.media_folder()));
    }
    config.default_service(web::to(|| async { HttpResponse::from_error(Problem::new(Code::NotFound)) }));
}

/// Returns the method and the path of every route, like `GET /api/me`. Stored pictures are files, not routes. Every route of
/// `GET` also answers `HEAD`.
#[must_use]
pub fn route_names() -> Vec<String> {
    routes::method_routes().chain(dav::method_routes()).map(|route| route.name()).collect()
}

/// Wraps the flood guard. Completes its rejections, which pass no inner layer, and counts them for the log.
pub(crate) async fn complete_rejection(
    state: web::Data<AppState>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    if !flood::is_rejection(response.response()) {
        return Ok(response);
    }
    state.request_summary.count_rejected();
    let (request, response) = response.into_parts();
    let mut response = ResponseContext::new(Arc::clone(&state), &request).complete(response);
    cors::add_headers(&state.settings, &request, response.headers_mut());
    Ok(ServiceResponse::new(request, response))
}

#[cfg(test)]
mod tests {
    use std::{
        num::NonZeroU32,
        sync::atomic::{AtomicUsize, Ordering},
        time::Duration,
    };

    use actix_web::{
        App,
        http::{Method, header},
        middleware::from_fn,
        test,
    };
    use domain::{
        Policy, Ports,
        limit::{Quota, Rates},
        session::{AccessClaims, AccessTokenError, AccessTokens, InvalidAccessToken},
    };
    use serde_json::{Value, json};
    use testkit::environment::{PASSWORD, TestEnvironment};

    use super::*;
    use crate::{caller, problem::limit_fields::RATE_LIMIT, request_id, response::complete_response};

    /// Access tokens that count their verifications.
    struct CountedTokens {
        tokens: Arc<dyn AccessTokens>,
        verified: AtomicUsize,
    }

    impl AccessTokens for CountedTokens {
        fn issue(&self, claims: &AccessClaims) -> Result<String, AccessTokenError> {
            self.tokens.issue(claims)
        }

        fn verify(&self, token: &str) -> Result<AccessClaims, InvalidAccessToken> {
            self.verified.fetch_add(1, Ordering::SeqCst);
            self.tokens.verify(token)
        }
    }

    /// A form with a picture.
    const UPLOAD: &str = "--x\r\ncontent-disposition: form-data; name=\"file\"\r\n\r\npicture\r\n--x--\r\n";

    #[actix_web::test]
    async fn request_verifies_its_token_once_and_looks_up_its_session_once() {
        let environment = TestEnvironment::default();
        environment.verified("olena@example.com").await;
        let access_tokens = Arc::clone(&environment.ports.access_tokens);
        let tokens = Arc::new(CountedTokens { tokens: access_tokens, verified: AtomicUsize::new(0) });
        let quota = Some(Quota::new(NonZeroU32::new(100).unwrap(), Duration::from_secs(60)));
        let rates =
            Rates { me: quota, contacts: quota, contact_create: quota, contact_batch: quota, ..Rates::default() };
        let policy = Policy { rates, ..Policy::default() };
        let ports = Ports { access_tokens: tokens.clone(), policy, ..environment.ports.clone() };
        let state = Arc::new(AppState::for_tests());
        let app = App::new()
            .app_data(web::Data::new(ports))
            .wrap(from_fn(complete_response))
            .wrap(from_fn(caller::find_client))
            .wrap(from_fn(request_id::assign))
            .configure(|config| configure(config, &state));
        let app = test::init_service(app).await;
        let login = json!({"email": "olena@example.com", "password": PASSWORD});
        let login = test::TestRequest::post().uri("/api/auth/login").set_json(login);
        let pair: Value = test::call_and_read_body_json(&app, login.to_request()).await;
        let credentials = format!("Bearer {}", pair["access_token"].as_str().unwrap());
        assert_eq!((tokens.verified.swap(0, Ordering::SeqCst), environment.store.take_session_lookups()), (0, 0));

        let upload = "multipart/form-data; boundary=x";
        for (method, path, media_type, body) in [
            (Method::GET, "/api/contacts", "", ""),
            (Method::POST, "/api/contacts", "application/json", r#"{"first_name": "Petro"}"#),
            (Method::POST, "/api/contacts/batch", "application/json", r#"{"operations": []}"#),
            (Method::PUT, "/api/me/avatar", upload, UPLOAD),
            (Method::GET, "/api/me/export", "", ""),
            (Method::POST, "/api/auth/logout", "", ""),
        ] {
            let request = test::TestRequest::with_uri(path)
                .method(method)
                .insert_header((header::AUTHORIZATION, credentials.as_str()))
                .insert_header((header::CONTENT_TYPE, media_type))
                .set_payload(body);
            let response = test::call_service(&app, request.to_request()).await;
            assert_ne!(response.status(), 401, "{path}");
            assert_eq!(response.headers().contains_key(RATE_LIMIT), path != "/api/auth/logout", "{path}");
            let counts = (tokens.verified.swap(0, Ordering::SeqCst), environment.store.take_session_lookups());
            assert_eq!(counts, (1, 1), "{path}");
        }
    }
}
