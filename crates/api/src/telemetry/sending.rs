//! Export of traces to a collector.
//!
//! A separate thread sends the spans, so a slow or unavailable collector does not delay requests. Spans that are not
//! delivered in time are dropped, and so are spans beyond the capacity of the queue.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use domain::error::Source;
use opentelemetry::{
    Context, KeyValue,
    trace::{Link, SpanContext, SpanKind, TraceContextExt as _, TraceId, TracerProvider as _},
};
use opentelemetry_otlp::{Protocol, SpanExporter as OtlpExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    resource::TelemetryResourceDetector,
    trace::{
        BatchSpanProcessor, Sampler, SamplingDecision, SamplingResult, SdkTracerProvider, ShouldSample, SpanData,
        SpanExporter,
    },
};
use secrecy::ExposeSecret as _;
use tokio::sync::oneshot;
use tracing::{Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{Layer, filter::Targets, registry::LookupSpan};

use super::SPANS;
use crate::settings::{Sampling, TraceSettings};

/// Timeout of an export, with its retries: the default of OpenTelemetry.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(10);
/// Timeout of the last export when the service stops.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(4);

/// Sends spans to a collector.
pub(crate) struct Sender {
    provider: SdkTracerProvider,
    is_unavailable: Arc<AtomicBool>,
}

impl Sender {
    /// Starts the thread that sends spans. It connects at the first export.
    pub(super) fn new(settings: &TraceSettings) -> Result<Self, Source> {
        let is_unavailable = Arc::new(AtomicBool::new(false));
        let exporter = WatchedExporter { exporter: exporter(settings)?, is_unavailable: Arc::clone(&is_unavailable) };
        let provider = SdkTracerProvider::builder()
            .with_span_processor(BatchSpanProcessor::builder(exporter).build())
            .with_sampler(EntrySampler(sampler(settings.sampling)))
            .with_resource(resource(settings));
        Ok(Self { provider: provider.build(), is_unavailable })
    }

    /// Returns the layer that collects the spans of traces. It ignores events, because a log line may contain more than a
    /// trace should.
    pub(super) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer(env!("CARGO_PKG_NAME")))
            .with_context_activation(false)
            .with_location(false)
            .with_target(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(Targets::new().with_target(SPANS, LevelFilter::INFO))
    }

    /// Sends the remaining spans, for at most [`SHUTDOWN_TIMEOUT`].
    pub(crate) async fn finish(self) {
        let Self { provider, is_unavailable } = self;
        let (done, finished) = oneshot::channel();
        // On a detached thread: a runtime that ends would wait for a blocking thread of its own.
        thread::spawn(move || done.send(provider.shutdown_with_timeout(SHUTDOWN_TIMEOUT)));
        let is_done = matches!(finished.await, Ok(Ok(())));
        if !is_done || is_unavailable.load(Ordering::Relaxed) {
            tracing::warn!("last traces not delivered to the collector");
        }
    }
}

fn exporter(settings: &TraceSettings) -> Result<OtlpExporter, Source> {
    // Redirects are off: a collector has no reason to redirect, and its key is for the collector only. With HTTP/2 the
    // library would log headers.
    let client = reqwest::blocking::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .http1_only()
        .timeout(EXPORT_TIMEOUT)
        .build()?;
    let headers: HashMap<String, String> =
        settings.headers.iter().map(|(name, value)| (name.clone(), value.expose_secret().to_owned())).collect();
    let exporter = OtlpExporter::builder()
        .with_http()
        .with_http_client(client)
        .with_endpoint(settings.endpoint.as_str())
        .with_protocol(Protocol::HttpBinary)
        .with_timeout(EXPORT_TIMEOUT)
        .with_headers(headers);
    Ok(exporter.build()?)
}

/// Attributes of the service. The variables were read earlier, with `.env`, so the library reads none here.
fn resource(settings: &TraceSettings) -> Resource {
    let others = settings.resource.iter().map(|(name, value)| KeyValue::new(name.clone(), value.clone()));
    Resource::builder_empty()
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_attributes(others)
        .with_service_name(settings.service.clone())
        .build()
}

fn sampler(sampling: Sampling) -> Sampler {
    let own = Sampler::TraceIdRatioBased(sampling.share);
    if sampling.by_parent { Sampler::ParentBased(Box::new(own)) } else { own }
}

/// Sampler that begins a trace only for a request or a mail. Otherwise each query that the background workers make every
/// second would be a trace, and these would hide all others.
#[derive(Debug, Clone)]
struct EntrySampler(Sampler);

impl ShouldSample for EntrySampler {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace_id: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        let parent_span = parent.map(|parent| parent.span().span_context().clone()).filter(SpanContext::is_valid);
        let may_begin = match parent_span {
            // The children of a dropped span are dropped too; otherwise they would have no parent.
            Some(parent) => parent.is_remote() || parent.is_sampled(),
            None => matches!(kind, SpanKind::Server | SpanKind::Producer),
        };
        if may_begin {
            return self.0.should_sample(parent, trace_id, name, kind, attributes, links);
        }
        SamplingResult { decision: SamplingDecision::Drop, attributes: Vec::new(), trace_state: Default::default() }
    }
}

/// Exporter that logs once when the collector becomes unavailable and once when it is available again, instead of once
/// per lost batch.
///
/// Not run by a model checker: one atomic swap sets the flag and decides whether to log.
#[derive(Debug)]
struct WatchedExporter {
    exporter: OtlpExporter,
    is_unavailable: Arc<AtomicBool>,
}

impl SpanExporter for WatchedExporter {
    async fn export(&self, spans: Vec<SpanData>) -> OTelSdkResult {
        let outcome = self.exporter.export(spans).await;
        match &outcome {
            Ok(()) if self.is_unavailable.swap(false, Ordering::Relaxed) => tracing::info!("trace export restored"),
            Err(error) if !self.is_unavailable.swap(true, Ordering::Relaxed) => {
                tracing::warn!(cause = %error, "trace export failed; spans are dropped until the collector is available");
            }
            _ => {}
        }
        outcome
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}
