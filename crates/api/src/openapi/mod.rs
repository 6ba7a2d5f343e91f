//! The OpenAPI 3.1 document: all routes, statuses, errors and examples.

mod links;
mod references;
mod values;

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use domain::app_password::Scope;
use serde_json::{Value, json};
use utoipa::{
    IntoResponses as _, Modify, OpenApi,
    openapi::{
        Header, OpenApi as Document, RefOr, Response, Schema, Server,
        extensions::Extensions,
        schema::AdditionalProperties,
        security::{Flow, HttpAuthScheme, HttpBuilder, OAuth2, Password, Scopes, SecurityRequirement, SecurityScheme},
    },
};

use self::{
    links::Links,
    references::ErrorReferences,
    values::{RequiredBodies, Values},
};
use crate::{
    caller::Access,
    dto::{
        self,
        bounds::{Bounds, operations},
    },
    problem::{
        self,
        documented::{AuthProblems, LIMIT_HEADERS, LimitProblems},
    },
    routes::{self, LIMITS, access_of, paths},
    settings::Settings,
};

/// The document without its operations and the parts that [`document`] adds.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Contacts API",
        description = "A self-hosted address book. Register, verify your e-mail address and sign in. Then store and search \
                       contacts, and list upcoming birthdays.\n\n\
                       **Errors** are `application/problem+json` (RFC 9457) with a stable `code`. The response to an invalid \
                       body lists all its errors. The HTTP server itself answers a request that is not valid HTTP with 400, \
                       and one with too many or too long headers with 431, both without a body. **Rate limits** are \
                       reported in the headers `RateLimit` and `RateLimit-Policy`, also of errors. Any route may respond 429 to a client that sends too many requests. **Ids** are \
                       UUIDs. **Times** are RFC 3339 in UTC.\n\n\
                       **Headers of every response** are the following, and those at the response. `X-Request-Id` is also in \
                       the log of the service. `Content-Length`, `Content-Type`, `Date`, `Cache-Control`, `Vary`, \
                       `Connection` and `Transfer-Encoding` are those of HTTP. `Access-Control-Allow-Origin` and \
                       `Access-Control-Expose-Headers` are for pages of other websites, and so is \
                       `Access-Control-Allow-Credentials`, which is present if the operator has listed those websites. \
                       `X-Content-Type-Options`, `Referrer-Policy` and, with HTTPS, `Strict-Transport-Security` protect \
                       browsers.\n\n\
                       To try the API on this page, register and follow the link in the mail. Then press *Authorize* and sign \
                       in with your e-mail address as `username`.",
        contact(name = "The operator of this service"),
        license(name = "GPL-3.0-or-later", identifier = "GPL-3.0-or-later"),
    ),
    components(schemas(problem::ProblemBody, problem::FieldError, dto::contact_view::ContactView)),
    tags(
        (name = "Accounts", description = "Registration, verification of e-mail addresses and password recovery."),
        (name = "Sessions", description = "Sign in, refresh tokens and sign out."),
        (name = "App passwords", description = "Passwords for other programs, which sync or read your contacts."),
        (name = "Profile", description = "Your account: profile, avatar, password, e-mail address and export."),
        (name = "Contacts", description = "Your address book."),
        (name = "Trash", description = "Deleted contacts, for 30 days."),
        (name = "Service", description = "The state of the service and its documentation."),
    ),
)]
struct DocumentBase;

/// Returns the OpenAPI document.
#[must_use]
pub fn document() -> Document {
    let mut document = DocumentBase::openapi();
    document.merge(routes::documentation());
    let modifiers: [&dyn Modify; 10] = [
        &CommonProblems,
        &SecuritySchemes,
        &MergedResponses,
        &LimitHeaders,
        &StrictSchemas,
        &Bounds,
        &Values,
        &RequiredBodies,
        &ErrorReferences,
        &Links,
    ];
    for modifier in modifiers {
        modifier.modify(&mut document);
    }
    env!("CARGO_PKG_VERSION").clone_into(&mut document.info.version);
    // The service that serves the document also serves the API.
    document.servers = Some(vec![Server::new("/")]);
    document
}

/// Returns the document of a service, with its name and the page of its operator.
pub(crate) fn document_of(settings: &Settings) -> Document {
    let mut document = document();
    if let Some(name) = &settings.app_name {
        name.clone_into(&mut document.info.title);
    }
    if let (Some(url), Some(contact)) = (&settings.site_url, &mut document.info.contact) {
        contact.url = Some(url.to_string());
    }
    document
}

/// Adds the errors of every operation that requires a credential, and of every rate-limited one.
struct CommonProblems;

impl Modify for CommonProblems {
    fn modify(&self, document: &mut Document) {
        for operation in operations(document) {
            let id = operation.operation_id.as_deref().unwrap_or_default();
            if LIMITS.iter().any(|(limited, limits)| *limited == id && !limits.is_empty()) {
                operation.responses.responses.extend(LimitProblems::responses());
            }
            if access_of(operation) != Access::Public {
                operation.responses.responses.extend(AuthProblems::responses());
            }
        }
    }
}

/// Adds the ways to authenticate.
struct SecuritySchemes;

