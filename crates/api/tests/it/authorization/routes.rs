//! All routes, and the credential that each requires.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Credential that a route requires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Needs {
    Nothing,
    Session,
    /// A session, or an app password with this scope.
    Scope(String),
    /// An app password with the scope `carddav`, and its user, by HTTP Basic authentication.
    Dav,
}

/// All routes that need no credential. A route that is not listed here needs one.
const PUBLIC: [&str; 38] = [
    // Operations.
    "POST /api/auth/register",
    "POST /api/auth/verify-email",
    "POST /api/auth/verify-email/resend",
    "POST /api/auth/forgot-password",
    "POST /api/auth/reset-password",
    "POST /api/auth/revert-email",
    "POST /api/auth/login",
    "POST /api/auth/refresh",
    "GET /healthz",
    "GET /readyz",
    "GET /openapi.json",
    // Pages and files.
    "GET /",
    "GET /docs",
    "GET /docs/{tail:.*}",
    "GET /assets/pages.css",
    "GET /assets/icon.svg",
    "GET /favicon.ico",
    "GET /verify-email",
    "POST /verify-email",
    "GET /verify-email/resend",
    "POST /verify-email/resend",
    "GET /reset-password",
    "POST /reset-password",
    "GET /forgot-password",
    "POST /forgot-password",
    "GET /confirm-email",
    "POST /confirm-email",
    "GET /confirm-email/resend",
    "POST /confirm-email/resend",
    "GET /revert-email",
    "POST /revert-email",
    // DAV. Clients look for the server, and ask for its abilities, before they sign in.
    "GET /.well-known/carddav",
    "OPTIONS /.well-known/carddav",
    "PROPFIND /.well-known/carddav",
    "PROPPATCH /.well-known/carddav",
    "REPORT /.well-known/carddav",
    "OPTIONS /dav",
    "OPTIONS /dav/{path:.*}",
];

/// A route.
#[derive(Debug, Clone)]
pub(super) struct Route {
    /// Its method and path, like `GET /api/me`.
    pub(super) name: String,
    pub(super) needs: Needs,
}

impl Route {
    pub(super) fn method(&self) -> &str {
        self.name.split_once(' ').unwrap().0
    }

    pub(super) fn path(&self) -> &str {
        self.name.split_once(' ').unwrap().1
    }
}

/// Returns the routes of the router. The OpenAPI document has the credentials that its operations require. Of the other
/// routes, those of [`PUBLIC`] need nothing, and those below `/dav` an app password. There are no more.
pub(super) fn routes() -> Vec<Route> {
    let documented = documented();
    let names = api::route_names();
    let known: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    assert_eq!(known.len(), names.len(), "two routes have the same method and path: {names:?}");
    let listed = documented.keys().map(String::as_str).chain(PUBLIC);
    let unknown: Vec<&str> = listed.filter(|name| !known.contains(name)).collect();
    assert!(unknown.is_empty(), "documented or public, and not routed: {unknown:?}");
    let needs = |name: &str| {
        let (_, path) = name.split_once(' ').unwrap();
        match documented.get(name) {
            Some(needs) => needs.clone(),
            None if is_below(path, "/api") => panic!("{name} is not documented"),
            None if PUBLIC.contains(&name) => Needs::Nothing,
            None if is_below(path, "/dav") => Needs::Dav,
            None => panic!("{name} is neither documented nor listed in PUBLIC"),
        }
    };
    names.iter().map(|name| Route { needs: needs(name), name: name.clone() }).collect()
}

fn documented() -> BTreeMap<String, Needs> {
    let document = serde_json::to_value(api::document()).unwrap();
    let mut documented = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = format!("{} {path}", method.to_uppercase());
            let needs = needs_of(operation).unwrap_or_else(|| panic!("{name}: {}", operation["security"]));
            assert_eq!(needs, expected(&name), "{name}");
            documented.insert(name, needs);
        }
    }
    documented
}

/// The rule by which operations require a credential: contacts are open to app passwords, and everything else that is
/// not public to sessions only.
fn expected(name: &str) -> Needs {
    let (method, path) = name.split_once(' ').unwrap();
    match method {
        _ if PUBLIC.contains(&name) => Needs::Nothing,
        "GET" if is_below(path, "/api/contacts") => Needs::Scope("api:read".to_owned()),
        _ if is_below(path, "/api/contacts") => Needs::Scope("api:write".to_owned()),
        _ => Needs::Session,
    }
}

fn is_below(path: &str, parent: &str) -> bool {
    path.strip_prefix(parent).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Reads the security requirement of an operation. `None`: it is unknown.
fn needs_of(operation: &Value) -> Option<Needs> {
    let requirements = operation["security"].as_array()?;
    let scheme = |requirement: &Value| requirement.as_object()?.keys().next().cloned();
    let schemes: Vec<String> = requirements.iter().map(scheme).collect::<Option<_>>()?;
    let schemes: Vec<&str> = schemes.iter().map(String::as_str).collect();
    match (schemes.as_slice(), operation["x-app-password-scope"].as_str()) {
        ([], None) => Some(Needs::Nothing),
        (["bearer", "password"], None) => Some(Needs::Session),
        (["bearer", "password", "app_password"], Some(scope)) => Some(Needs::Scope(scope.to_owned())),
        _ => None,
    }
}
