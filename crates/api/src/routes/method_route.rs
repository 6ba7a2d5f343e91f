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

/// Returns the credential that an operation requires, from the security requirement of its attribute. `security(())` is
/// none. `bearer` with a scope is a session, or an app password with this scope. Everything else is a session, also an
/// attribute without `security`: an omission must not make an operation public.
pub(crate) fn access_of(operation: &path::Operation) -> Access {
    let required = operation.security.as_deref().unwrap_or_default();
    if *required == [SecurityRequirement::default()] {
        return Access::Public;
    }
    let is_required = |scope: &Scope| required.contains(&SecurityRequirement::new("bearer", [scope.as_str()]));
    Scope::ALL.into_iter().find(is_required).map_or(Access::Session, Access::Scope)
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

/// Creates the route of a page or of a file. It requires no credential, because a browser sends none.
pub(super) fn public_page<F, Args>(
    method: Method,
    path: &'static str,
    handler: F,
    limits: &'static [Limit],
) -> MethodRoute
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

#[cfg(test)]
mod tests {
    use utoipa::openapi::path::OperationBuilder;

    use super::*;

    fn access(security: Option<Vec<SecurityRequirement>>) -> Access {
        access_of(&OperationBuilder::new().securities(security).build())
    }

    fn bearer(scopes: &[&str]) -> SecurityRequirement {
        SecurityRequirement::new("bearer", scopes.iter().copied())
    }

    #[test]
    fn operation_without_a_security_requirement_requires_a_session() {
        assert_eq!(access(None), Access::Session);
        assert_eq!(access(Some(Vec::new())), Access::Session);
    }

    #[test]
    fn operation_is_public_by_one_empty_requirement_only() {
        let empty = SecurityRequirement::default;
        assert_eq!(access(Some(vec![empty()])), Access::Public);
        for required in [vec![empty(), empty()], vec![empty(), bearer(&[])], vec![bearer(&[]), empty()]] {
            assert_eq!(access(Some(required)), Access::Session);
        }
    }

    #[test]
    fn bearer_with_a_known_scope_accepts_app_passwords() {
        for scope in Scope::ALL {
            assert_eq!(access(Some(vec![bearer(&[scope.as_str()])])), Access::Scope(scope));
        }
        let others: [&[&str]; 3] = [&[], &["api:other"], &["api:read", "api:write"]];
        for scopes in others {
            assert_eq!(access(Some(vec![bearer(scopes)])), Access::Session, "{scopes:?}");
        }
    }
}
