//! Mails: written from templates in the receiver's language, sent over SMTP or kept as files.
//!
//! Depended on by `api`'s wiring alone; everyone else sees the port of `domain::mail`.
//!
//! [`Renderer`] writes a mail; [`SmtpMailer`] sends it, [`FileMailer`] keeps it where no server is set.
//!
//! Invariant: knows `domain` only; no other adapter, no HTTP and no database is imported here.
//! Invariant: the environment and the clock are never read here; settings arrive as plain structs.
//! Invariant: links are built from the public address of the settings, never from a request.
//! Invariant: neither tokens nor addresses stand in an error, a log line or a `Debug` text.

mod error;
mod file_mailer;
mod message;
mod renderer;
mod smtp_mailer;
mod smtp_url;
mod templates;
mod wording;

pub use crate::{
    error::{InvalidMailSettings, SendError},
    file_mailer::{FileMailer, FileMailerSettings},
    renderer::{RenderedMail, Renderer},
    smtp_mailer::{SmtpMailer, SmtpSettings},
};
