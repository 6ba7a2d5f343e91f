//! What the service does by itself: it sends the mails that wait, and sweeps away what has ended.

use std::{future::Future, sync::Arc, time::Duration};

use domain::{Ports, mail::deliver_due_mail, maintenance::sweep};
use tokio::{sync::watch, task::JoinHandle, time::sleep};

use crate::{problem::cause_of, shell::Shell};

/// How long a mail may wait before the outbox is looked at.
const OUTBOX_PAUSE: Duration = Duration::from_secs(1);
/// The pause after the database was found away.
const FAILURE_PAUSE: Duration = Duration::from_secs(5);
const SWEEP_PAUSE: Duration = Duration::from_secs(600);

/// The workers, until they are told to stop.
pub(crate) struct Workers {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Workers {
    /// Starts them on the current runtime, with ports of their own.
    pub(crate) fn start(ports: &Ports, shell: &Arc<Shell>) -> Self {
        let (stop, stopped) = watch::channel(false);
        let outbox = tokio::spawn(until(stopped.clone(), deliver(ports.clone())));
        let sweeping = tokio::spawn(until(stopped, tidy(ports.clone(), Arc::clone(shell))));
        Self { stop, tasks: vec![outbox, sweeping] }
    }

    /// Stops them. A mail on its way is cut off; its claim runs out and it is sent again.
    pub(crate) async fn stop(self) {
        // Nobody listening means that they have ended already.
        let _ = self.stop.send(true);
        for task in self.tasks {
            let _ = task.await;
        }
    }
}

async fn until(mut stopped: watch::Receiver<bool>, work: impl Future<Output = ()>) {
    tokio::select! {
        _ = stopped.wait_for(|stop| *stop) => {}
        () = work => {}
    }
}

async fn deliver(ports: Ports) {
    loop {
        match deliver_due_mail(&ports).await {
            Ok(0) => sleep(OUTBOX_PAUSE).await,
            Ok(handled) => tracing::debug!(handled, "the outbox was worked on"),
            Err(error) => {
                tracing::error!(cause = cause_of(&error), "the outbox cannot be worked on");
                sleep(FAILURE_PAUSE).await;
            }
        }
    }
}

async fn tidy(ports: Ports, shell: Arc<Shell>) {
    loop {
        shell.limits.sweep();
        match sweep(&ports).await {
            Ok(swept) => tracing::debug!(?swept, "swept"),
            Err(error) => tracing::warn!(cause = cause_of(&error), "sweeping failed; it is tried again later"),
        }
        sleep(SWEEP_PAUSE).await;
    }
}
