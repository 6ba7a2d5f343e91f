//! Traces on their way to a collector.
//!
//! A thread of its own sends them, so that a collector that is slow or away keeps no request waiting; what it does
//! not take in time is dropped, and no more than the queue holds is kept.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use domain::store::Source;
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
        BatchConfigBuilder, BatchSpanProcessor, Sampler, SamplingDecision, SamplingResult, SdkTracerProvider,
        ShouldSample, SpanData, SpanExporter,
    },
};
use secrecy::ExposeSecret as _;
use tokio::sync::oneshot;
use tracing::{Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{Layer, filter::Targets, registry::LookupSpan};

use super::SPANS;
use crate::settings::{Sampling, TraceSettings};

/// How long the end of the service waits for the collector.
const LAST_PATIENCE: Duration = Duration::from_secs(4);

/// Sends spans to a collector.
pub(crate) struct Sender {
    provider: SdkTracerProvider,
    is_away: Arc<AtomicBool>,
}

impl Sender {
    /// Starts the thread that sends. Connects when there is something to send.
    pub(super) fn new(settings: &TraceSettings) -> Result<Self, Source> {
        let batches = BatchConfigBuilder::default()
            .with_max_queue_size(settings.queue)
            .with_max_export_batch_size(settings.batch.min(settings.queue))
            .with_scheduled_delay(settings.pause)
            .build();
        let is_away = Arc::new(AtomicBool::new(false));
        let exporter = WatchedExporter { exporter: exporter(settings)?, is_away: Arc::clone(&is_away) };
        let provider = SdkTracerProvider::builder()
            .with_span_processor(BatchSpanProcessor::builder(exporter).with_batch_config(batches).build())
            .with_sampler(EntrySampler(sampler(settings.sampling)))
            .with_resource(resource(settings));
        Ok(Self { provider: provider.build(), is_away })
    }

    /// Takes the spans that are parts of traces, and no events: a log line may hold more than a trace should.
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

    /// Sends what is left, for a bounded time.
    pub(crate) async fn finish(self) {
        let Self { provider, is_away } = self;
        let (done, finished) = oneshot::channel();
        // On a thread that nobody waits for: the end of a runtime would wait for one of its own.
        thread::spawn(move || done.send(provider.shutdown_with_timeout(LAST_PATIENCE)));
        let is_done = matches!(finished.await, Ok(Ok(())));
        if !is_done || is_away.load(Ordering::Relaxed) {
            tracing::warn!("the collector did not take the last traces");
        }
    }
}

fn exporter(settings: &TraceSettings) -> Result<OtlpExporter, Source> {
    // A collector has no reason to lead elsewhere, and its key is for nobody else. HTTP/2 would have the library log
    // headers.
    let client = reqwest::blocking::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .http1_only()
        .timeout(settings.timeout)
        .build()?;
    let headers: HashMap<String, String> =
        settings.headers.iter().map(|(name, value)| (name.clone(), value.expose_secret().to_owned())).collect();
    let exporter = OtlpExporter::builder()
        .with_http()
        .with_http_client(client)
        .with_endpoint(settings.endpoint.as_str())
        .with_protocol(Protocol::HttpBinary)
        .with_timeout(settings.timeout)
        .with_headers(headers);
    Ok(exporter.build()?)
}

/// What is said of the service. The variables were read before, `.env` included, so none is read here.
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

/// Begins a trace only where something comes in or goes out by itself: a request, a mail. What workers ask the
/// database every second would be a trace each, and nobody would find anything among them.
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
        let may_be = match parent_span {
            // What was left out leaves out all below it, or they would hang nowhere.
            Some(parent) => parent.is_remote() || parent.is_sampled(),
            None => matches!(kind, SpanKind::Server | SpanKind::Producer),
        };
        if may_be {
            return self.0.should_sample(parent, trace_id, name, kind, attributes, links);
        }
        SamplingResult { decision: SamplingDecision::Drop, attributes: Vec::new(), trace_state: Default::default() }
    }
}

/// Tells when the collector goes and comes, once each, instead of every batch that is lost.
#[derive(Debug)]
struct WatchedExporter {
    exporter: OtlpExporter,
    is_away: Arc<AtomicBool>,
}

impl SpanExporter for WatchedExporter {
    async fn export(&self, spans: Vec<SpanData>) -> OTelSdkResult {
        let outcome = self.exporter.export(spans).await;
        match &outcome {
            Ok(()) if self.is_away.swap(false, Ordering::Relaxed) => tracing::info!("the collector takes traces again"),
            Err(error) if !self.is_away.swap(true, Ordering::Relaxed) => {
                tracing::warn!(cause = %error, "the collector takes no traces: they are dropped until it does");
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
