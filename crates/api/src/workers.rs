//! Background workers. They deliver due mails, remove orphaned pictures, warn users of wrong passwords, and delete
//! expired data.

use std::{future::Future, io, time::Duration};

use domain::{
    Ports,
    use_cases::background::{
        Delivery, Removal, deliver_due_mail, remove_orphaned_pictures, sweep, warn_of_wrong_passwords,
    },
};
use futures_util::future::join_all;
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{sleep, timeout},
};

use domain::error::with_causes;

/// Time between two checks of an empty outbox.
const OUTBOX_PAUSE: Duration = Duration::from_secs(1);
/// Time between two checks for orphaned pictures.
const PICTURES_PAUSE: Duration = Duration::from_secs(1);
/// Pause after a failure of the database, and before a worker is restarted.
const FAILURE_PAUSE: Duration = Duration::from_secs(5);
/// Time between two deletions of expired data.
const SWEEP_PAUSE: Duration = Duration::from_secs(600);
/// Time between two checks for wrong passwords, of which the owner of an account is warned.
const WARNINGS_PAUSE: Duration = Duration::from_secs(60);
/// Time for a worker to finish its current work when the service stops. It equals the time for open requests.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);

/// Running background workers.
pub(crate) struct Workers {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Workers {
    /// Starts the workers on the current runtime.
    pub(crate) fn start(ports: &Ports) -> Self {
        let (stop, stopped) = watch::channel(false);
        let (mail_ports, mail_stopped) = (ports.clone(), stopped.clone());
        let outbox = run_with_restarts("outbox", move || deliver(mail_ports.clone(), mail_stopped.clone()));
        let (picture_ports, pictures_stopped) = (ports.clone(), stopped.clone());
        let pictures =
            run_with_restarts("pictures", move || remove_pictures(picture_ports.clone(), pictures_stopped.clone()));
        let (warning_ports, warnings_stopped) = (ports.clone(), stopped.clone());
        let warnings = run_with_restarts("warnings", move || warn(warning_ports.clone(), warnings_stopped.clone()));
        let ports = ports.clone();
        let sweeping = run_with_restarts("sweep", move || delete_expired(ports.clone(), stopped.clone()));
        let tasks = vec![tokio::spawn(outbox), tokio::spawn(pictures), tokio::spawn(warnings), tokio::spawn(sweeping)];
        Self { stop, tasks }
    }

    /// Stops the workers. They begin nothing new and finish their current work, because a sent mail must be recorded as
    /// sent. A worker that exceeds [`STOP_TIMEOUT`] is abandoned: its mails are claimed again when their lease ends.
    pub(crate) async fn stop(self) {
        // Sending fails only when all workers have ended.
        let _ = self.stop.send(true);
        if timeout(STOP_TIMEOUT, join_all(self.tasks)).await.is_err() {
            tracing::error!("worker shutdown timed out; a mail may be sent twice");
        }
    }
}

/// Runs a worker until it ends by itself, and restarts it after a panic. An error in one mail must not stop all mail.
async fn run_with_restarts<F>(name: &'static str, worker: impl Fn() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    while let Err(error) = tokio::spawn(worker()).await {
        // Converted to an `io::Error` it lacks the message of the panic, which may contain text of a mail.
        let cause = io::Error::from(error).to_string();
        tracing::error!(name, cause, "worker failed; will be restarted");
        sleep(FAILURE_PAUSE).await;
    }
}

async fn deliver(ports: Ports, mut stopped: watch::Receiver<bool>) {
    // This may be a restart after a panic, and the service may have stopped in between.
    while !*stopped.borrow() {
        let wait = match deliver_due_mail(&ports).await {
            Ok(Delivery { handled, failures }) => {
                for cause in &failures {
                    tracing::warn!(cause, "mail delivery failed");
                }
                if handled > 0 { Duration::ZERO } else { OUTBOX_PAUSE }
            }
            Err(error) => {
                tracing::error!(cause = with_causes(&error), "outbox processing failed");
                FAILURE_PAUSE
            }
        };
        if !pause(wait, &mut stopped).await {
            return;
        }
    }
}

async fn remove_pictures(ports: Ports, mut stopped: watch::Receiver<bool>) {
    loop {
        let wait = match remove_orphaned_pictures(&ports).await {
            Ok(Removal { handled, failures }) => {
                for cause in &failures {
                    tracing::warn!(cause, "picture removal failed; will be retried");
                }
                if handled > 0 { Duration::ZERO } else { PICTURES_PAUSE }
            }
            Err(error) => {
                tracing::error!(cause = with_causes(&error), "removal of orphaned pictures failed");
                FAILURE_PAUSE
            }
        };
        if !pause(wait, &mut stopped).await {
            return;
        }
    }
}

async fn warn(ports: Ports, mut stopped: watch::Receiver<bool>) {
    loop {
        match warn_of_wrong_passwords(&ports).await {
            Ok(warned) => tracing::debug!(warned, "warnings of wrong passwords created"),
            Err(error) => tracing::warn!(cause = with_causes(&error), "warnings of wrong passwords failed"),
        }
        if !pause(WARNINGS_PAUSE, &mut stopped).await {
            return;
        }
    }
}

async fn delete_expired(ports: Ports, mut stopped: watch::Receiver<bool>) {
    loop {
        match sweep(&ports).await {
            Ok(swept) => tracing::debug!(?swept, "expired data deleted"),
            Err(error) => {
                tracing::warn!(cause = with_causes(&error), "deletion of expired data failed; will be retried");
            }
        }
        match ports.picture_store.tidy().await {
            Ok(parts) => tracing::debug!(parts, "interrupted uploads deleted"),
            Err(error) => {
                tracing::warn!(cause = with_causes(&error), "deletion of interrupted uploads failed; will be retried");
            }
        }
        if !pause(SWEEP_PAUSE, &mut stopped).await {
            return;
        }
    }
}

/// Waits for the duration or until the stop. Returns true when the worker should continue.
async fn pause(duration: Duration, stopped: &mut watch::Receiver<bool>) -> bool {
    // A dropped sender means stop, too.
    timeout(duration, stopped.wait_for(|stop| *stop)).await.is_err()
}

#[cfg(test)]
mod tests {
    use tokio::task::yield_now;

    use super::*;
    use crate::telemetry::captured_log::CapturedLog;

    #[actix_web::test]
    async fn message_of_a_panic_is_not_logged() {
        let captured = CapturedLog::default();
        let _listening = captured.listen();
        let worker = tokio::spawn(run_with_restarts("outbox", || async { panic!("Олена was here") }));
        timeout(STOP_TIMEOUT, async {
            while !captured.text().contains("will be restarted") {
                yield_now().await;
            }
        })
        .await
        .unwrap();
        worker.abort();
        let log = captured.text();
        assert!(log.contains("outbox") && log.contains("panicked") && !log.contains("Олена"), "{log}");
    }
}
