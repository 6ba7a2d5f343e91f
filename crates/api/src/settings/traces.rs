//! Settings of traces, from the variables of OpenTelemetry.
//!
//! These variables mean the same in every service of an operator, and may be set for all services at once. As
//! OpenTelemetry requires, an invalid value does not stop the start. It is logged, and then its default is used or no
//! traces are sent.

use std::collections::HashMap;

use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use url::Url;

/// Names of the variables that are read, each with its default.
pub const TRACE_VARIABLES: &[(&str, Option<&str>)] = &[
    (DISABLED, Some("false")),
    (ENDPOINT, None),
    (HEADERS, None),
    (SERVICE, Some("contacts-api")),
    (RESOURCE, None),
    (SAMPLER, Some("parentbased_always_on")),
    (SAMPLER_ARGUMENT, Some("1.0")),
];

const DISABLED: &str = "OTEL_SDK_DISABLED";
const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const HEADERS: &str = "OTEL_EXPORTER_OTLP_HEADERS";
const SERVICE: &str = "OTEL_SERVICE_NAME";
const RESOURCE: &str = "OTEL_RESOURCE_ATTRIBUTES";
const SAMPLER: &str = "OTEL_TRACES_SAMPLER";
const SAMPLER_ARGUMENT: &str = "OTEL_TRACES_SAMPLER_ARG";
/// Prefix of the variables of the queue. The OpenTelemetry library reads them itself, from the environment only.
const QUEUE: &str = "OTEL_BSP_";

/// Result of reading the variables of OpenTelemetry.
#[derive(Debug, Clone, Default)]
pub struct Traces {
    /// Settings of the export; `None` when no traces are sent.
    pub sending: Option<TraceSettings>,
    /// Errors of the variables, one line each. They contain no values, because a value may be a secret.
    pub errors: Vec<String>,
}

/// Settings of the export of traces. `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct TraceSettings {
    /// URL of the collector for traces.
    pub endpoint: Url,
    /// Additional headers for the collector, such as an API key.
    pub headers: Vec<(String, SecretString)>,
    /// Name of the service in traces.
    pub service: String,
    /// Other attributes of the service.
    pub resource: Vec<(String, String)>,
    /// Sampling of requests.
    pub sampling: Sampling,
}

/// Selection of the requests that are traced.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampling {
    /// True when a request with a parent trace follows the decision of its parent.
    pub by_parent: bool,
    /// Share of the other requests that is traced, from 0 to 1.
    pub share: f64,
}

impl Traces {
    /// Parses the variables. An empty variable counts as absent.
    #[must_use]
    pub fn from_variables(variables: &HashMap<String, String>) -> Self {
        let mut reader = Reader { variables, errors: Vec::new() };
        let sending = reader.settings();
        Self { sending, errors: reader.errors }
    }
}

struct Reader<'a> {
    variables: &'a HashMap<String, String>,
    errors: Vec<String>,
}

impl<'a> Reader<'a> {
    fn settings(&mut self) -> Option<TraceSettings> {
        let is_disabled = self.is_disabled();
        let endpoint = self.endpoint().filter(|_| !is_disabled)?;
        self.report_unsupported();
        let resource = self.pairs(RESOURCE);
        let named = resource.iter().find(|(name, _)| name == "service.name").map(|(_, value)| value.clone());
        Some(TraceSettings {
            endpoint,
            headers: self.headers(),
            service: self.text(SERVICE).map(str::to_owned).or(named).unwrap_or_else(|| "contacts-api".to_owned()),
            resource,
            sampling: self.sampling(),
        })
    }

