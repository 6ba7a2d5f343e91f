//! Mails, rendered from templates in the receiver's language, and sent over SMTP or written to files.
//!
//! Only the wiring of `api` depends on this crate; other code uses the port of `domain::mail`.
//!
//! [`Renderer`] renders a mail. [`SmtpMailer`] sends it; [`FileMailer`] writes it to a file when no server is
//! configured.
//!
//! Invariant: depends on `domain` only; no other adapter, no HTTP and no database is imported here.
//! Invariant: the environment and the clock are never read here; settings are plain structs.
//! Invariant: links are built from the public URL of the settings, never from a request.
//! Invariant: errors, logs and `Debug` texts contain neither tokens nor e-mail addresses.

mod branding;
mod error;
mod file_mailer;
mod message;
mod renderer;
mod samples;
mod smtp_mailer;
mod smtp_url;
mod templates;
mod wording;

pub use crate::{
    branding::Branding,
    error::{InvalidMailSettings, SendError},
    file_mailer::{FileMailer, FileMailerSettings},
    renderer::{RenderedMail, Renderer},
    smtp_mailer::{SmtpMailer, SmtpSettings},
};
