//! Resources: each responds to other methods with 405 and `Allow`, and handles HEAD wherever it handles GET
//! (RFC 9110, 9.3.2 and 15.5.6).

use actix_web::{
    Error, FromRequest, Handler, HttpResponse, Resource, Responder, Route,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    guard,
    http::{
        Method,
        header::{ALLOW, HeaderValue},
    },
    middleware::{Next, from_fn},
    web,
};
use domain::limit::Limit;

use crate::{
    caller, limits,
    problem::{Code, FieldError, Problem},
};

/// A method and its handler.
pub(crate) struct MethodRoute {
    method: Method,
    route: Route,
    requires_session: bool,
    has_query: bool,
}

impl MethodRoute {
    fn new<F, Args>(method: Method, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let expected = method.clone();
        let matches = guard::fn_guard(move |context| {
            let requested = &context.head().method;
            *requested == expected || (*requested == Method::HEAD && expected == Method::GET)
        });
        Self { method, route: web::route().guard(matches).to(handler), requires_session: false, has_query: false }
    }

    /// Allows query parameters, which the handler parses. All other API routes reject a query: a client that sends
    /// `?dry_run=true` must not cause a real change.
    pub(crate) fn with_query(self) -> Self {
        Self { has_query: true, ..self }
    }

    /// Applies rate limits before the handler runs. A limit by session requires one.
    pub(crate) fn limited(self, limits: &'static [Limit]) -> Self {
        let requires_session = self.requires_session || limits.iter().any(|limit| limit.needs_session());
        let rate_limits = from_fn(move |request, next| limits::keep(limits, request, next));
        Self { route: self.route.wrap(rate_limits), requires_session, ..self }
    }

    /// Requires a session.
    pub(crate) fn signed_in(self) -> Self {
        Self { requires_session: true, ..self }
    }
}

macro_rules! verbs {
    ($($name:ident $method:ident),+) => { $(
        pub(crate) fn $name<F, Args>(handler: F) -> MethodRoute
        where
            F: Handler<Args>,
            Args: FromRequest + 'static,
            F::Output: Responder + 'static,
        {
            MethodRoute::new(Method::$method, handler)
        }
    )+ };
}
verbs!(get GET, post POST, put PUT, patch PATCH, delete DELETE);

/// A path with its methods.
pub(crate) fn resource(path: &str, verbs: impl IntoIterator<Item = MethodRoute>) -> Resource {
    let mut allowed = Vec::new();
    let mut resource = web::resource(path);
    for verb in verbs {
        if verb.method == Method::GET {
            allowed.push(Method::HEAD.to_string());
        }
        allowed.push(verb.method.to_string());
        let may_have_query = verb.has_query || !path.starts_with("/api/");
        let requires_session = verb.requires_session;
        let route = verb.route.wrap(from_fn(move |request, next| caller::identify(requires_session, request, next)));
        let route = if may_have_query { route } else { route.wrap(from_fn(reject_query)) };
        resource = resource.route(route);
    }
    allowed.sort();
    let allowed = allowed.join(", ");
    resource.default_service(web::to(move || std::future::ready(not_allowed(&allowed))))
}

async fn reject_query<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, Error> {
    if request.query_string().is_empty() {
        return next.call(request).await;
    }
    let names = url::form_urlencoded::parse(request.query_string().as_bytes()).take(Problem::MAX_ERRORS);
    let unknown = |name: &str| {
        let detail = "is unknown: this route takes no query parameters; leave it out".to_owned();
        FieldError::new(format!("/{name}"), "unknown-field", detail)
    };
    Err(Problem::parameters(names.map(|(name, _)| unknown(&name)).collect()).into())
}

fn not_allowed(allowed: &str) -> HttpResponse {
    let problem = Problem::new(Code::MethodNotAllowed);
    HttpResponse::from_error(match HeaderValue::from_str(allowed) {
        Ok(value) => problem.with_header(ALLOW, value),
        Err(_) => problem,
    })
}
