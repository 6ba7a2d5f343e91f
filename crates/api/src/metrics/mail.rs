//! Metrics of mails: deliveries, counted as they happen, and the outbox, read at the scrape.

use std::sync::Arc;

use async_trait::async_trait;
use domain::mail::{MailError, Mailer, OutboxStatus, OutgoingMail};
use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::ConstGauge},
    registry::Registry,
};

use super::registry::ours;

type Reason = [(&'static str, &'static str); 1];

const TRANSIENT: Reason = [("reason", "transient")];
const PERMANENT: Reason = [("reason", "permanent")];

/// Mailer that counts its deliveries.
pub(crate) struct CountedMailer {
    mailer: Arc<dyn Mailer>,
    sent: Counter,
    failed: Family<Reason, Counter>,
}

impl CountedMailer {
    pub(crate) fn register(mailer: Arc<dyn Mailer>, registry: &mut Registry) -> Self {
        let (sent, failed) = (Counter::default(), Family::default());
        registry.register("mails_sent", "Mails accepted by the mail server", sent.clone());
        registry.register("mails_failed", "Failed attempts to send a mail", failed.clone());
        // Created at the start: an alert on a rate does not see the first failure of a metric that did not exist before.
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

/// Returns the metrics of the database at one scrape. `outbox` is `None` when the database did not respond in time.
pub(super) fn of_database(outbox: Option<OutboxStatus>) -> Registry {
    let mut registry = Registry::default();
    let ours = ours(&mut registry);
    let is_up = u32::from(outbox.is_some());
    ours.register(
        "database_up",
        "1 when the database responded to this scrape, 0 when it did not",
        ConstGauge::new(is_up),
    );
    if let Some(OutboxStatus { waiting, due, parked, parked_unverified }) = outbox {
        ours.register("outbox_waiting", "Mails that wait for their next attempt", ConstGauge::new(waiting));
        ours.register("outbox_due", "Waiting mails that are due", ConstGauge::new(due));
        ours.register("outbox_parked", "Mails that are no longer attempted", ConstGauge::new(parked));
        let help = "Mails to unverified e-mail addresses that are no longer attempted";
        ours.register("outbox_parked_unverified", help, ConstGauge::new(parked_unverified));
    }
    registry
}
