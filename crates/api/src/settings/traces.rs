//! Settings of traces, from the variables of OpenTelemetry.
//!
//! These variables mean the same in every service of an operator, and may be set for all services at once. As
//! OpenTelemetry requires, an invalid value does not stop the start. It is logged, and then its default is used or no
//! traces are sent.

use std::{collections::HashMap, ops::RangeInclusive, time::Duration};

use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use url::Url;

/// Names of the variables that are read, each with its default.
pub const TRACE_VARIABLES: &[(&str, Option<&str>)] = &[
    (DISABLED, Some("false")),
    (EXPORTER, Some("otlp")),
    (ENDPOINT.0, None),
    (ENDPOINT.1, None),
    (PROTOCOL.0, None),
    (PROTOCOL.1, Some("http/protobuf")),
    (HEADERS.0, None),
    (HEADERS.1, None),
    (TIMEOUT.0, None),
    (TIMEOUT.1, Some("10000")),
    (SERVICE, Some("contacts-api")),
    (RESOURCE, None),
    (SAMPLER, Some("parentbased_always_on")),
    (SAMPLER_ARGUMENT, Some("1.0")),
    (QUEUE, Some("2048")),
    (BATCH, Some("512")),
    (PAUSE, Some("5000")),
];

/// Two names of one variable: the first, for traces only, wins over the second, for all signals.
type TwoNames = (&'static str, &'static str);

const DISABLED: &str = "OTEL_SDK_DISABLED";
const EXPORTER: &str = "OTEL_TRACES_EXPORTER";
const ENDPOINT: TwoNames = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT");
const PROTOCOL: TwoNames = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL");
const HEADERS: TwoNames = ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS");
const TIMEOUT: TwoNames = ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT");
/// Common variables that this service does not support.
const UNSUPPORTED: [&str; 4] = [
    "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
    "OTEL_EXPORTER_OTLP_COMPRESSION",
    "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_CERTIFICATE",
];
const SERVICE: &str = "OTEL_SERVICE_NAME";
const RESOURCE: &str = "OTEL_RESOURCE_ATTRIBUTES";
const SAMPLER: &str = "OTEL_TRACES_SAMPLER";
const SAMPLER_ARGUMENT: &str = "OTEL_TRACES_SAMPLER_ARG";
const QUEUE: &str = "OTEL_BSP_MAX_QUEUE_SIZE";
const BATCH: &str = "OTEL_BSP_MAX_EXPORT_BATCH_SIZE";
const PAUSE: &str = "OTEL_BSP_SCHEDULE_DELAY";

