//! Accounts: register, verify, recover, the own profile.

use actix_web::{HttpResponse, http::header::LOCATION, web};
use domain::{Ports, account};

use crate::{
    dto::{
        account::{
            ChangeEmailBody, ChangePasswordBody, EmailBody, PasswordBody, PictureForm, ProfileBody, RegisterBody,
            ResetPasswordBody, TokenBody, UserView,
        },
        export::ExportView,
        session::TokenPairView,
    },
    extract::{Client, Exclusive, JsonBody, SignedIn, Upload},
    large_response,
    openapi::{
        AuthProblems, BodyProblems, EmailTakenProblem, LimitProblems, ServerProblems, TokenProblems, UploadProblems,
    },
    problem::Problem,
};

type Answer = Result<HttpResponse, Problem>;

/// Register
///
/// Makes an account and sends a mail with a link that proves the address. The mail is sent in the
/// background: the answer does not depend on the mail server.
#[utoipa::path(
    post, path = "/api/auth/register", tag = "Accounts", request_body = RegisterBody,
    responses(
        (status = 201, description = "Registered; the mail is on its way.", body = UserView, headers(("Location", description = "The own profile."))),
        EmailTakenProblem, BodyProblems, LimitProblems, ServerProblems
    )
)]
pub(crate) async fn register(
    ports: web::Data<Ports>,
    Client(client): Client,
    JsonBody(body): JsonBody<RegisterBody>,
) -> Answer {
    let user = account::register(&ports, body.by(client)).await?;
    Ok(HttpResponse::Created().insert_header((LOCATION, "/api/me")).json(UserView::new(&user, &*ports.picture_store)))
}

/// Prove the address
///
/// Uses up the token of the verification mail.
#[utoipa::path(
    post, path = "/api/auth/verify-email", tag = "Accounts", request_body = TokenBody,
    responses(
        (status = 204, description = "The address is proven; you can sign in."),
        TokenProblems, BodyProblems, LimitProblems, ServerProblems
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

/// Ask for another verification mail
///
/// The answer is the same for every address; a mail is sent to those that still have to be proven.
#[utoipa::path(
    post, path = "/api/auth/verify-email/resend", tag = "Accounts", request_body = EmailBody,
    responses(
        (status = 202, description = "If the address needs it, a mail is on its way."),
        BodyProblems, LimitProblems, ServerProblems
    )
)]
pub(crate) async fn resend_verification(ports: web::Data<Ports>, JsonBody(body): JsonBody<EmailBody>) -> Answer {
    account::resend_verification(&ports, body.email).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Ask for a mail to set a new password
///
/// The answer is the same for every address; a mail is sent to those that have an account.
#[utoipa::path(
    post, path = "/api/auth/forgot-password", tag = "Accounts", request_body = EmailBody,
    responses(
        (status = 202, description = "If the address has an account, a mail is on its way."),
        BodyProblems, LimitProblems, ServerProblems
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

/// Set a new password
///
/// Uses up the token of the mail and ends every session of the account.
#[utoipa::path(
    post, path = "/api/auth/reset-password", tag = "Accounts", request_body = ResetPasswordBody,
    responses(
        (status = 204, description = "The password is set; sign in with it."),
        TokenProblems, BodyProblems, LimitProblems, ServerProblems
    )
)]
pub(crate) async fn reset_password(
    ports: web::Data<Ports>,
    Client(client): Client,
    JsonBody(body): JsonBody<ResetPasswordBody>,
) -> Answer {
    account::reset_password(&ports, &body.token, &body.password, &client).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Take back the address before
///
/// Uses up the token of the mail that reports a change of the address. The account gets the address back that it had
/// before; all its sessions, mailed links and the pending address end. A mail to set a new password is on its way to that address.
#[utoipa::path(
    post, path = "/api/auth/revert-email", tag = "Accounts", request_body = TokenBody,
    responses(
        (status = 204, description = "The account has its old address again."),
        TokenProblems, EmailTakenProblem, BodyProblems, LimitProblems, ServerProblems
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

/// Your profile
///
/// Name, address, picture, language, time zone and notices.
#[utoipa::path(
    get, path = "/api/me", tag = "Profile", security(("bearer" = [])),
    responses((status = 200, description = "You.", body = UserView), AuthProblems, LimitProblems, ServerProblems)
)]
pub(crate) async fn get_me(ports: web::Data<Ports>, SignedIn(principal): SignedIn) -> HttpResponse {
    HttpResponse::Ok().json(UserView::new(&principal.user, &*ports.picture_store))
}

