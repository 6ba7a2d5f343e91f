//! A TCP relay: a constant address in front of servers that change.

use std::sync::{
    Arc,
    atomic::{AtomicU16, Ordering},
};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// Relays connections to a port on 127.0.0.1 until it is dropped.
pub struct Relay {
    /// The port of the relay.
    pub port: u16,
    target: Arc<AtomicU16>,
    listening: JoinHandle<()>,
}

impl Relay {
    /// Starts a relay to that port.
    pub async fn start(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let target = Arc::new(AtomicU16::new(target));
        let listening = tokio::spawn(relay(listener, Arc::clone(&target)));
        Self { port, target, listening }
    }

    /// Relays new connections to another port. Open ones stay.
    pub fn lead_to(&self, target: u16) {
        self.target.store(target, Ordering::SeqCst);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn relay(listener: TcpListener, target: Arc<AtomicU16>) {
    loop {
        let (mut client, _) = listener.accept().await.unwrap();
        let port = target.load(Ordering::SeqCst);
        tokio::spawn(async move {
            // The server is down: the client sees a closed connection.
            if let Ok(mut server) = TcpStream::connect(("127.0.0.1", port)).await {
                // Either side may close it at any time.
                let _ = copy_bidirectional(&mut client, &mut server).await;
            }
        });
    }
}
