//! Routes: a path, a method and a handler, behind the rate limits.

use std::collections::HashMap;

use actix_web::{
    Error, FromRequest, Handler, Responder, Route,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    guard,
    http::Method,
    middleware::{Next, from_fn},
    web,
};
use domain::{app_password::Scope, contact::pointer_token, limit::Limit};
use utoipa::openapi::{
    OpenApi, RefOr,
    path::{self, ParameterIn, PathItem},
    security::SecurityRequirement,
};

use crate::{
    caller::{self, Access},
    limits,
    problem::{FieldError, Problem},
};

/// A path, a method and a handler.
pub(crate) struct MethodRoute {
    pub(super) path: &'static str,
    pub(super) method: Method,
    pub(super) route: Route,
}

/// Documented operation.
pub(super) struct Operation {
    path: String,
    method: Method,
    access: Access,
    /// True when the handler parses query parameters.
    has_query: bool,
}

/// Documented operations, by operation id: the name of the handler.
pub(super) type Operations = HashMap<String, Operation>;

/// Reads the operations from an OpenAPI document.
pub(super) fn operations_in(document: &OpenApi) -> Operations {
    document.paths.paths.iter().flat_map(|(path, item)| operations_of(path, item)).collect()
}

fn operations_of(path: &str, item: &PathItem) -> Vec<(String, Operation)> {
    let methods = [
        (Method::GET, &item.get),
        (Method::POST, &item.post),
        (Method::PUT, &item.put),
        (Method::PATCH, &item.patch),
        (Method::DELETE, &item.delete),
    ];
    let named = |(method, operation): (Method, &Option<path::Operation>)| {
        let operation = operation.as_ref()?;
        let mut parameters = operation.parameters.iter().flatten();
        let has_query = parameters
            .any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Query));
        let access = access_of(operation);
        Some((operation.operation_id.clone()?, Operation { path: path.to_owned(), method, access, has_query }))
    };
    methods.into_iter().filter_map(named).collect()
}

/// Returns the credential that an operation requires, from its security requirement. `bearer` with a scope is a session,
/// or an app password with this scope. Every other requirement is a session, so that a mistake in it rejects app passwords.
fn access_of(operation: &path::Operation) -> Access {
    let Some(security) = &operation.security else { return Access::Public };
    app_password_scope(security).map_or(Access::Session, Access::Scope)
}

/// Returns the scope of an app password that an operation accepts. A session has all scopes.
pub(crate) fn app_password_scope(required: &[SecurityRequirement]) -> Option<Scope> {
    let is_required = |scope: &Scope| required.contains(&SecurityRequirement::new("bearer", [scope.as_str()]));
    Scope::ALL.into_iter().find(is_required)
}

impl MethodRoute {
    /// Creates a route that the OpenAPI document does not contain.
    pub(crate) fn new<F, Args>(
        method: Method,
        path: &'static str,
        access: Access,
        handler: F,
        limits: &'static [Limit],
    ) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        Self { path, route: route(method.clone(), access, handler, limits), method }
    }

    /// Returns the method and the path, like `GET /api/me`.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Creates the route of a documented operation. A request without the credential that the operation requires is
    /// rejected. A query is rejected if the operation has no query parameters: a client that sends `?dry_run=true`
    /// must not cause a real change.
    ///
    /// # Panics
    /// When the operation is not documented.
    #[expect(clippy::panic, reason = "impossible: one macro makes the route and its documentation")]
    pub(super) fn of_operation<F, Args>(
        known: &'static Operations,
        id: &str,
        handler: F,
        limits: &'static [Limit],
    ) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let Some(operation) = known.get(id) else { panic!("{id} is not documented") };
        let Operation { path, method, access, has_query } = operation;
        let route = route(method.clone(), *access, handler, limits);
        let route = if *has_query || !path.starts_with("/api/") { route } else { route.wrap(from_fn(reject_query)) };
        Self { path, method: method.clone(), route }
    }
}

/// Creates the route of a page.
pub(super) fn page<F, Args>(method: Method, path: &'static str, handler: F, limits: &'static [Limit]) -> MethodRoute
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    MethodRoute::new(method, path, Access::Public, handler, limits)
}

/// Identifies the caller, checks the limits, and runs the handler.
fn route<F, Args>(method: Method, access: Access, handler: F, limits: &'static [Limit]) -> Route
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    let matches = guard::fn_guard(move |context| {
        let requested = &context.head().method;
        *requested == method || (*requested == Method::HEAD && method == Method::GET)
    });
    web::route()
        .guard(matches)
        .to(handler)
        .wrap(from_fn(move |request, next| limits::enforce(limits, request, next)))
        .wrap(from_fn(move |request, next| caller::identify(access, request, next)))
}

async fn reject_query<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, Error> {
    if request.query_string().is_empty() {
        return next.call(request).await;
    }
    let names = url::form_urlencoded::parse(request.query_string().as_bytes()).take(Problem::MAX_ERRORS);
    let unknown = |name: &str| {
        let detail = "is unknown: this route takes no query parameters; leave it out".to_owned();
        FieldError::new(format!("/{}", pointer_token(name)), "unknown-field", detail)
    };
    Err(Problem::parameters(names.map(|(name, _)| unknown(&name)).collect()).into())
}
