//! Invalid settings and hidden secrets.

use std::collections::{BTreeMap, HashMap};

use api::settings::{
    AllowedOrigins, DatabasePooler, EXAMPLE_SECRET, Sampling, Settings, TRACE_VARIABLES, Traces, variables,
};
use secrecy::ExposeSecret as _;

const SECRET: &str = "tests-only-0123456789abcdefghijklmnopqrstuvwxyz";

fn read(variables: &[(&str, &str)]) -> Result<Settings, String> {
    let variables: HashMap<String, String> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Settings::from_variables(variables).map_err(|error| error.to_string())
}

#[test]
fn only_jwt_secret_is_required() {
    let settings = read(&[("JWT_SECRET", SECRET), ("PASSWORD_PEPPER", ""), ("UNRELATED", "x")]).unwrap();
    assert_eq!((settings.host.to_string(), settings.port), ("127.0.0.1".to_owned(), 8000));
    assert_eq!((settings.contact_limit, settings.bcrypt_cost), (100, 12));
    assert_eq!(settings.cors_allowed_origins, AllowedOrigins::Any);
    assert_eq!(settings.database_pooler, DatabasePooler::Session);
    assert!(settings.password_pepper.is_none() && settings.smtp_url.is_none());
    assert_eq!(settings.metrics_address, None);
    let me = settings.rate_limits.me.unwrap();
    assert_eq!((me.limit(), me.window().as_secs()), (10, 60));
    let dav = settings.rate_limits.dav.unwrap();
    assert_eq!((dav.limit(), dav.window().as_secs(), dav.interval_micros()), (3000, 30, 10_000));
    assert_eq!((settings.access_token_ttl.num_minutes(), settings.refresh_token_ttl.num_days()), (15, 30));
    assert_eq!(settings.unverified_account_ttl.num_days(), 7);
}

#[test]
fn default_database_is_in_the_data_folder() {
    let url = |variables: &[(&str, &str)]| {
        let settings = read(&[&[("JWT_SECRET", SECRET)], variables].concat()).unwrap();
        settings.database_url.expose_secret().to_owned()
    };
    assert_eq!(url(&[]), "sqlite://data/contacts.db?mode=rwc");
    assert_eq!(url(&[("DATA_DIR", "/var/lib/a b?c")]), "sqlite:///var/lib/a%20b%3Fc/contacts.db?mode=rwc");
    assert_eq!(url(&[("DATA_DIR", "x"), ("DATABASE_URL", "postgres://y/z")]), "postgres://y/z");
    let settings = read(&[("JWT_SECRET", SECRET), ("DATA_DIR", "x"), ("SITE_URL", " https://a.example/b ")]).unwrap();
    assert_eq!((settings.mail_folder(), settings.media_folder()), ("x/mail".into(), "x/media".into()));
    assert_eq!((settings.site_url.unwrap().as_str(), settings.app_name), ("https://a.example/b", None));
}

#[test]
fn pooler_mode_is_session_or_transaction() {
    for (value, mode) in [("session", DatabasePooler::Session), ("transaction", DatabasePooler::Transaction)] {
        assert_eq!(read(&[("JWT_SECRET", SECRET), ("DATABASE_POOLER", value)]).unwrap().database_pooler, mode);
    }
}

