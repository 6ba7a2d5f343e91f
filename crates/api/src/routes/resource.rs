//! Resources: each responds to other methods with 405 and `Allow`, and handles HEAD wherever it handles GET
//! (RFC 9110, 9.3.2 and 15.5.6).

use actix_web::{
    HttpResponse,
    dev::{HttpServiceFactory, Service as _},
    http::{
        Method,
        header::{ALLOW, HeaderValue},
    },
    web,
};

use super::method_route::MethodRoute;
use crate::{
    problem::{Code, Problem},
    route_pattern,
};

/// Groups routes by path, in the order of their first routes.
pub(crate) fn resources(
    routes: impl IntoIterator<Item = MethodRoute>,
) -> impl Iterator<Item = impl HttpServiceFactory> {
    let mut by_path: Vec<(&str, Vec<MethodRoute>)> = Vec::new();
    for route in routes {
        match by_path.iter_mut().find(|(path, _)| *path == route.path) {
            Some((_, known)) => known.push(route),
            None => by_path.push((route.path, vec![route])),
        }
    }
    by_path.into_iter().map(|(path, routes)| resource(path, routes))
}

fn resource(path: &'static str, routes: Vec<MethodRoute>) -> impl HttpServiceFactory {
    let mut allowed = Vec::new();
    let mut resource = web::resource(path);
    for route in routes {
        if route.method == Method::GET {
            allowed.push(Method::HEAD.to_string());
        }
        allowed.push(route.method.to_string());
        resource = resource.route(route.route);
    }
    allowed.sort();
    let allowed = allowed.join(", ");
    let resource = resource.default_service(web::to(move || std::future::ready(not_allowed(&allowed))));
    resource.wrap_fn(move |request, service| {
        route_pattern::store(&request, path);
        service.call(request)
    })
}

fn not_allowed(allowed: &str) -> HttpResponse {
    let problem = Problem::new(Code::MethodNotAllowed);
    HttpResponse::from_error(match HeaderValue::from_str(allowed) {
        Ok(value) => problem.with_header(ALLOW, value),
        Err(_) => problem,
    })
}
