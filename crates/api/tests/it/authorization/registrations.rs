//! Calls in the sources that add something to a server. [`api::route_names`] has only the routes of `method_routes`, so
//! everything else that answers requests needs a test of its own.

use std::path::{Path, PathBuf};

use super::stored::files;

/// Calls that add something to a server, or make a server.
const CALLS: [&str; 12] = [
    ".service(",
    "::service(",
    ".route(",
    "::route(",
    ".default_service(",
    "::default_service(",
    ".configure(",
    "::configure(",
    "resources(",
    "App::new(",
    "HttpServer::new(",
    "HttpService::build(",
];

/// Tests, by name. The first one covers the routes of [`api::route_names`].
const ROUTES: &str = "each_route_has_a_request";
const UNKNOWN_ROUTES: &str = "unknown_route_or_method_is_rejected";
const METRICS: &str = "metrics_listener_is_optional_and_serves_only_metrics";

/// Each line of the sources with such a call: its file, the line, and the test that covers what it adds. The test of a
/// new line shows which callers get an answer.
const REGISTRATIONS: [(&str, &str, &str); 17] = [
    ("app.rs", "routes::configure(config);", ROUTES),
    ("app.rs", "dav::configure(config);", ROUTES),
    (
        "app.rs",
        r#"config.service(Files::new("/media", state.settings.media_folder()));"#,
        "media_route_serves_only_pictures",
    ),
    (
        "app.rs",
        "config.default_service(web::to(|| async { HttpResponse::from_error(Problem::new(Code::NotFound)) }));",
        UNKNOWN_ROUTES,
    ),
    ("connections/mod.rs", "HttpService::build()", ROUTES),
    ("dav/mod.rs", "for resource in resources(method_routes()) {", ROUTES),
    ("dav/mod.rs", "config.service(resource);", ROUTES),
    ("metrics/listener.rs", "let server = HttpServer::new(move || {", METRICS),
    (
        "metrics/listener.rs",
        r#"App::new().app_data(scrape.clone()).route("/metrics", web::route().guard(is_read).to(metrics))"#,
        METRICS,
    ),
    ("routes/method_route.rs", "web::route()", ROUTES),
    ("routes/mod.rs", "for resource in resources(method_routes()) {", ROUTES),
    ("routes/mod.rs", "config.service(resource);", ROUTES),
    ("routes/resource.rs", "pub(crate) fn resources(", ROUTES),
    ("routes/resource.rs", "resource = resource.route(route.route);", ROUTES),
    (
        "routes/resource.rs",
        "let resource = resource.default_service(web::to(move || std::future::ready(not_allowed(&allowed))));",
        UNKNOWN_ROUTES,
    ),
    ("server.rs", "App::new()", ROUTES),
    ("server.rs", ".configure(|config| app::configure(config, &state))", ROUTES),
];

#[test]
fn each_registration_is_listed_with_its_test() {
    let mut listed: Vec<(String, String)> =
        REGISTRATIONS.iter().map(|(file, line, _)| ((*file).to_owned(), (*line).to_owned())).collect();
    listed.sort();
    assert_eq!(registrations(), listed, "the sources, and the table in registrations.rs");
    let tests: String = sources(&folder("tests/it")).into_iter().map(|(_, text)| text).collect();
    for (file, line, test) in REGISTRATIONS {
        assert!(tests.contains(&format!("fn {test}(")), "{file}: {line}: there is no test {test}");
    }
}

/// Returns the lines with calls of [`CALLS`], sorted, each with its file. Unit tests are left out.
fn registrations() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (file, text) in sources(&folder("src")) {
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let code = code.lines().map(str::trim).filter(|line| !line.starts_with("//"));
        let lines = code.filter(|line| CALLS.iter().any(|call| line.contains(*call)));
        found.extend(lines.map(|line| (file.clone(), line.to_owned())));
    }
    found.sort();
    found
}

/// Returns a folder of this crate.
fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Returns the files with code below a folder: their paths from there, and their texts.
fn sources(root: &Path) -> Vec<(String, String)> {
    let files = files(root).into_iter().filter(|(path, _)| path.extension().is_some_and(|extension| extension == "rs"));
    let name = |path: &Path| path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
    files.map(|(path, bytes)| (name(&path), String::from_utf8(bytes).unwrap())).collect()
}
