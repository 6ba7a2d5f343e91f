//! Handlers of accounts: registration, verification, recovery and the profile of the signed-in user.

use actix_web::{HttpRequest, HttpResponse, http::header::LOCATION, web};
use domain::{
    Ports,
    use_cases::{
        self,
        account::{self, RegisterCommand},
    },
};

use super::{paths::ME, responses::Answer};
use crate::{
    app_state::AppState,
    documents::account_export::{ExportDocument, ExportView},
    dto::{
        account::{
            ChangeEmailBody, ChangePasswordBody, EmailBody, PasswordBody, PictureForm, ProfileBody, RegisterBody,
            ResetPasswordBody, TokenBody,
        },
        json::JsonWriter,
        session::TokenPairView,
        user_view::UserView,
    },
    extract::{Client, Exclusive, JsonBody, SignedIn, Upload},
    preferred_locale::preferred_locale,
    problem::documented::{
        BodyProblems, EmailTakenProblem, RegistrationProblems, ServerProblems, TokenProblems, UploadProblems,
    },
    streaming::PartReader,
};

/// Register an account
///
/// Creates an account and sends a mail with a link that verifies the e-mail address. The mail is sent in the
/// background: the response does not depend on the mail server.
#[utoipa::path(
    post, path = "/api/auth/register", tag = "Accounts", security(()), request_body = RegisterBody,
    responses(
        (status = 201, description = "The account is created. The mail is queued.", body = UserView, headers(("Location", description = "The path of your profile."))),
        RegistrationProblems, EmailTakenProblem, BodyProblems, ServerProblems
    )
)]
pub(crate) async fn register(
    ports: web::Data<Ports>,
    request: HttpRequest,
    Client(client): Client,
    JsonBody(body): JsonBody<RegisterBody>,
) -> Answer {
    let RegisterBody { username, email, password, locale, timezone } = body;
    let locale = locale.unwrap_or_else(|| preferred_locale(&request));
    let timezone = timezone.unwrap_or_default();
    let command = RegisterCommand { username, email, password, locale, timezone, client };
    let user = account::register(&ports, command).await?;
    Ok(HttpResponse::Created().insert_header((LOCATION, ME)).json(UserView::new(&user, &*ports.picture_store)))
}

/// Verify an e-mail address
///
/// Uses the token of the verification mail. The token works once; repeated within ten minutes, it changes nothing and
/// is answered alike.
#[utoipa::path(
    post, path = "/api/auth/verify-email", tag = "Accounts", security(()), request_body = TokenBody,
    responses(
        (status = 204, description = "The e-mail address is verified. You can sign in."),
        TokenProblems, BodyProblems, ServerProblems
    )
)]
pub(crate) async fn verify_email(
    ports: web::Data<Ports>,
    Client(client): Client,
    JsonBody(body): JsonBody<TokenBody>,
) -> Answer {
    account::verify_email(&ports, &body.token, &client).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Request another verification mail
///
/// The response is the same for every e-mail address. A mail is sent only to one with an unverified account.
#[utoipa::path(
    post, path = "/api/auth/verify-email/resend", tag = "Accounts", security(()), request_body = EmailBody,
    responses(
        (status = 202, description = "A mail is queued if the e-mail address has an unverified account."),
        BodyProblems, ServerProblems
    )
)]
pub(crate) async fn resend_verification(ports: web::Data<Ports>, JsonBody(body): JsonBody<EmailBody>) -> Answer {
    account::resend_verification(&ports, body.email).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Request a password reset mail
///
/// The response is the same for every e-mail address. A mail is sent only to one that has an account.
#[utoipa::path(
    post, path = "/api/auth/forgot-password", tag = "Accounts", security(()), request_body = EmailBody,
    responses(
        (status = 202, description = "A mail is queued if the e-mail address has an account."),
        BodyProblems, ServerProblems
    )
)]
pub(crate) async fn forgot_password(
    ports: web::Data<Ports>,
    Client(client): Client,
    JsonBody(body): JsonBody<EmailBody>,
) -> Answer {
    account::forgot_password(&ports, body.email, &client).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Reset a forgotten password
///
/// Sets a new password with the token of the mail, and ends every session and app password of the account. The token
/// works once; repeated within ten minutes, it changes nothing and is answered alike.
#[utoipa::path(
    post, path = "/api/auth/reset-password", tag = "Accounts", security(()), request_body = ResetPasswordBody,
    responses(
        (status = 204, description = "The password is set. Sign in with it."),
        TokenProblems, BodyProblems, ServerProblems
    )
)]
pub(crate) async fn reset_password(
    ports: web::Data<Ports>,
    Client(client): Client,
    JsonBody(body): JsonBody<ResetPasswordBody>,
) -> Answer {
    let ResetPasswordBody { token, password, end_app_passwords } = body;
    let end_app_passwords = end_app_passwords.unwrap_or(true);
    account::reset_password(&ports, &token, &password, end_app_passwords, &client).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Revert an e-mail change
///
/// Uses the token of the mail that reports a change of the e-mail address. The account gets its previous e-mail address
/// back. All sessions, app passwords and mailed links of the account end, and a pending e-mail address is discarded. The old password
/// no longer works: a password reset mail is sent to the restored e-mail address. Links that revert earlier changes stay
/// valid.
#[utoipa::path(
    post, path = "/api/auth/revert-email", tag = "Accounts", security(()), request_body = TokenBody,
    responses(
        (status = 204, description = "The account has its previous e-mail address again."),
        TokenProblems, EmailTakenProblem, BodyProblems, ServerProblems
    )
)]
pub(crate) async fn revert_email(
    ports: web::Data<Ports>,
    Client(client): Client,
    JsonBody(body): JsonBody<TokenBody>,
) -> Answer {
    account::revert_email(&ports, &body.token, &client).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Get your profile
///
/// Returns your name, e-mail address, avatar, language, time zone and notification settings.
#[utoipa::path(
    get, path = ME, tag = "Profile", security(("bearer" = [])),
    responses((status = 200, description = "Your profile.", body = UserView), ServerProblems)
)]
pub(crate) async fn get_me(ports: web::Data<Ports>, SignedIn(principal): SignedIn) -> HttpResponse {
    HttpResponse::Ok().json(UserView::new(&principal.user, &*ports.picture_store))
}