#[test]
fn each_settings_error_names_its_variable() {
    let cases = [
        ("JWT_SECRET", ""),
        ("JWT_SECRET", "hunter2-hunter2"),
        ("JWT_SECRET", "change-me-change-me-change-me-change-me"),
        ("JWT_SECRET", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ("JWT_PREVIOUS_SECRET", "hunter2-hunter2"),
        ("PASSWORD_PEPPER", "hunter2-hunter2"),
        ("HOST", "localhost!"),
        ("PORT", "65536"),
        ("PUBLIC_URL", "address-book.example.net"),
        ("PUBLIC_URL", "https://example.com/?x"),
        ("PUBLIC_URL", "https://example.com/path"),
        ("PUBLIC_URL", "https://user:word@example.org"),
        ("DATABASE_POOLER", "statement"),
        ("RATE_LIMIT_ME", "4000000000/s"),
        ("CONTACT_LIMIT", "-1"),
        ("BCRYPT_COST", "4"),
        ("BCRYPT_COST", "16"),
        ("ACCESS_TOKEN_TTL", "15"),
        ("ACCESS_TOKEN_TTL", "0s"),
        ("REFRESH_TOKEN_TTL", "10 years"),
        ("UNVERIFIED_ACCOUNT_TTL", "0s"),
        ("RATE_LIMIT_ME", "10"),
        ("RATE_LIMIT_LOGIN", "0/m"),
        ("RATE_LIMIT_MAIL", "3/w"),
        ("RATE_LIMIT_REFRESH", "60"),
        ("RATE_LIMIT_FLOOD", "200"),
        ("RATE_LIMIT_DAV", "300/31"),
        ("RATE_LIMIT_DAV", "3000/0s"),
        ("RATE_LIMIT_DAV", "3000/2d"),
        ("RATE_LIMIT_DAV", "3000/-1s"),
        ("RATE_LIMIT_APP_PASSWORD", "60/"),
        ("CORS_ALLOWED_ORIGINS", "https://a.example/path"),
        ("CORS_ALLOWED_ORIGINS", "a.example"),
        ("TRUSTED_PROXIES", "10.0.0.0/33"),
        ("METRICS_ADDR", "localhost"),
        ("METRICS_ADDR", "10.9.8.7"),
        ("METRICS_ADDR", ":9999"),
        ("SHUTDOWN_GRACE", "soon"),
        ("SHUTDOWN_GRACE", "6m"),
        ("LOG_FORMAT", "xml"),
        ("RUST_LOG", "loudly"),
        ("REGISTRATION", "friends"),
        ("APP_NAME", "two\u{1}lines"),
        ("SITE_URL", "app.example.net"),
        ("SITE_URL", "https://user:word@example.org/"),
        ("SMTP_URL", "smtp://127.0.0.1:25"),
    ];
    for (variable, value) in cases {
        let rejected = read(&[("JWT_SECRET", SECRET), (variable, value)]).unwrap_err();
        let named = if variable == "SMTP_URL" { "MAIL_FROM" } else { variable };
        assert!(rejected.starts_with(named) && rejected.lines().count() == 1, "{variable}={value}: {rejected}");
        assert!(
            value.is_empty() || value.len() < 5 || !rejected.contains(value),
            "the value is not repeated: {rejected}"
        );
    }
    let both = read(&[("JWT_SECRET", "short"), ("PORT", "x")]).unwrap_err();
    assert_eq!(both.lines().count(), 2, "all errors at once: {both}");
}

#[test]
fn settings_debug_output_hides_secrets() {
    let settings = read(&[
        ("JWT_SECRET", SECRET),
        ("JWT_PREVIOUS_SECRET", "previous-0123456789abcdefghijklmnopqrst"),
        ("PASSWORD_PEPPER", "pepper-0123456789abcdefghijklmnopqrstuvw"),
        ("DATABASE_URL", "postgres://contacts:dbpassword@localhost/contacts"),
        ("SMTP_URL", "smtps://user:mailpassword@mail.example.com"),
        ("MAIL_FROM", "no-reply@example.com"),
        ("CLOUDINARY_URL", "cloudinary://key:cloudsecret@cloud"),
        ("REDIS_URL", "redis://:redissecret@localhost"),
    ]);
    let shown = format!("{:?}", settings.unwrap());
    for secret in ["tests-only", "previous-", "pepper-", "dbpassword", "mailpassword", "cloudsecret", "redissecret"] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}

/// The variables of a table, each with its default when that is a value.
fn rows(text: &str) -> BTreeMap<String, Option<&str>> {
    text.lines()
        .filter_map(|line| {
            let (name, rest) = line.strip_prefix("| `")?.split_once("` | ")?;
            let quoted = rest.strip_prefix('`').and_then(|rest| rest.split_once('`'));
            let is_whole = |rest: &str| rest.starts_with(" |");
            Some((name.to_owned(), quoted.and_then(|(default, rest)| is_whole(rest).then_some(default))))
        })
        .collect()
}

fn traces(variables: &[(&str, &str)]) -> Traces {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Traces::from_variables(&variables.collect())
}

const COLLECTOR: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318");

#[test]
fn opentelemetry_variables_configure_trace_export() {
    assert!(traces(&[]).sending.is_none() && traces(&[]).errors.is_empty());
    let defaults = traces(&[COLLECTOR, ("OTEL_SERVICE_NAME", " ")]);
    let sending = defaults.sending.unwrap();
    assert_eq!((defaults.errors, sending.endpoint.as_str()), (vec![], "http://collector:4318/v1/traces"));
    assert_eq!((sending.service.as_str(), sending.resource, sending.headers.len()), ("contacts-api", vec![], 0));
    assert_eq!(sending.sampling, Sampling { by_parent: true, share: 1.0 });

    let chosen = traces(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector.example/in/?x=1"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-key = a%3Db%2Cc , authorization=Basic%20x="),
        ("OTEL_RESOURCE_ATTRIBUTES", "service.name=book,host.name=a"),
        ("OTEL_TRACES_SAMPLER", "traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "0.25"),
        ("OTEL_SDK_DISABLED", "False"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "none"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "20"),
    ]);
    let sending = chosen.sending.unwrap();
    assert_eq!((chosen.errors, sending.endpoint.as_str()), (vec![], "https://collector.example/in/v1/traces?x=1"));
    let headers: Vec<_> = sending.headers.iter().map(|(name, value)| (name.as_str(), value.expose_secret())).collect();
    assert_eq!(headers, [("x-key", "a=b,c"), ("authorization", "Basic x=")]);
    assert_eq!(sending.service, "book");
    assert_eq!(sending.sampling, Sampling { by_parent: false, share: 0.25 });
    let debug = format!("{:?}", sending.headers);
    assert!(!debug.contains("a=b") && !debug.contains("Basic"), "{debug}");
}

