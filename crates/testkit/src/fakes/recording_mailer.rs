//! Mailer that records mails.

use std::{collections::VecDeque, sync::Mutex};

use async_trait::async_trait;
use domain::mail::{MailContent, MailError, Mailer, OutgoingMail};

use crate::memory::OpenUnits;

/// Result of the next mail of a [`RecordingMailer`].
pub enum SendBehaviour {
    /// Accepts the mail.
    Accepts,
    /// Reports a transient error.
    IsUnavailable,
    /// Reports a permanent error.
    Rejects,
    /// Panics.
    Panics,
}

/// Mailer that records mails.
pub struct RecordingMailer {
    open_units: OpenUnits,
    sent: Mutex<Vec<OutgoingMail>>,
    script: Mutex<VecDeque<SendBehaviour>>,
}

impl RecordingMailer {
    /// Creates a mailer that panics while a unit of that store is open.
    #[must_use]
    pub fn new(open_units: OpenUnits) -> Self {
        Self { open_units, sent: Mutex::default(), script: Mutex::default() }
    }

    /// Sets the results of the next mails, one for each. Later mails are accepted.
    pub fn script(&self, next: impl IntoIterator<Item = SendBehaviour>) {
        self.script.lock().unwrap().extend(next);
    }

    /// Returns the mails accepted since the last call.
    pub fn take_sent(&self) -> Vec<OutgoingMail> {
        std::mem::take(&mut self.sent.lock().unwrap())
    }

    /// Returns the token of the only mail with a token since the last call. Panics when there is not exactly one.
    pub fn take_only_token(&self) -> String {
        let token = |mail: OutgoingMail| match mail.content {
            MailContent::VerifyEmail { token, .. }
            | MailContent::ResetPassword { token, .. }
            | MailContent::ConfirmEmail { token, .. } => Some(token.reveal()),
            MailContent::EmailChangeNotice
            | MailContent::EmailChanged { .. }
            | MailContent::PasswordChanged
            | MailContent::PasswordWasReset
            | MailContent::SessionEnded
            | MailContent::NewDevice
            | MailContent::WrongPasswords
            | MailContent::AppPasswordCreated(_) => None,
        };
        let mut tokens: Vec<String> = self.take_sent().into_iter().filter_map(token).collect();
        assert_eq!(tokens.len(), 1, "exactly one mail with a token");
        tokens.remove(0)
    }
}

#[async_trait]
impl Mailer for RecordingMailer {
    async fn send(&self, mail: &OutgoingMail) -> Result<(), MailError> {
        self.open_units.assert_none("sending mail");
        let next = self.script.lock().unwrap().pop_front();
        match next.unwrap_or(SendBehaviour::Accepts) {
            SendBehaviour::Accepts => {
                self.sent.lock().unwrap().push(mail.clone());
                Ok(())
            }
            SendBehaviour::IsUnavailable => Err(MailError::Transient("connection refused".into())),
            SendBehaviour::Panics => panic!("the mailer panicked"),
            SendBehaviour::Rejects => Err(MailError::Permanent("no such mailbox".into())),
        }
    }
}
