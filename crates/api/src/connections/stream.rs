//! TCP stream that records what it reads and writes.

use std::{
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use socket2::{SockRef, TcpKeepalive};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::Instant,
};

use super::progress::{Progress, Readable};

/// Size of the kernel's send buffer in bytes. It bounds the memory for a client that does not read, and is small enough
/// to notice the progress of a slow client.
const SEND_BUFFER: usize = 128 * 1024;
/// Silence after which the kernel starts to probe the peer, and the interval between two probes.
const KEEP_ALIVE: Duration = Duration::from_secs(60);
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(10);

/// Stream that records its progress.
pub(super) struct ObservedStream {
    stream: TcpStream,
    pub(super) progress: Rc<Progress>,
}

impl ObservedStream {
    pub(super) fn new(stream: TcpStream, progress: Rc<Progress>) -> Self {
        Self { stream, progress }
    }
}

/// Sets the options of a socket that was just accepted. With them the kernel also detects a peer that is gone or does
/// not read, even after the process has closed the connection. An option that the system lacks is skipped.
pub(super) fn set_options(stream: &TcpStream, timeout: Duration) {
    let socket = SockRef::from(stream);
    let keep_alive = TcpKeepalive::new().with_time(KEEP_ALIVE).with_interval(KEEP_ALIVE_INTERVAL);
    let outcomes = [
        socket.set_tcp_nodelay(true),
        socket.set_send_buffer_size(SEND_BUFFER),
        socket.set_tcp_keepalive(&keep_alive),
        set_user_timeout(&socket, timeout),
    ];
    if let Some(error) = outcomes.into_iter().find_map(Result::err) {
        tracing::debug!(%error, "socket option not set");
    }
}

#[cfg(target_os = "linux")]
fn set_user_timeout(socket: &SockRef<'_>, timeout: Duration) -> io::Result<()> {
    socket.set_tcp_user_timeout(Some(timeout))
}

/// Other kernels use their own timeout.
#[cfg(not(target_os = "linux"))]
fn set_user_timeout(_: &SockRef<'_>, _: Duration) -> io::Result<()> {
    Ok(())
}

impl Drop for ObservedStream {
    fn drop(&mut self) {
        if self.progress.is_blocked() {
            // Without it the kernel would continue to send unread data. It fails when the client has already disconnected.
            let _ = SockRef::from(&self.stream).set_linger(Some(Duration::ZERO));
        }
    }
}

impl AsyncRead for ObservedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let limit = match self.progress.readable() {
            Readable::Now(limit) => limit,
            Readable::NextTurn => {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            Readable::Later => {
                self.progress.wait(context.waker());
                return Poll::Pending;
            }
        };
        let length = limit.min(buffer.remaining());
        let mut part = ReadBuf::new(buffer.initialize_unfilled_to(length));
        let outcome = Pin::new(&mut self.stream).poll_read(context, &mut part);
        let read = part.filled().len();
        if read > 0 {
            buffer.advance(read);
            self.progress.received(read);
            self.progress.read_some(Instant::now());
        }
        if outcome.is_pending() && self.progress.has_read_ahead() {
            self.progress.wait(context.waker());
        }
        outcome
    }
}

impl AsyncWrite for ObservedStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        match &written {
            Poll::Ready(Ok(taken)) => self.progress.wrote(*taken, Instant::now()),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => self.progress.write_blocked(Instant::now()),
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