/// Bounds that limit the effect of a typing error on memory and network.
const SPANS: RangeInclusive<usize> = 1..=65_536;
const MILLISECONDS: RangeInclusive<u64> = 1..=300_000;

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
    /// Timeout of one export.
    pub timeout: Duration,
    /// Name of the service in traces.
    pub service: String,
    /// Other attributes of the service.
    pub resource: Vec<(String, String)>,
    /// Sampling of requests.
    pub sampling: Sampling,
    /// Maximum number of waiting spans; more are dropped.
    pub queue: usize,
    /// Maximum number of spans in one export.
    pub batch: usize,
    /// Maximum time between two exports.
    pub pause: Duration,
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
        let is_off = self.is_disabled();
        let endpoint = self.endpoint();
        if is_off {
            return None;
        }
        let Some(endpoint) = endpoint else {
            if self.text(EXPORTER).is_some() && self.first(ENDPOINT).is_none() {
                self.report(EXPORTER, &format!("needs a collector: set {}; no traces are sent", ENDPOINT.1));
            }
            return None;
        };
        for name in UNSUPPORTED {
            if self.text(name).is_some_and(|text| !text.eq_ignore_ascii_case("none")) {
                self.report(name, "is not supported and has no effect");
            }
        }
        let (is_supported, resource) = (self.is_protocol_supported(), self.pairs(RESOURCE));
        let named = resource.iter().find(|(name, _)| name == "service.name").map(|(_, value)| value.clone());
        let settings = TraceSettings {
            endpoint,
            headers: self.headers(),
            timeout: self.milliseconds(self.first(TIMEOUT).map_or(TIMEOUT.1, |(name, _)| name), 10_000),
            service: self.text(SERVICE).map(str::to_owned).or(named).unwrap_or_else(|| "contacts-api".to_owned()),
            resource,
            sampling: self.sampling(),
            queue: self.number(QUEUE, SPANS, 2048),
            batch: self.number(BATCH, SPANS, 512),
            pause: self.milliseconds(PAUSE, 5000),
        };
        is_supported.then_some(settings)
    }

    fn text(&self, name: &str) -> Option<&'a str> {
        self.variables.get(name).map(|text| text.trim()).filter(|text| !text.is_empty())
    }

    /// Returns the variable that wins, with its name.
    fn first(&self, names: TwoNames) -> Option<(&'static str, &'a str)> {
        [names.0, names.1].into_iter().find_map(|name| Some((name, self.text(name)?)))
    }

    fn report(&mut self, variable: &str, hint: &str) {
        self.errors.push(format!("{variable} {hint}"));
    }

    fn is_disabled(&mut self) -> bool {
        let disabled = match self.text(DISABLED).map(str::to_ascii_lowercase).as_deref() {
            Some("true") => true,
            None | Some("false") => false,
            Some(_) => {
                self.report(DISABLED, "must be true or false; false is used");
                false
            }
        };
        let is_wanted = match self.text(EXPORTER).map(str::to_ascii_lowercase).as_deref() {
            None | Some("otlp") => true,
            Some("none") => false,
            Some(_) => {
                self.report(EXPORTER, "must be otlp or none; no traces are sent");
                false
            }
        };
        disabled || !is_wanted
    }

    fn endpoint(&mut self) -> Option<Url> {
        let (name, text) = self.first(ENDPOINT)?;
        let is_address = |url: &Url| {
            matches!(url.scheme(), "http" | "https")
                && url.has_host()
                && url.username().is_empty()
                && url.password().is_none()
        };
        let Some(mut url) = Url::parse(text).ok().filter(is_address) else {
            self.report(name, "must be a URL like http://collector:4318, without a password; no traces are sent");
            return None;
        };
        if name == ENDPOINT.1 {
            let path = format!("{}/v1/traces", url.path().trim_end_matches('/'));
            url.set_path(&path);
        }
        Some(url)
    }

    fn is_protocol_supported(&mut self) -> bool {
        match self.first(PROTOCOL) {
            Some((name, text)) if !text.eq_ignore_ascii_case("http/protobuf") => {
                self.report(name, "must be http/protobuf (port 4318 of a collector); no traces are sent");
                false
            }
            _ => true,
        }
    }

    fn headers(&mut self) -> Vec<(String, SecretString)> {
        let Some((name, _)) = self.first(HEADERS) else { return Vec::new() };
        let pairs = self.pairs(name);
        let is_header = |(key, value): &(String, String)| {
            let is_name = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
            is_name && value.bytes().all(|byte| (b' '..=b'~').contains(&byte))
        };
        let count = pairs.len();
        let headers: Vec<_> = pairs.into_iter().filter(is_header).collect();
        if headers.len() < count {
            self.report(name, "contains an invalid header, which is ignored");
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

    fn number<T: std::str::FromStr + PartialOrd + std::fmt::Display>(
        &mut self,
        name: &str,
        range: RangeInclusive<T>,
        default: T,
    ) -> T {
        let Some(text) = self.text(name) else { return default };
        text.parse().ok().filter(|number| range.contains(number)).unwrap_or_else(|| {
            let (least, most) = (range.start(), range.end());
            self.report(name, &format!("must be a number from {least} to {most}; {default} is used"));
            default
        })
    }

    fn milliseconds(&mut self, name: &str, default: u64) -> Duration {
        Duration::from_millis(self.number(name, MILLISECONDS, default))
    }
}
