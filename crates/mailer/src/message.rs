//! From words to a message (RFC 5322).

use domain::mail::OutgoingMail;
use lettre::{
    Address, Message,
    message::{
        Body, Mailbox, MultiPart, SinglePart,
        header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
};

use crate::{InvalidMailSettings, RenderedMail, SendError};

/// Reads MAIL_FROM. Its address goes to every server, so it must need no extension.
pub(crate) fn parse_sender(text: &str) -> Result<Mailbox, InvalidMailSettings> {
    let mailbox: Mailbox = text.parse().map_err(|_| InvalidMailSettings::From)?;
    if mailbox.email.to_string().is_ascii() { Ok(mailbox) } else { Err(InvalidMailSettings::From) }
}

/// How the text stands in the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transfer {
    /// In characters that every server on the way takes.
    Encoded,
    /// As it is, in UTF-8 (RFC 6152), so that a person reads it in the file.
    AsIs,
}

/// Puts a mail together. Every try of one mail carries the same Message-ID, so that a second copy can be dropped.
pub(crate) fn compose(
    sender: &Mailbox,
    mail: &OutgoingMail,
    words: RenderedMail,
    transfer: Transfer,
) -> Result<Message, SendError> {
    let receiver: Address = mail.to.as_str().parse().map_err(|_| SendError::Address)?;
    let message =
        Message::builder()
            .from(sender.clone())
            .to(receiver.into())
            .subject(words.subject)
            .message_id(Some(format!("<{}@{}>", mail.id, sender.email.domain())))
            .raw_header(header("Content-Language", mail.locale.as_str()))
            // RFC 3834: out-of-office programs must not answer.
            .raw_header(header("Auto-Submitted", "auto-generated"))
            .multipart(
                MultiPart::alternative()
                    .singlepart(part(ContentType::TEXT_PLAIN, words.text, transfer))
                    .singlepart(part(ContentType::TEXT_HTML, words.html, transfer)),
            )?;
    Ok(message)
}

fn part(kind: ContentType, text: String, transfer: Transfer) -> SinglePart {
    let body = match transfer {
        Transfer::Encoded => Body::new(text),
        // The templates' lines are far below the 998 bytes that RFC 5322 allows; lettre would encode
        // from 76 on.
        Transfer::AsIs => {
            let lines = text.replace("\r\n", "\n").replace('\n', "\r\n");
            Body::dangerous_pre_encoded(lines.into_bytes(), ContentTransferEncoding::EightBit)
        }
    };
    SinglePart::builder().header(kind).body(body)
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}