/// Change your profile
///
/// Changes the name, language, time zone and notification settings. An absent field stays unchanged.
#[utoipa::path(
    patch, path = ME, tag = "Profile", security(("bearer" = [])), request_body = ProfileBody,
    responses(
        (status = 200, description = "Your changed profile.", body = UserView),
        BodyProblems, ServerProblems
    )
)]
pub(crate) async fn update_me(
    ports: web::Data<Ports>,
    SignedIn(principal): SignedIn,
    JsonBody(body): JsonBody<ProfileBody>,
) -> Answer {
    let user = account::update_profile(&ports, principal.user.id, body.into()).await?;
    Ok(HttpResponse::Ok().json(UserView::new(&user, &*ports.picture_store)))
}

/// Set your avatar
///
/// Send a JPEG or PNG of at most 5 MiB and 40 megapixels. The content determines the format. The picture is turned
/// upright, cropped to a square around its centre, resized to 512 x 512 pixels, converted to sRGB and stored without
/// metadata. The previous picture is deleted.
#[utoipa::path(
    put, path = "/api/me/avatar", tag = "Profile", security(("bearer" = [])),
    request_body(content = PictureForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "Your profile with the new avatar.", body = UserView),
        UploadProblems, ServerProblems
    )
)]
pub(crate) async fn change_avatar(ports: web::Data<Ports>, upload: Upload) -> Answer {
    let user = account::change_avatar(&ports, upload.principal.user.id, upload.file).await?;
    Ok(HttpResponse::Ok().json(UserView::new(&user, &*ports.picture_store)))
}

/// Remove your avatar
///
/// Changes nothing when there is no avatar.
#[utoipa::path(
    delete, path = "/api/me/avatar", tag = "Profile", security(("bearer" = [])),
    responses(
        (status = 204, description = "You have no avatar."),
        ServerProblems
    )
)]
pub(crate) async fn remove_avatar(ports: web::Data<Ports>, SignedIn(principal): SignedIn) -> Answer {
    account::remove_avatar(&ports, principal.user.id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Change your password
///
/// Ends all your sessions and begins a new one for this device. The response contains the tokens of the new session. All
/// earlier tokens of the account are invalid. App passwords stay valid.
#[utoipa::path(
    put, path = "/api/me/password", tag = "Profile", security(("bearer" = [])), request_body = ChangePasswordBody,
    responses(
        (status = 200, description = "The password is changed. The tokens of the new session.", body = TokenPairView),
        BodyProblems, ServerProblems
    )
)]
pub(crate) async fn change_password(
    ports: web::Data<Ports>,
    SignedIn(principal): SignedIn,
    JsonBody(body): JsonBody<ChangePasswordBody>,
) -> Answer {
    let pair = account::change_password(&ports, &principal, &body.current_password, &body.new_password).await?;
    Ok(HttpResponse::Ok().json(TokenPairView::from(pair)))
}

/// Change your e-mail address
///
/// Sends a link to the new e-mail address and a notice to the current one. The address changes when the link is
/// followed. A later request replaces an earlier one.
#[utoipa::path(
    post, path = "/api/me/email", tag = "Profile", security(("bearer" = [])), request_body = ChangeEmailBody,
    responses(
        (status = 202, description = "The mails are queued, unless another account has the e-mail address."),
        BodyProblems, ServerProblems
    )
)]
pub(crate) async fn request_email_change(
    ports: web::Data<Ports>,
    SignedIn(principal): SignedIn,
    JsonBody(body): JsonBody<ChangeEmailBody>,
) -> Answer {
    account::request_email_change(&ports, &principal, body.email, &body.password).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Delete your account
///
/// Deletes all data of your account at once: contacts, pictures, sessions, app passwords and queued mails.
#[utoipa::path(
    delete, path = ME, tag = "Profile", security(("bearer" = [])), request_body = PasswordBody,
    responses(
        (status = 204, description = "The account is deleted."),
        BodyProblems, ServerProblems
    )
)]
pub(crate) async fn delete_account(
    ports: web::Data<Ports>,
    SignedIn(principal): SignedIn,
    JsonBody(body): JsonBody<PasswordBody>,
) -> Answer {
    account::delete_account(&ports, &principal, &body.password).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Export your data
///
/// Returns all data of your account in one response, for a backup or a move to another service. It contains no secrets.
#[utoipa::path(
    get, path = "/api/me/export", tag = "Profile", security(("bearer" = [])),
    responses(
        (status = 200, description = "Your profile, sessions, app passwords, contacts, trash, unsent mails, unused links and audit trail.", body = ExportView),
        ServerProblems
    )
)]
pub(crate) async fn export_account(
    ports: web::Data<Ports>,
    state: web::Data<AppState>,
    request: HttpRequest,
    Exclusive { body: SignedIn(principal), slot: _slot, .. }: Exclusive<SignedIn>,
) -> Answer {
    let export = use_cases::export_account(&ports, &principal).await?;
    let mut json = JsonWriter::default();
    let document = ExportDocument::begin(&mut json, export, principal.session.id, &*ports.picture_store);
    PartReader::new(&request, ports, state, principal.user.id).respond(json, document).await
}
