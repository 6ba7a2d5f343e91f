//! Record of what the fake SMTP server has received.

use std::sync::Mutex;

/// An accepted mail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReceivedMail {
    /// The line after `MAIL FROM:`.
    pub sender: String,
    /// The lines after `RCPT TO:`.
    pub receivers: Vec<String>,
    /// Headers and body as received, without dot-stuffing.
    pub message: Vec<u8>,
    /// True when it was received over TLS.
    pub was_protected: bool,
}

/// Mails and command lines that the server has received.
#[derive(Default)]
pub(super) struct Log {
    pub(super) mails: Mutex<Vec<ReceivedMail>>,
    pub(super) commands: Mutex<Vec<String>>,
}
