//! Handlers of sessions: sign in, refresh, sign out.

use actix_web::{HttpRequest, HttpResponse, web};
use domain::{
    Ports,
    ids::SessionId,
    use_cases::session::{self, LoginCommand},
};

use super::{paths::LOGIN, responses::Answer};
use crate::{
    dto::session::{LoginBody, LoginForm, RefreshBody, SessionView, SessionsView, TokenPairView},
    extract::{Client, FormOrJson, Id, JsonBody, SignedIn},
    limits::attempt_of,
    problem::documented::{BodyProblems, CredentialsProblems, RefreshProblems, ServerProblems, SessionProblems},
};

/// Sign in
///
/// Send an e-mail address and a password. OAuth 2 clients can send the form of the password grant instead, with the e-mail
/// address as `username`: see the security scheme `password`.
#[utoipa::path(
    post, path = LOGIN, tag = "Sessions", security(()),
    request_body = LoginBody,
    responses(
        (status = 200, description = "A new session.", body = TokenPairView),
        CredentialsProblems, BodyProblems, ServerProblems
    )
)]
pub(crate) async fn login(
    ports: web::Data<Ports>,
    Client(client): Client,
    request: HttpRequest,
    body: FormOrJson<LoginForm, LoginBody>,
) -> Answer {
    let (email, password) = match body {
        FormOrJson::Form(form) => (form.username, form.password),
        FormOrJson::Json(json) => (json.email, json.password),
    };
    let attempt = attempt_of(&request);
    let pair = session::login(&ports, LoginCommand { email: email.0, password, client, attempt }).await?;
    Ok(HttpResponse::Ok().json(TokenPairView::from(pair)))
}

/// Refresh the tokens
///
/// Returns the next pair of tokens. A refresh token works once. When it is sent again within ten seconds from the same
/// client network (/24 of IPv4, /56 of IPv6), the response contains the same successor: this covers two tabs and lost
/// responses. Any other repetition ends the session, because another client must have a copy of the token.
#[utoipa::path(
    post, path = "/api/auth/refresh", tag = "Sessions", security(()), request_body = RefreshBody,
    responses(
        (status = 200, description = "The next pair of tokens.", body = TokenPairView),
        RefreshProblems, BodyProblems, ServerProblems
    )
)]
pub(crate) async fn refresh(
    ports: web::Data<Ports>,
    Client(client): Client,
    JsonBody(body): JsonBody<RefreshBody>,
) -> Answer {
    let pair = session::refresh(&ports, &body.refresh_token, &client).await?;
    Ok(HttpResponse::Ok().json(TokenPairView::from(pair)))
}

/// Sign out
///
/// Ends this session immediately, including its access tokens.
#[utoipa::path(
    post, path = "/api/auth/logout", tag = "Sessions", security(("bearer" = [])),
    responses((status = 204, description = "The session is ended."), ServerProblems)
)]
pub(crate) async fn logout(ports: web::Data<Ports>, SignedIn(principal): SignedIn) -> Answer {
    session::logout(&ports, &principal).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// List your sessions
///
/// Returns the active sessions. Each sign-in begins a session. A user has at most 100 sessions: a further sign-in ends
/// the least recently used one.
#[utoipa::path(
    get, path = "/api/me/sessions", tag = "Sessions", security(("bearer" = [])),
    responses(
        (status = 200, description = "Your sessions, the most recently used first.", body = SessionsView),
        ServerProblems
    )
)]
pub(crate) async fn list_sessions(ports: web::Data<Ports>, SignedIn(principal): SignedIn) -> Answer {
    let sessions = session::list_sessions(&ports, &principal).await?;
    let items = sessions.iter().map(|session| SessionView::new(session, principal.session.id)).collect();
    Ok(HttpResponse::Ok().json(SessionsView { items }))
}

/// Sign out another device
///
/// Ends one of your sessions immediately, including its access tokens.
#[utoipa::path(
    delete, path = "/api/me/sessions/{id}", tag = "Sessions", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The session's id.")),
    responses(
        (status = 204, description = "The session is ended."),
        SessionProblems, ServerProblems
    )
)]
pub(crate) async fn end_session(ports: web::Data<Ports>, SignedIn(principal): SignedIn, Id(id): Id) -> Answer {
    session::end_session(&ports, &principal, SessionId(id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Sign out all other devices
///
/// Ends all your sessions except this one.
#[utoipa::path(
    delete, path = "/api/me/sessions", tag = "Sessions", security(("bearer" = [])),
    responses((status = 204, description = "The other sessions are ended."), ServerProblems)
)]
pub(crate) async fn end_other_sessions(ports: web::Data<Ports>, SignedIn(principal): SignedIn) -> Answer {
    session::end_other_sessions(&ports, &principal).await?;
    Ok(HttpResponse::NoContent().finish())
}
