//! Counts of requests that are logged together, one line a second. A client without an account can send such requests
//! faster than a log should grow.
//!
//! Not run by a model checker: each count is added by one atomic operation, and read and reset by another. So each request is
//! in exactly one line, in any order. The two counts are independent.

use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::time::sleep;

/// The time between two lines of one kind.
const INTERVAL: Duration = Duration::from_secs(1);

/// Counts of requests without a log line of their own, for all workers of this process.
#[derive(Default)]
pub(crate) struct RequestSummary {
    rejected: AtomicU64,
    preflights: AtomicU64,
}

impl RequestSummary {
    /// Starts a task on the current runtime that logs the counts until the last owner drops the summary.
    pub(crate) fn start() -> Arc<Self> {
        let summary = Arc::new(Self::default());
        tokio::spawn(log_every_interval(Arc::downgrade(&summary)));
        summary
    }

    /// Counts a request that the flood guard has rejected.
    pub(crate) fn count_rejected(&self) {
        self.rejected.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts an answered CORS preflight.
    pub(crate) fn count_preflight(&self) {
        self.preflights.fetch_add(1, Ordering::Relaxed);
    }

    /// Logs the counts since the last call. A count of zero has no line.
    pub(crate) fn log(&self) {
        let count = self.rejected.swap(0, Ordering::Relaxed);
        if count > 0 {
            tracing::warn!(count, "requests rejected by the flood guard");
        }
        let count = self.preflights.swap(0, Ordering::Relaxed);
        if count > 0 {
            tracing::info!(count, "preflights answered");
        }
    }
}

async fn log_every_interval(summary: Weak<RequestSummary>) {
    loop {
        sleep(INTERVAL).await;
        let Some(summary) = summary.upgrade() else { return };
        summary.log();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::captured_log::CapturedLog;

    #[test]
    fn requests_are_summarized_in_one_line_of_each_kind() {
        let log = CapturedLog::default();
        let _listening = log.listen();
        let summary = RequestSummary::default();
        for _ in 0..1000 {
            summary.count_rejected();
            summary.count_preflight();
        }
        assert_eq!(log.text(), "");
        summary.log();
        summary.log();
        let text = log.text();
        assert!(text.contains("requests rejected by the flood guard count=1000\n"), "{text}");
        assert!(text.contains("preflights answered count=1000\n"), "{text}");
        assert_eq!(text.lines().count(), 2, "{text}");
    }
}
