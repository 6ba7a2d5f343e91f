//! The OpenAPI document (3.1): every route, status, error and example.

use std::collections::BTreeMap;

use serde_json::json;
use utoipa::{
    IntoResponses, Modify, OpenApi,
    openapi::{
        Content, Header, OpenApi as Document, Ref, RefOr, Response, ResponseBuilder, Server,
        schema::{ObjectBuilder, Type},
        security::{Flow, HttpAuthScheme, HttpBuilder, OAuth2, Password, Scopes, SecurityScheme},
    },
};

use crate::{
    dto, problem,
    problem::{Code, PROBLEM_JSON},
    routes::{account, contact, service, session},
};

/// The document, but for what is said in [`document`].
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Contacts API",
        description = "A self-hosted address book. Register, prove your e-mail address, sign in, and keep your contacts: \
                       search them, and be told whose birthday is near.\n\n\
                       **Errors** of every kind are `application/problem+json` (RFC 9457) with a stable `code`; a body with \
                       faults is answered with all of them at once. **Ids** are UUIDs, **times** RFC 3339 in UTC.\n\n\
                       To try it here: register, follow the link in the mail, then press *Authorize* and sign in with your \
                       address as `username`.",
        license(name = "GPL-3.0-or-later", identifier = "GPL-3.0-or-later"),
    ),
    paths(
        account::register, account::verify_email, account::resend_verification, account::forgot_password,
        account::reset_password, session::login, session::refresh, session::logout, account::get_me, account::update_me,
        account::delete_account, account::change_avatar, account::remove_avatar, account::change_password, account::request_email_change, account::export_account, session::list_sessions, session::end_session, session::end_other_sessions, contact::list_contacts, contact::create_contact,
        contact::upcoming_birthdays, contact::get_contact, contact::replace_contact, contact::patch_contact,
        contact::delete_contact, service::alive, service::ready, service::openapi,
    ),
    components(schemas(problem::ProblemBody, problem::Fault, dto::contact_view::ContactView)),
    tags(
        (name = "Accounts", description = "Register, prove an address, recover a password."),
        (name = "Sessions", description = "Sign in, refresh, sign out."),
        (name = "Profile", description = "Yourself."),
        (name = "Contacts", description = "Your address book."),
        (name = "Service", description = "The state of the service."),
    ),
    modifiers(&SignIn)
)]
struct Described;

/// The whole document, for a service that people reach at that address.
#[must_use]
pub fn document(public_url: &str) -> Document {
    let mut document = Described::openapi();
    env!("CARGO_PKG_VERSION").clone_into(&mut document.info.version);
    document.servers = Some(vec![Server::new(public_url.trim_end_matches('/'))]);
    document
}

/// How clients prove who they are.
struct SignIn;

impl Modify for SignIn {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some("The `access_token` of a sign-in."))
            .build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let password =
            Flow::Password(Password::with_refresh_url("/api/auth/login", Scopes::new(), "/api/auth/refresh"));
        let sign_in = OAuth2::with_description([password], "Sign in here with your address as `username`.");
        components.add_security_scheme("password", SecurityScheme::OAuth2(sign_in));
        // Each operation that takes the bearer's token may get it either way.
        for item in document.paths.paths.values_mut() {
            let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
            for operation in operations.into_iter().flatten() {
                if let Some(security) = &mut operation.security {
                    let none: [String; 0] = [];
                    security.push(utoipa::openapi::security::SecurityRequirement::new("password", none));
                }
            }
        }
    }
}

macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident: $($code:ident),+;)+) => { $(
        $(#[$doc])*
        pub(crate) struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                responses_of(&[$(Code::$code),+])
            }
        }
    )+ };
}

problems! {
    /// What any signed-in route may answer.
    AuthProblems: Unauthenticated, AccessTokenInvalid, EmailNotVerified;
    /// What a route with a JSON body may answer.
    BodyProblems: MalformedJson, TokenInvalid, BodyTooLarge, UnsupportedMediaType, InvalidBody;
    /// What a route with an upload may answer.
    UploadProblems: BadRequest, BodyTooLarge, UnsupportedMediaType, UnsupportedPicture, InvalidBody, InvalidPicture, PictureTooLarge, PictureStoreRefused;
    /// What a route with parameters may answer.
    ParameterProblems: InvalidParameters;
    /// What a route to one contact may answer.
    ContactProblems: ContactNotFound, InvalidParameters;
    /// What a conditional route may answer.
    PreconditionProblems: ContactChanged;
    /// What a route with a limit may answer.
    LimitProblems: TooManyRequests;
    /// What every route may answer.
    ServerProblems: Internal, Busy, Unavailable;
}

/// One response for each status, its codes as examples.
fn responses_of(codes: &[Code]) -> BTreeMap<String, RefOr<Response>> {
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in codes {
        by_status.entry(code.status().as_u16()).or_default().push(*code);
    }
    by_status.into_iter().map(|(status, codes)| (status.to_string(), RefOr::T(response_of(&codes)))).collect()
}

fn response_of(codes: &[Code]) -> Response {
    let lines = codes.iter().map(|code| format!("`{}`: {}", code.as_str(), code.detail()));
    let mut content = Content::new(Some(Ref::from_schema_name("ProblemBody")));
    content.example = codes.first().map(|code| example_of(*code));
    let mut response =
        ResponseBuilder::new().description(lines.collect::<Vec<_>>().join("\n\n")).content(PROBLEM_JSON, content);
    let mut names: Vec<&str> = Vec::new();
    for code in codes {
        let own: &[&str] = match code {
            Code::TooManyRequests => &["Retry-After", "RateLimit", "RateLimit-Policy"],
            Code::Busy | Code::Unavailable => &["Retry-After"],
            Code::Unauthenticated | Code::AccessTokenInvalid => &["WWW-Authenticate"],
            _ => &[],
        };
        names.extend(own.iter().filter(|name| !names.contains(*name)).collect::<Vec<_>>());
    }
    for name in names {
        response = response.header(name, Header::new(ObjectBuilder::new().schema_type(Type::String)));
    }
    response.build()
}

fn example_of(code: Code) -> serde_json::Value {
    let status = code.status();
    json!({
        "type": "about:blank",
        "title": status.canonical_reason(),
        "status": status.as_u16(),
        "detail": code.detail(),
        "code": code.as_str(),
        "request_id": "0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27",
    })
}
