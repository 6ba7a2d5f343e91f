//! Sessions: sign in, refresh, sign out.

use actix_web::{HttpRequest, HttpResponse, web};
use domain::{
    Ports,
    session::{self, LoginCommand, SessionId},
};

use crate::{
    dto::session::{LoginBody, LoginForm, RefreshBody, SessionView, SessionsView, TokenPairView},
    extract::{Client, FormOrJson, Id, JsonBody, SignedIn},
    limits::attempt_of,
    openapi::{
        AuthProblems, BodyProblems, CredentialsProblems, LimitProblems, RefreshProblems, ServerProblems,
        SessionProblems,
    },
    problem::Problem,
};

type Answer = Result<HttpResponse, Problem>;

/// Sign in
///
/// With an e-mail address and a password, as JSON, or as the form of the OAuth 2 password grant, where
/// the address is called `username`.
#[utoipa::path(
    post, path = "/api/auth/login", tag = "Sessions",
    request_body(content((LoginBody = "application/json"), (LoginForm = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, description = "A new session.", body = TokenPairView),
        CredentialsProblems, BodyProblems, LimitProblems, ServerProblems
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

/// Get the next pair of tokens
///
/// A refresh token works once. Sent again within ten seconds from the same network (/24 of IPv4, /56 of IPv6) it gets
/// the same successor (two tabs, a lost answer). Any other repeat ends the session, since another client must have a
/// copy.
#[utoipa::path(
    post, path = "/api/auth/refresh", tag = "Sessions", request_body = RefreshBody,
    responses(
        (status = 200, description = "The next pair.", body = TokenPairView),
        RefreshProblems, BodyProblems, LimitProblems, ServerProblems
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
/// Ends this session at once, its access tokens included.
#[utoipa::path(
    post, path = "/api/auth/logout", tag = "Sessions", security(("bearer" = [])),
    responses((status = 204, description = "Signed out."), AuthProblems, ServerProblems)
)]
pub(crate) async fn logout(ports: web::Data<Ports>, SignedIn(principal): SignedIn) -> Answer {
    session::logout(&ports, &principal).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The devices you are signed in on
///
/// Each sign-in is a session of its own; those that have ended are not listed. A user has at most 100 sessions: at one
/// more, the longest unused ends.
#[utoipa::path(
    get, path = "/api/me/sessions", tag = "Sessions", security(("bearer" = [])),
    responses(
        (status = 200, description = "Your sessions, the one used last first.", body = SessionsView),
        AuthProblems, LimitProblems, ServerProblems
    )
)]
pub(crate) async fn list_sessions(ports: web::Data<Ports>, SignedIn(principal): SignedIn) -> Answer {
    let sessions = session::list_sessions(&ports, &principal).await?;
    let items = sessions.iter().map(|session| SessionView::new(session, principal.session.id)).collect();
    Ok(HttpResponse::Ok().json(SessionsView { items }))
}

/// Sign out another device
///
/// Ends one of your sessions at once, its access tokens included.
#[utoipa::path(
    delete, path = "/api/me/sessions/{id}", tag = "Sessions", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The session's id.")),
    responses(
        (status = 204, description = "Ended."),
        AuthProblems, SessionProblems, LimitProblems, ServerProblems
    )
)]
pub(crate) async fn end_session(ports: web::Data<Ports>, SignedIn(principal): SignedIn, Id(id): Id) -> Answer {
    session::end_session(&ports, &principal, SessionId(id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Sign out every other device
///
/// Ends all of your sessions but this one.
#[utoipa::path(
    delete, path = "/api/me/sessions", tag = "Sessions", security(("bearer" = [])),
    responses((status = 204, description = "Ended."), AuthProblems, LimitProblems, ServerProblems)
)]
pub(crate) async fn end_other_sessions(ports: web::Data<Ports>, SignedIn(principal): SignedIn) -> Answer {
    session::end_other_sessions(&ports, &principal).await?;
    Ok(HttpResponse::NoContent().finish())
}
