//! The text that is stored beside a contact, and the picture that is not in it.

use std::collections::HashSet;

use domain::{
    contact::{
        import::EntryError,
        received::{CardVersion, ReceivedText, TextTooLarge},
    },
    picture::limits::MAX_UPLOAD_BYTES,
    text::Invalid,
};
use vcard::{Card, CardText, ContentLine, Version};

use crate::fields::Sieve;

/// Returns the text of a card without the pictures inside of it. A link to a picture stays.
///
/// # Errors
/// The text is too large.
pub(crate) fn received_text_of(card: &CardText<'_>) -> Result<ReceivedText, TextTooLarge> {
    ReceivedText::new(version_of(card), without_pictures(card))
}

/// Returns the text of a card as it is.
///
/// # Errors
/// The text is too large.
pub(crate) fn whole_text_of(card: &CardText<'_>) -> Result<ReceivedText, TextTooLarge> {
    ReceivedText::new(version_of(card), card.lines().iter().map(ContentLine::raw).collect())
}

fn version_of(card: &CardText<'_>) -> CardVersion {
    match card.version() {
        Version::V2_1 => CardVersion::V2_1,
        Version::V3_0 => CardVersion::V3_0,
        Version::V4_0 => CardVersion::V4_0,
    }
}

/// Returns the error of an entry whose text is too large.
pub(crate) fn too_large(error: TextTooLarge) -> EntryError {
    EntryError::Unreadable(error.to_string())
}

/// Returns the picture of a card. One that is larger than an upload is left out. A line that is not base64 counts as
/// picture too, so that the check of pictures rejects it, and the report names it.
pub(crate) fn picture_of(text: &CardText<'_>, card: &mut Card, sieve: &mut Sieve) -> Option<Vec<u8>> {
    let unreadable = || text.body().find(|(_, line)| is_picture(line)).map(|(_, line)| line.raw_value().into());
    let bytes: Vec<u8> = card.photo.take().map(|photo| photo.bytes).or_else(unreadable)?;
    if bytes.len() > MAX_UPLOAD_BYTES {
        sieve.leave_out("/photo".to_owned(), Invalid::TooLong { max: MAX_UPLOAD_BYTES, unit: "bytes" });
        return None;
    }
    Some(bytes)
}

/// Returns the text without the lines of pictures, and without the labels of their groups.
fn without_pictures(card: &CardText<'_>) -> String {
    let group = |line: &ContentLine<'_>| line.group().map(str::to_ascii_lowercase);
    let is_label = |line: &ContentLine<'_>| line.is("X-ABLabel");
    let mut groups: HashSet<String> =
        card.body().filter(|(_, line)| is_picture(line)).filter_map(|(_, line)| group(line)).collect();
    for (_, line) in card.body().filter(|(_, line)| !is_picture(line) && !is_label(line)) {
        group(line).map(|group| groups.remove(&group));
    }
    let is_removed = |line: &ContentLine<'_>| {
        is_picture(line) || (is_label(line) && group(line).is_some_and(|group| groups.contains(&group)))
    };
    card.lines().iter().filter(|line| !is_removed(line)).map(ContentLine::raw).collect()
}

/// Returns true for a picture inside of a card.
fn is_picture(line: &ContentLine<'_>) -> bool {
    line.is("PHOTO") && !is_link(line)
}

fn is_link(line: &ContentLine<'_>) -> bool {
    let value = line.raw_value().trim_start();
    let begins = |start: &str| value.get(..start.len()).is_some_and(|own| own.eq_ignore_ascii_case(start));
    let is_uri = line.param("VALUE").is_some_and(|kind| kind.eq_ignore_ascii_case("uri"));
    !begins("data:") && (is_uri || begins("http:") || begins("https:"))
}