/// Change your profile
///
/// Name, language, time zone and notices; what is absent stays.
#[utoipa::path(
    patch, path = "/api/me", tag = "Profile", security(("bearer" = [])), request_body = ProfileBody,
    responses(
        (status = 200, description = "You, changed.", body = UserView),
        AuthProblems, BodyProblems, LimitProblems, ServerProblems
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
/// A JPEG or PNG of at most 5 MiB and 40 megapixels, recognised by its content; it is turned upright,
/// cropped to a square around its centre, resized to 512 x 512 pixels, converted to sRGB and kept without
/// metadata. The old picture is removed.
#[utoipa::path(
    put, path = "/api/me/avatar", tag = "Profile", security(("bearer" = [])),
    request_body(content = PictureForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "You, with the new picture.", body = UserView),
        AuthProblems, UploadProblems, LimitProblems, ServerProblems
    )
)]
pub(crate) async fn change_avatar(ports: web::Data<Ports>, upload: Upload) -> Answer {
    let user = account::change_avatar(&ports, upload.principal.user.id, upload.file).await?;
    Ok(HttpResponse::Ok().json(UserView::new(&user, &*ports.picture_store)))
}

/// Remove your avatar
///
/// Does nothing when there is none.
#[utoipa::path(
    delete, path = "/api/me/avatar", tag = "Profile", security(("bearer" = [])),
    responses(
        (status = 204, description = "There is no picture any more."),
        AuthProblems, LimitProblems, ServerProblems
    )
)]
pub(crate) async fn remove_avatar(ports: web::Data<Ports>, SignedIn(principal): SignedIn) -> Answer {
    account::remove_avatar(&ports, principal.user.id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Change your password
///
/// Ends all your sessions and begins a new one for this device: the answer holds its tokens, and every earlier token
/// of the account is invalid from then on.
#[utoipa::path(
    put, path = "/api/me/password", tag = "Profile", security(("bearer" = [])), request_body = ChangePasswordBody,
    responses(
        (status = 200, description = "Changed; the tokens of the new session.", body = TokenPairView),
        AuthProblems, BodyProblems, LimitProblems, ServerProblems
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

/// Change your address
///
/// Sends a link to the new address and a notice to the old one. The address changes when the link is
/// followed; a later request takes the place of an earlier one.
#[utoipa::path(
    post, path = "/api/me/email", tag = "Profile", security(("bearer" = [])), request_body = ChangeEmailBody,
    responses(
        (status = 202, description = "The mails are on their way, unless the address is somebody else's."),
        AuthProblems, BodyProblems, LimitProblems, ServerProblems
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
/// Everything held about you goes at once: contacts, pictures, sessions, waiting mail.
#[utoipa::path(
    delete, path = "/api/me", tag = "Profile", security(("bearer" = [])), request_body = PasswordBody,
    responses(
        (status = 204, description = "There is no such account any more."),
        AuthProblems, BodyProblems, LimitProblems, ServerProblems
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

/// Everything held about you
///
/// All of it in one answer, to keep or to take elsewhere. Secrets are not in it.
#[utoipa::path(
    get, path = "/api/me/export", tag = "Profile", security(("bearer" = [])),
    responses(
        (status = 200, description = "You, your sessions, contacts, waiting mails, unused links and the audit trail.", body = ExportView),
        AuthProblems, LimitProblems, ServerProblems
    )
)]
pub(crate) async fn export_account(ports: web::Data<Ports>, request: Exclusive) -> Answer {
    let export = account::export_account(&ports, &request.principal).await?;
    let view = ExportView::new(&export, request.principal.session.id, &*ports.picture_store);
    drop(export);
    large_response::json(HttpResponse::Ok(), view)
}