    /// Reports the other variables of OpenTelemetry that are set. A disabled one, with the value `none`, is fine.
    fn report_unsupported(&mut self) {
        let is_known = |name: &str| name.starts_with(QUEUE) || TRACE_VARIABLES.iter().any(|(known, _)| *known == name);
        let mut unsupported: Vec<_> = self.variables.keys().filter(|name| name.starts_with("OTEL_")).collect();
        unsupported.retain(|name| !is_known(name) && self.text(name).is_some_and(|text| text != "none"));
        unsupported.sort();
        for name in unsupported {
            self.report(name, "is not supported and has no effect");
        }
    }

    fn text(&self, name: &str) -> Option<&'a str> {
        self.variables.get(name).map(|text| text.trim()).filter(|text| !text.is_empty())
    }

    fn report(&mut self, variable: &str, hint: &str) {
        self.errors.push(format!("{variable} {hint}"));
    }

    fn is_disabled(&mut self) -> bool {
        match self.text(DISABLED).map(str::to_ascii_lowercase).as_deref() {
            Some("true") => true,
            None | Some("false") => false,
            Some(_) => {
                self.report(DISABLED, "must be true or false; false is used");
                false
            }
        }
    }

    fn endpoint(&mut self) -> Option<Url> {
        let text = self.text(ENDPOINT)?;
        let is_address = |url: &Url| {
            matches!(url.scheme(), "http" | "https")
                && url.has_host()
                && url.username().is_empty()
                && url.password().is_none()
        };
        let Some(mut url) = Url::parse(text).ok().filter(is_address) else {
            self.report(ENDPOINT, "must be a URL like http://collector:4318, without a password; no traces are sent");
            return None;
        };
        let path = format!("{}/v1/traces", url.path().trim_end_matches('/'));
        url.set_path(&path);
        Some(url)
    }

    fn headers(&mut self) -> Vec<(String, SecretString)> {
        let pairs = self.pairs(HEADERS);
        let is_header = |(key, value): &(String, String)| {
            let is_name = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
            is_name && value.bytes().all(|byte| (b' '..=b'~').contains(&byte))
        };
        let count = pairs.len();
        let headers: Vec<_> = pairs.into_iter().filter(is_header).collect();
        if headers.len() < count {
            self.report(HEADERS, "contains an invalid header, which is ignored");
        }
        headers.into_iter().map(|(key, value)| (key, SecretString::from(value))).collect()
    }

    /// Parses a list like `name=value,name=value` with percent-encoded values.
    fn pairs(&mut self, name: &str) -> Vec<(String, String)> {
        let parts = self.text(name).unwrap_or_default().split(',').map(str::trim).filter(|part| !part.is_empty());
        let read = |part: &str| {
            let (key, value) = part.split_once('=')?;
            let value = percent_decode_str(value.trim()).decode_utf8().ok()?;
            let key = key.trim();
            (!key.is_empty()).then(|| (key.to_owned(), value.into_owned()))
        };
        let pairs: Vec<_> = parts.map(read).collect();
        if pairs.contains(&None) {
            self.report(name, "must be a list like name=value,name=value; invalid items are ignored");
        }
        pairs.into_iter().flatten().collect()
    }

    fn sampling(&mut self) -> Sampling {
        let sampler = self.text(SAMPLER).map(str::to_ascii_lowercase);
        let sampler = sampler.as_deref().unwrap_or("parentbased_always_on");
        let (by_parent, own) = sampler.strip_prefix("parentbased_").map_or((false, sampler), |own| (true, own));
        let share = match own {
            "always_on" => 1.0,
            "always_off" => 0.0,
            "traceidratio" => self.share(),
            _ => {
                self.report(SAMPLER, "is not a supported sampler; parentbased_always_on is used");
                return Sampling { by_parent: true, share: 1.0 };
            }
        };
        Sampling { by_parent, share }
    }

    fn share(&mut self) -> f64 {
        let Some(text) = self.text(SAMPLER_ARGUMENT) else { return 1.0 };
        let share = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
        share.unwrap_or_else(|| {
            self.report(SAMPLER_ARGUMENT, "must be a number from 0 to 1; 1 is used");
            1.0
        })
    }
}
