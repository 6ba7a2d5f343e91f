//! Composition of messages (RFC 5322).

use domain::mail::OutgoingMail;
use lettre::{
    Address, Message,
    message::{
        Body, Mailbox, MultiPart, SinglePart,
        header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
};

use crate::{InvalidMailSettings, RenderedMail, SendError};

/// Parses MAIL_FROM. Its e-mail address is sent to every server, so it must not require SMTPUTF8.
pub(crate) fn parse_sender(text: &str) -> Result<Mailbox, InvalidMailSettings> {
    let mailbox: Mailbox = text.parse().map_err(|_| InvalidMailSettings::From)?;
    if mailbox.email.to_string().is_ascii() { Ok(mailbox) } else { Err(InvalidMailSettings::From) }
}

/// Transfer encoding of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transfer {
    /// An encoding that every mail server accepts.
    Encoded,
    /// Plain UTF-8 (RFC 6152), which is readable in a file.
    Utf8,
}

/// Composes a message. Every attempt of one mail has the same Message-ID, so that duplicates can be dropped.
pub(crate) fn compose(
    sender: &Mailbox,
    mail: &OutgoingMail,
    rendered: RenderedMail,
    transfer: Transfer,
) -> Result<Message, SendError> {
    let receiver: Address = mail.to.as_str().parse().map_err(|_| SendError::Address)?;
    let message = Message::builder()
        .from(sender.clone())
        .to(receiver.into())
        .subject(rendered.subject)
        .message_id(Some(format!("<{}@{}>", mail.id, sender.email.domain())))
        .raw_header(header("Content-Language", mail.locale.as_str()))
        // RFC 3834: automatic responders must not reply.
        .raw_header(header("Auto-Submitted", "auto-generated"))
        .multipart(
            MultiPart::alternative()
                .singlepart(part(ContentType::TEXT_PLAIN, rendered.text, transfer))
                .singlepart(part(ContentType::TEXT_HTML, rendered.html, transfer)),
        )?;
    Ok(message)
}

fn part(kind: ContentType, text: String, transfer: Transfer) -> SinglePart {
    let body = match transfer {
        Transfer::Encoded => Body::new(text),
        // The lines of the templates are far below the limit of 998 bytes (RFC 5322); lettre would encode lines longer
        // than 76.
        Transfer::Utf8 => {
            let lines = text.replace("\r\n", "\n").replace('\n', "\r\n");
            Body::dangerous_pre_encoded(lines.into_bytes(), ContentTransferEncoding::EightBit)
        }
    };
    SinglePart::builder().header(kind).body(body)
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}
