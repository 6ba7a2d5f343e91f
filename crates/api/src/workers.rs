//! What the service does by itself: it sends the mails that wait, removes the pictures that nothing points to, warns
//! people whose passwords are being tried, and sweeps away what has ended.

use std::{future::Future, io, time::Duration};

use domain::{
    Ports,
    account::warn_of_wrong_passwords,
    mail::{Delivery, deliver_due_mail},
    maintenance::sweep,
    picture::{Removal, remove_stray_pictures},
};
use futures_util::future::join_all;
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{sleep, timeout},
};

use crate::problem::cause_of;

/// How long a mail may wait before the outbox is looked at.
const OUTBOX_PAUSE: Duration = Duration::from_secs(1);
/// How long a picture that nothing points to may stay.
const PICTURES_PAUSE: Duration = Duration::from_secs(1);
/// The pause after the database was found away.
const FAILURE_PAUSE: Duration = Duration::from_secs(5);
const SWEEP_PAUSE: Duration = Duration::from_secs(600);
/// How long it may take until the owner of an account is told of wrong passwords.
const WARNINGS_PAUSE: Duration = Duration::from_secs(60);
/// How long a worker may take to finish what it is at when it is told to stop: as long as a request.
const STOP_PATIENCE: Duration = Duration::from_secs(30);

/// The workers, until they are told to stop.
pub(crate) struct Workers {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Workers {
    /// Starts them on the current runtime, with ports of their own.
    pub(crate) fn start(ports: &Ports) -> Self {
        let (stop, stopped) = watch::channel(false);
        let (mail_ports, mail_stopped) = (ports.clone(), stopped.clone());
        let outbox = kept_alive("outbox", move || deliver(mail_ports.clone(), mail_stopped.clone()));
        let (picture_ports, pictures_stopped) = (ports.clone(), stopped.clone());
        let pictures = kept_alive("pictures", move || remove_pictures(picture_ports.clone(), pictures_stopped.clone()));
        let (warning_ports, warnings_stopped) = (ports.clone(), stopped.clone());
        let warnings = kept_alive("warnings", move || warn(warning_ports.clone(), warnings_stopped.clone()));
        let ports = ports.clone();
        let sweeping = kept_alive("sweep", move || tidy(ports.clone(), stopped.clone()));
        let tasks = vec![tokio::spawn(outbox), tokio::spawn(pictures), tokio::spawn(warnings), tokio::spawn(sweeping)];
        Self { stop, tasks }
    }

    /// Stops them: they begin nothing new, and finish what they are at, since a mail that was sent must be
    /// noted as sent. One that takes too long is left behind: its mails are claimed again when their lease ends.
    pub(crate) async fn stop(self) {
        // Nobody listening means that they have ended already.
        let _ = self.stop.send(true);
        if timeout(STOP_PATIENCE, join_all(self.tasks)).await.is_err() {
            tracing::error!("a worker did not finish in time; a mail may be sent twice");
        }
    }
}

/// Runs a worker until it ends by itself, and again when it panicked: mail must not stop for a fault in
/// one mail.
async fn kept_alive<F>(name: &'static str, worker: impl Fn() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    while let Err(error) = tokio::spawn(worker()).await {
        // Of an `io::Error` it is without the words of the panic: they may hold what stands in a mail.
        let cause = io::Error::from(error).to_string();
        tracing::error!(name, cause, "a worker ended; it is started again");
        sleep(FAILURE_PAUSE).await;
    }
}

/// Waits, but not past the call to stop; says whether to go on.
async fn pause(duration: Duration, stopped: &mut watch::Receiver<bool>) -> bool {
    // A sender that is gone has stopped everything too.
    timeout(duration, stopped.wait_for(|stop| *stop)).await.is_err()
}

async fn deliver(ports: Ports, mut stopped: watch::Receiver<bool>) {
    // It may be a new beginning after a panic, and the call to stop may have come in between.
    while !*stopped.borrow() {
        let wait = match deliver_due_mail(&ports).await {
            Ok(Delivery { handled, failures }) => {
                for cause in &failures {
                    tracing::warn!(cause, "a mail was not taken; it waits in the outbox");
                }
                if handled > 0 { Duration::ZERO } else { OUTBOX_PAUSE }
            }
            Err(error) => {
                tracing::error!(cause = cause_of(&error), "the outbox cannot be worked on");
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
        let wait = match remove_stray_pictures(&ports).await {
            Ok(Removal { handled, failures }) => {
                for cause in &failures {
                    tracing::warn!(cause, "a picture was not removed; it is tried again later");
                }
                if handled > 0 { Duration::ZERO } else { PICTURES_PAUSE }
            }
            Err(error) => {
                tracing::error!(cause = cause_of(&error), "pictures that nothing points to cannot be removed");
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
            Ok(warned) => tracing::debug!(warned, "wrong passwords reported"),
            Err(error) => tracing::warn!(cause = cause_of(&error), "reporting wrong passwords failed"),
        }
        if !pause(WARNINGS_PAUSE, &mut stopped).await {
            return;
        }
    }
}

async fn tidy(ports: Ports, mut stopped: watch::Receiver<bool>) {
    loop {
        match sweep(&ports).await {
            Ok(swept) => tracing::debug!(?swept, "swept"),
            Err(error) => tracing::warn!(cause = cause_of(&error), "sweeping failed; it is tried again later"),
        }
        match ports.picture_store.tidy().await {
            Ok(parts) => tracing::debug!(parts, "removed what cut-off uploads have left"),
            Err(error) => tracing::warn!(cause = cause_of(&error), "cut-off uploads cannot be tidied away"),
        }
        if !pause(SWEEP_PAUSE, &mut stopped).await {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::task::yield_now;

    use super::*;
    use crate::telemetry::kept::KeptLog;

    #[actix_web::test]
    async fn the_words_of_a_worker_that_fell_are_not_told() {
        let kept = KeptLog::default();
        let _listening = kept.listen();
        let worker = tokio::spawn(kept_alive("outbox", || async { panic!("Олена was here") }));
        timeout(STOP_PATIENCE, async {
            while !kept.text().contains("started again") {
                yield_now().await;
            }
        })
        .await
        .unwrap();
        worker.abort();
        let log = kept.text();
        assert!(log.contains("outbox") && log.contains("panicked") && !log.contains("Олена"), "{log}");
    }
}
