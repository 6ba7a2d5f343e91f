//! All routes, and the credential that each requires.

use std::collections::BTreeMap;

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

/// The method of DAV that needs no credential. Clients ask for the abilities of the server before they sign in.
const PUBLIC_DAV_METHOD: &str = "OPTIONS";

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

/// Returns the routes of the router. The OpenAPI document has the credentials that they require. Others are known by their
/// paths: all below `/dav` need an app password, and the pages nothing.
pub(super) fn routes() -> Vec<Route> {
    let documented = documented();
    let names = api::route_names();
    let unknown: Vec<&String> = documented.keys().filter(|name| !names.contains(name)).collect();
    assert!(unknown.is_empty(), "documented, and not routed: {unknown:?}");
    let needs = |name: &str| {
        let (method, path) = name.split_once(' ').unwrap();
        match documented.get(name) {
            Some(needs) => needs.clone(),
            None if path.starts_with("/api") => panic!("{name} is not documented"),
            None if path.starts_with("/dav") && method != PUBLIC_DAV_METHOD => Needs::Dav,
            None => Needs::Nothing,
        }
    };
    names.into_iter().map(|name| Route { needs: needs(&name), name }).collect()
}

fn documented() -> BTreeMap<String, Needs> {
    let document = serde_json::to_value(api::document()).unwrap();
    let mut documented = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = format!("{} {path}", method.to_uppercase());
            let needs = needs_of(operation).unwrap_or_else(|| panic!("{name}: {}", operation["security"]));
            assert_eq!(needs, expected(method, path), "{name}");
            documented.insert(name, needs);
        }
    }
    documented
}

/// The rule by which operations require a credential: contacts are open to app passwords, and an account never is.
fn expected(method: &str, path: &str) -> Needs {
    let is_below =
        |parent: &str| path.strip_prefix(parent).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    match method {
        "get" if is_below("/api/contacts") => Needs::Scope("api:read".to_owned()),
        _ if is_below("/api/contacts") => Needs::Scope("api:write".to_owned()),
        _ if is_below("/api/me") || path == "/api/auth/logout" => Needs::Session,
        _ => Needs::Nothing,
    }
}

/// Reads the security requirement of an operation. `None`: it is unknown.
fn needs_of(operation: &Value) -> Option<Needs> {
    let requirements = operation["security"].as_array()?;
    let schemes: Vec<&str> =
        requirements.iter().filter_map(|requirement| Some(requirement.as_object()?.keys().next()?.as_str())).collect();
    match (schemes.as_slice(), operation["x-app-password-scope"].as_str()) {
        ([], None) => Some(Needs::Nothing),
        (["bearer", "password"], None) => Some(Needs::Session),
        (["bearer", "password", "app_password"], Some(scope)) => Some(Needs::Scope(scope.to_owned())),
        _ => None,
    }
}