#[test]
fn invalid_trace_variable_is_reported_without_stopping_the_service() {
    let cases = [
        // variable, value, true when traces are still sent
        ("OTEL_SDK_DISABLED", "hunter2", true),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "hunter2", false),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "grpc://hunter2:4317", false),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://hunter2@collector", false),
        ("OTEL_EXPORTER_OTLP_HEADERS", "hunter2", true),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a b=hunter2", true),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=hunter2%0A", true),
        ("OTEL_RESOURCE_ATTRIBUTES", "hunter2", true),
        ("OTEL_TRACES_SAMPLER", "hunter2", true),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "hunter2", true),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "hunter2", true),
        ("OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "/hunter2.pem", true),
    ];
    for (variable, value, is_sent) in cases {
        let settings = traces(&[COLLECTOR, (variable, value)]);
        assert_eq!(
            (settings.sending.is_some(), settings.errors.len()),
            (is_sent, 1),
            "{variable}={value}: {settings:?}"
        );
        assert!(
            settings.errors[0].starts_with(variable) && !format!("{settings:?}").contains("hunter2"),
            "{settings:?}"
        );
    }
    let ratio = [COLLECTOR, ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "1.5")];
    assert_eq!(traces(&ratio).errors.len(), 1);
    assert!(read(&[("JWT_SECRET", SECRET), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"), COLLECTOR]).is_ok());
}

/// Each variable with its default in two documents: a table, and a file of settings.
#[test]
fn each_variable_is_documented_with_its_default() {
    let variables = variables();
    let known: BTreeMap<String, Option<&str>> =
        variables.iter().map(|(name, default)| (name.to_ascii_uppercase(), default.as_deref())).collect();

    let (ours, of_traces) = include_str!("../../../../docs/configuration.md").split_once("\n## Traces\n").unwrap();
    assert_eq!(rows(ours), known, "docs/configuration.md");
    let known_of_traces = TRACE_VARIABLES.iter().map(|(name, default)| ((*name).to_owned(), *default)).collect();
    assert_eq!(rows(of_traces), known_of_traces, "docs/configuration.md, traces");

    // The others have an example instead of a default.
    let examples = ["PUBLIC_URL", "MAIL_FROM"];
    // These belong to docker-compose.yml.
    let of_compose = ["POSTGRES_PASSWORD", "REDIS_PASSWORD", "COMPOSE_PROFILES", "COMPOSE_SUBNET"];
    let lines = include_str!("../../../../.env.example").lines().filter_map(|line| {
        let (name, value) = line.trim_start_matches("# ").split_once('=')?;
        let is_name = name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        let is_default = !value.is_empty() && !value.contains(EXAMPLE_SECRET) && !examples.contains(&name);
        (is_name && !of_compose.contains(&name)).then(|| (name.to_owned(), is_default.then_some(value)))
    });
    assert_eq!(lines.collect::<BTreeMap<_, _>>(), known, ".env.example");
}
