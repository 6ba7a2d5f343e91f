//! From words to a message (RFC 5322).

use domain::mail::OutgoingMail;
use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};

use crate::{InvalidMailSettings, RenderedMail, SendError};

/// Reads MAIL_FROM. Its address goes to every server, so it must need no extension.
pub(crate) fn parse_sender(text: &str) -> Result<Mailbox, InvalidMailSettings> {
    let mailbox: Mailbox = text.parse().map_err(|_| InvalidMailSettings::From)?;
    if mailbox.email.to_string().is_ascii() { Ok(mailbox) } else { Err(InvalidMailSettings::From) }
}

/// Puts a mail together. Every try of one mail carries the same Message-ID, so that a second copy can be dropped.
pub(crate) fn compose(sender: &Mailbox, mail: &OutgoingMail, words: RenderedMail) -> Result<Message, SendError> {
    let receiver: Address = mail.to.as_str().parse().map_err(|_| SendError::Address)?;
    let message = Message::builder()
        .from(sender.clone())
        .to(receiver.into())
        .subject(words.subject)
        .message_id(Some(format!("<{}@{}>", mail.id, sender.email.domain())))
        .raw_header(header("Content-Language", mail.locale.as_str()))
        // RFC 3834: out-of-office programs must not answer.
        .raw_header(header("Auto-Submitted", "auto-generated"))
        .multipart(MultiPart::alternative_plain_html(words.text, words.html))?;
    Ok(message)
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}
