//! Handlers of app passwords.

use actix_web::{HttpResponse, http::header::LOCATION, web};
use domain::{Ports, ids::AppPasswordId, use_cases::app_password};

use super::{paths::APP_PASSWORDS, responses::Answer};
use crate::{
    dto::app_password::{AppPasswordBody, AppPasswordView, AppPasswordsView, NewAppPasswordView},
    extract::{Id, JsonBody, SignedIn},
    problem::documented::{AppPasswordLimitProblem, AppPasswordProblems, BodyProblems, ServerProblems},
};

/// Create an app password
///
/// An app password lets one program use your contacts, without your password. Its scopes limit what the program can do.
/// It never gives access to your account. The response contains the password, which is shown only once. A mail reports
/// the app password to you. You can have 50 of them.
#[utoipa::path(
    post, path = APP_PASSWORDS, tag = "App passwords", security(("bearer" = [])), request_body = AppPasswordBody,
    responses(
        (status = 201, description = "The app password.", body = NewAppPasswordView, headers(("Location", description = "The path of the app password."))),
        AppPasswordLimitProblem, BodyProblems, ServerProblems
    )
)]
pub(crate) async fn create_app_password(
    ports: web::Data<Ports>,
    SignedIn(signed_in): SignedIn,
    JsonBody(body): JsonBody<AppPasswordBody>,
) -> Answer {
    let created = app_password::create_app_password(&ports, &signed_in, body.into()).await?;
    let path = format!("{APP_PASSWORDS}/{}", created.password.id);
    Ok(HttpResponse::Created().insert_header((LOCATION, path)).json(NewAppPasswordView::from(&created)))
}

/// List your app passwords
///
/// Returns your app passwords, without the passwords themselves. An expired one is listed for another 30 days.
#[utoipa::path(
    get, path = APP_PASSWORDS, tag = "App passwords", security(("bearer" = [])),
    responses(
        (status = 200, description = "Your app passwords, the latest created first.", body = AppPasswordsView),
        ServerProblems
    )
)]
pub(crate) async fn list_app_passwords(ports: web::Data<Ports>, SignedIn(signed_in): SignedIn) -> Answer {
    let passwords = app_password::list_app_passwords(&ports, &signed_in).await?;
    let items = passwords.iter().map(AppPasswordView::from).collect();
    Ok(HttpResponse::Ok().json(AppPasswordsView { items }))
}

/// End an app password
///
/// Rejects the app password from now on. A password reset ends all app passwords, unless you say otherwise.
#[utoipa::path(
    delete, path = "/api/me/app-passwords/{id}", tag = "App passwords", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The app password's id.")),
    responses(
        (status = 204, description = "The app password is ended."),
        AppPasswordProblems, ServerProblems
    )
)]
pub(crate) async fn end_app_password(ports: web::Data<Ports>, SignedIn(signed_in): SignedIn, Id(id): Id) -> Answer {
    app_password::end_app_password(&ports, &signed_in, AppPasswordId(id)).await?;
    Ok(HttpResponse::NoContent().finish())
}
