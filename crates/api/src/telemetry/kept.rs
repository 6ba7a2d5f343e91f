//! A log that tests look into.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use tracing::subscriber::DefaultGuard;

/// Keeps the lines that are written.
#[derive(Clone, Default)]
pub(crate) struct KeptLog(Arc<Mutex<Vec<u8>>>);

impl KeptLog {
    /// Keeps what this thread says, from now on until the guard is dropped.
    pub(crate) fn listen(&self) -> DefaultGuard {
        let kept = self.clone();
        let lines = tracing_subscriber::fmt().with_ansi(false).with_writer(move || kept.clone()).finish();
        tracing::subscriber::set_default(lines)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for KeptLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
