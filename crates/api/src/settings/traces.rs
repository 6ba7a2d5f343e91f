//! Where traces go, by the variables of OpenTelemetry.
//!
//! These are no settings of ours: they have one meaning in every service of an operator, and may be set for all of them
//! at once. So what is wrong here stops no start, as OpenTelemetry wants it: it is told, and replaced by its default, or
//! no traces are sent.

use std::{collections::HashMap, ops::RangeInclusive, time::Duration};

use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use url::Url;

/// Every variable that is read, with its default.
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

/// Of those that have two names the one for traces wins.
type TwoNames = (&'static str, &'static str);

const DISABLED: &str = "OTEL_SDK_DISABLED";
const EXPORTER: &str = "OTEL_TRACES_EXPORTER";
const ENDPOINT: TwoNames = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT");
const PROTOCOL: TwoNames = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL");
const HEADERS: TwoNames = ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS");
const TIMEOUT: TwoNames = ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT");
/// What cannot be had here, and is common elsewhere.
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

/// Bounds that keep a slip of the keyboard from filling the memory or the network.
const SPANS: RangeInclusive<usize> = 1..=65_536;
const MILLISECONDS: RangeInclusive<u64> = 1..=300_000;

/// What the variables of OpenTelemetry ask for.
#[derive(Debug, Clone, Default)]
pub struct Traces {
    /// Where traces go; `None`: nowhere.
    pub sending: Option<TraceSettings>,
    /// What is wrong with the variables, one line each. Names them and holds no value, which may be a secret.
    pub faults: Vec<String>,
}

/// Where traces go, and which of them. `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct TraceSettings {
    /// The collector's address for traces.
    pub endpoint: Url,
    /// What the collector wants to be told besides, as a key.
    pub headers: Vec<(String, SecretString)>,
    /// How long the collector is waited for.
    pub timeout: Duration,
    /// What the service calls itself.
    pub service: String,
    /// What else is said of it.
    pub resource: Vec<(String, String)>,
    /// Which requests are traced.
    pub sampling: Sampling,
    /// Spans that may wait to be sent; more are dropped.
    pub queue: usize,
    /// Spans that are sent together at most.
    pub batch: usize,
    /// The longest a span waits to be sent.
    pub pause: Duration,
}

/// Which requests are traced.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampling {
    /// Where a trace was begun by another, as they have decided.
    pub by_parent: bool,
    /// Of the others this share.
    pub share: f64,
}

impl Traces {
    /// Reads the variables; an empty one counts as absent.
    #[must_use]
    pub fn from_variables(variables: &HashMap<String, String>) -> Self {
        let mut reader = Reader { variables, faults: Vec::new() };
        let sending = reader.settings();
        Self { sending, faults: reader.faults }
    }
}

struct Reader<'a> {
    variables: &'a HashMap<String, String>,
    faults: Vec<String>,
}

impl<'a> Reader<'a> {
    fn settings(&mut self) -> Option<TraceSettings> {
        let is_off = self.is_switched_off();
        let endpoint = self.endpoint();
        if is_off {
            return None;
        }
        let Some(endpoint) = endpoint else {
            if self.text(EXPORTER).is_some() && self.first(ENDPOINT).is_none() {
                self.fault(EXPORTER, &format!("sends nothing by itself: {} must say where to", ENDPOINT.1));
            }
            return None;
        };
        for name in UNSUPPORTED {
            if self.text(name).is_some_and(|text| !text.eq_ignore_ascii_case("none")) {
                self.fault(name, "has no effect here");
            }
        }
        let (is_spoken, resource) = (self.is_protocol_spoken(), self.pairs(RESOURCE));
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
        is_spoken.then_some(settings)
    }

    fn text(&self, name: &str) -> Option<&'a str> {
        self.variables.get(name).map(|text| text.trim()).filter(|text| !text.is_empty())
    }

    /// The one of two that counts, by its name.
    fn first(&self, names: TwoNames) -> Option<(&'static str, &'a str)> {
        [names.0, names.1].into_iter().find_map(|name| Some((name, self.text(name)?)))
    }

    fn fault(&mut self, variable: &str, what: &str) {
        self.faults.push(format!("{variable} {what}"));
    }

    fn is_switched_off(&mut self) -> bool {
        let disabled = match self.text(DISABLED).map(str::to_ascii_lowercase).as_deref() {
            Some("true") => true,
            None | Some("false") => false,
            Some(_) => {
                self.fault(DISABLED, "must be true or false; it is taken for false");
                false
            }
        };
        let is_wanted = match self.text(EXPORTER).map(str::to_ascii_lowercase).as_deref() {
            None | Some("otlp") => true,
            Some("none") => false,
            Some(_) => {
                self.fault(EXPORTER, "can be otlp or none here; no traces are sent");
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
            let mend = "must be an address like http://collector:4318, without a password; no traces are sent";
            self.fault(name, mend);
            return None;
        };
        if name == ENDPOINT.1 {
            let path = format!("{}/v1/traces", url.path().trim_end_matches('/'));
            url.set_path(&path);
        }
        Some(url)
    }

    fn is_protocol_spoken(&mut self) -> bool {
        match self.first(PROTOCOL) {
            Some((name, text)) if !text.eq_ignore_ascii_case("http/protobuf") => {
                self.fault(name, "can only be http/protobuf here (port 4318 of a collector); no traces are sent");
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
            self.fault(name, "holds what cannot be a header, which is left out");
        }
        headers.into_iter().map(|(key, value)| (key, SecretString::from(value))).collect()
    }

    /// A list like `name=value,name=value`, its values percent-encoded where they must be.
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
            self.fault(name, "must be a list like name=value,name=value; what is none is left out");
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
                self.fault(SAMPLER, "is none of those that are known here; it is taken for parentbased_always_on");
                return Sampling { by_parent: true, share: 1.0 };
            }
        };
        Sampling { by_parent, share }
    }

    fn share(&mut self) -> f64 {
        let Some(text) = self.text(SAMPLER_ARGUMENT) else { return 1.0 };
        let share = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
        share.unwrap_or_else(|| {
            self.fault(SAMPLER_ARGUMENT, "must be a share from 0 to 1; it is taken for 1");
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
            self.fault(name, &format!("must be a number from {least} to {most}; it is taken for {default}"));
            default
        })
    }

    fn milliseconds(&mut self, name: &str, default: u64) -> Duration {
        Duration::from_millis(self.number(name, MILLISECONDS, default))
    }
}
