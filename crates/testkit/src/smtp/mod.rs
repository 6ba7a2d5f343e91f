//! Fake SMTP server that records mails, with configurable misbehaviour.

mod conversation;
mod log;
mod script;

use std::{net::SocketAddr, sync::Arc};

use tokio::{net::TcpListener, task::JoinHandle};

pub use self::log::ReceivedMail;
pub use self::script::{Misbehaviour, ServerTls, SmtpScript, Stage};
use self::{conversation::converse, log::Log};

/// The running server. It stops when it is dropped.
pub struct SmtpSink {
    address: SocketAddr,
    log: Arc<Log>,
    task: JoinHandle<()>,
}

impl SmtpSink {
    /// Starts a server with that behaviour.
    pub async fn start(script: SmtpScript) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let log = Arc::new(Log::default());
        let task = tokio::spawn(accept(listener, script, log.clone()));
        Self { address, log, task }
    }

    /// Returns the address of the server.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the accepted mails, in order.
    #[must_use]
    pub fn mails(&self) -> Vec<ReceivedMail> {
        self.log.mails.lock().unwrap().clone()
    }

    /// Returns the received command lines, in order, including rejected ones.
    #[must_use]
    pub fn commands(&self) -> Vec<String> {
        self.log.commands.lock().unwrap().clone()
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, script: SmtpScript, log: Arc<Log>) {
    // Dropped with this task, which closes all connections.
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else { return };
        let (script, log) = (script.clone(), log.clone());
        connections.spawn(async move {
            // A disconnecting client is not an error.
            let _ = converse(stream, script, &log).await;
        });
    }
}