impl Modify for SecuritySchemes {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some("The `access_token` of the sign-in response."))
            .build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let app_password = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(
                "An app password of `POST /api/me/app-passwords`. It must have the scope `api:read` for `GET`, and `api:write` \
                 for other methods; an operation has it as `x-app-password-scope`.",
            ))
            .build();
        components.add_security_scheme("app_password", SecurityScheme::Http(app_password));
        let password = Flow::Password(Password::new(paths::LOGIN, Scopes::new()));
        let sign_in = OAuth2::with_description([password], "Sign in here with your e-mail address as `username`.");
        components.add_security_scheme("password", SecurityScheme::OAuth2(sign_in));
        for operation in operations(document) {
            let scope = match access_of(operation) {
                Access::Public => {
                    // An empty list: the operation needs no authentication.
                    operation.security = Some(Vec::new());
                    continue;
                }
                Access::Scope(scope) => Some(scope),
                Access::Session | Access::Basic(_) => None,
            };
            operation.security = Some(alternatives(scope));
            if let Some(scope) = scope {
                let extension = Extensions::builder().add(SCOPE, scope.as_str()).build();
                operation.extensions.get_or_insert_default().merge(extension);
            }
        }
    }
}

/// Member of an operation with the scope that an app password must have. A requirement of a bearer scheme has no scopes
/// (OpenAPI 3.0; version 3.1 allows roles, which its linters do not know).
const SCOPE: &str = "x-app-password-scope";

/// Returns the schemes of which an operation with bearer authentication accepts a token.
fn alternatives(scope: Option<Scope>) -> Vec<SecurityRequirement> {
    let app_password = scope.map(|_| "app_password");
    let schemes = ["bearer", "password"].into_iter().chain(app_password);
    schemes.map(|scheme| SecurityRequirement::new(scheme, Vec::<String>::new())).collect()
}

/// Merges the responses of one status. Several groups of problems may define some.
struct MergedResponses;

impl Modify for MergedResponses {
    fn modify(&self, document: &mut Document) {
        for operation in operations(document) {
            let responses = &mut operation.responses.responses;
            for (key, response) in std::mem::take(responses) {
                let status = key.split(' ').next().unwrap_or_default().to_owned();
                match responses.entry(status) {
                    Entry::Vacant(free) => {
                        free.insert(response);
                    }
                    Entry::Occupied(mut known) => merge(known.get_mut(), response),
                }
            }
        }
    }
}

fn merge(known: &mut RefOr<Response>, more: RefOr<Response>) {
    let (RefOr::T(known), RefOr::T(more)) = (known, more) else { return };
    known.description.push_str("\n\n");
    known.description.push_str(&more.description);
    known.headers.extend(more.headers);
    for (media_type, content) in more.content {
        match (known.content.get_mut(&media_type), content) {
            (Some(RefOr::T(known)), RefOr::T(more)) => known.examples.extend(more.examples),
            (_, content) => {
                known.content.insert(media_type, content);
            }
        }
    }
}

/// Adds the rate limit headers to successful responses of rate-limited operations.
struct LimitHeaders;

impl Modify for LimitHeaders {
    fn modify(&self, document: &mut Document) {
        for operation in operations(document) {
            let responses = &mut operation.responses.responses;
            if !responses.contains_key("429") {
                continue;
            }
            for (_, response) in responses.iter_mut().filter(|(status, _)| status.starts_with('2')) {
                if let RefOr::T(response) = response {
                    let headers = LIMIT_HEADERS.map(|name| (name.to_owned(), RefOr::T(Header::default())));
                    response.headers.extend(headers);
                }
            }
        }
    }
}

/// Adds rules for all schemas of a kind: request bodies reject unknown fields, and responses contain every field, even
/// if it is null.
struct StrictSchemas;

impl Modify for StrictSchemas {
    fn modify(&self, document: &mut Document) {
        let (mut bodies, mut views) = (Vec::new(), Vec::new());
        for operation in operations(document) {
            if let Some(RefOr::T(body)) = &operation.request_body {
                bodies.extend(body.content.values().map(|content| json!(content)));
            }
            for response in operation.responses.responses.values() {
                if let RefOr::T(response) = response {
                    views.extend(response.content.get("application/json").map(|content| json!(content)));
                }
            }
        }
        let Some(components) = &mut document.components else { return };
        for name in schemas_of(bodies, &components.schemas) {
            if let Some(RefOr::T(Schema::Object(body))) = components.schemas.get_mut(&name) {
                body.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
            }
        }
        for name in schemas_of(views, &components.schemas) {
            if let Some(RefOr::T(Schema::Object(view))) = components.schemas.get_mut(&name) {
                view.required = view.properties.keys().cloned().collect();
            }
        }
    }
}

/// Returns the names of the schemas that these parts of the document reference, directly or indirectly.
fn schemas_of(mut parts: Vec<Value>, schemas: &BTreeMap<String, RefOr<Schema>>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    while let Some(part) = parts.pop() {
        let name = part.get("$ref").and_then(Value::as_str).and_then(|reference| reference.rsplit('/').next());
        if let Some(name) = name
            && names.insert(name.to_owned())
        {
            parts.extend(schemas.get(name).map(|schema| json!(schema)));
        }
        match part {
            Value::Object(fields) => parts.extend(fields.into_iter().map(|(_, value)| value)),
            Value::Array(items) => parts.extend(items),
            _ => {}
        }
    }
    names
}
