//! Resources that answer 405 with `Allow` by themselves, and HEAD wherever they answer GET
//! (RFC 9110, 9.3.2 and 15.5.6).

use actix_web::{
    FromRequest, Handler, HttpResponse, Resource, Responder, ResponseError as _, Route, guard,
    http::{
        Method,
        header::{ALLOW, HeaderValue},
    },
    middleware::from_fn,
    web,
};
use domain::limit::Limit;

use crate::{
    limits,
    problem::{Code, Problem},
};

/// A method and its handler.
pub(crate) struct Verb {
    method: Method,
    route: Route,
}

impl Verb {
    fn new<F, Args>(method: Method, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let wanted = method.clone();
        let matches = guard::fn_guard(move |context| {
            let asked = &context.head().method;
            *asked == wanted || (*asked == Method::HEAD && wanted == Method::GET)
        });
        Self { method, route: web::route().guard(matches).to(handler) }
    }

    /// Puts limits in front of the handler.
    pub(crate) fn limited(self, limits: &'static [Limit]) -> Self {
        let keep = from_fn(move |request, next| limits::keep(limits, request, next));
        Self { route: self.route.wrap(keep), ..self }
    }
}

macro_rules! verbs {
    ($($name:ident $method:ident),+) => { $(
        pub(crate) fn $name<F, Args>(handler: F) -> Verb
        where
            F: Handler<Args>,
            Args: FromRequest + 'static,
            F::Output: Responder + 'static,
        {
            Verb::new(Method::$method, handler)
        }
    )+ };
}
verbs!(get GET, post POST, put PUT, patch PATCH, delete DELETE);

/// A path with its methods.
pub(crate) fn resource(path: &str, verbs: impl IntoIterator<Item = Verb>) -> Resource {
    let mut allowed = Vec::new();
    let mut resource = web::resource(path);
    for verb in verbs {
        if verb.method == Method::GET {
            allowed.push(Method::HEAD.to_string());
        }
        allowed.push(verb.method.to_string());
        resource = resource.route(verb.route);
    }
    allowed.sort();
    let allowed = allowed.join(", ");
    resource.default_service(web::to(move || std::future::ready(not_allowed(&allowed))))
}

fn not_allowed(allowed: &str) -> HttpResponse {
    let problem = Problem::new(Code::MethodNotAllowed);
    match HeaderValue::from_str(allowed) {
        Ok(value) => problem.with_header(ALLOW, value).error_response(),
        Err(_) => problem.error_response(),
    }
}
