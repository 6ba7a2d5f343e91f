//! Mails: what was sent, counted as it happens, and what waits, read at the scrape.

use std::sync::Arc;

use async_trait::async_trait;
use domain::mail::{MailError, Mailer, OutboxStatus, OutgoingMail};
use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::ConstGauge},
    registry::Registry,
};

use super::ours;

type Reason = [(&'static str, &'static str); 1];

const TRANSIENT: Reason = [("reason", "transient")];
const PERMANENT: Reason = [("reason", "permanent")];

/// A mailer whose work is counted.
pub(crate) struct CountedMailer {
    mailer: Arc<dyn Mailer>,
    sent: Counter,
    failed: Family<Reason, Counter>,
}

impl CountedMailer {
    pub(crate) fn register(mailer: Arc<dyn Mailer>, registry: &mut Registry) -> Self {
        let (sent, failed) = (Counter::default(), Family::default());
        registry.register("mails_sent", "Mails that a mail server took", sent.clone());
        registry.register("mails_failed", "Tries to send a mail that failed", failed.clone());
        // There from the start: an alert cannot tell a first failure from a metric that has just begun.
        for reason in [TRANSIENT, PERMANENT] {
            drop(failed.get_or_create(&reason));
        }
        Self { mailer, sent, failed }
    }
}

#[async_trait]
impl Mailer for CountedMailer {
    async fn send(&self, mail: &OutgoingMail) -> Result<(), MailError> {
        let outcome = self.mailer.send(mail).await;
        match &outcome {
            Ok(()) => self.sent.inc(),
            Err(MailError::Transient(_)) => self.failed.get_or_create(&TRANSIENT).inc(),
            Err(MailError::Permanent(_)) => self.failed.get_or_create(&PERMANENT).inc(),
        };
        outcome
    }
}

/// What the database says at one scrape; `None` when it did not say it in time.
pub(super) fn of_database(outbox: Option<OutboxStatus>) -> Registry {
    let mut registry = Registry::default();
    let ours = ours(&mut registry);
    let is_up = u32::from(outbox.is_some());
    ours.register("database_up", "Whether the database answered this scrape", ConstGauge::new(is_up));
    if let Some(OutboxStatus { waiting, due, parked, parked_unverified }) = outbox {
        ours.register("outbox_waiting", "Mails that wait for their next try", ConstGauge::new(waiting));
        ours.register("outbox_due", "Waiting mails whose time has come", ConstGauge::new(due));
        ours.register("outbox_parked", "Mails that were given up", ConstGauge::new(parked));
        let help = "Mails to addresses that nobody has verified that were given up";
        ours.register("outbox_parked_unverified", help, ConstGauge::new(parked_unverified));
    }
    registry
}
