//! One card that a CardDAV client sends.

use chrono::NaiveDate;
use domain::contact::{
    ContactCard, PersonName, ValidCard,
    card_resource::{PutContact, PutContent},
    received::TextTooLarge,
};
use vcard::{Card, CardText, Charset, CharsetChoice, ContentLine, Entry, Kind, Limits, Splitter, read_lines};

use crate::{
    fields::{Sieve, model_of, uid_of},
    google_groups::GoogleGroups,
    received_text::{picture_of, received_text_of, whole_text_of},
};

/// Name of a contact whose card has none.
const NO_NAME: &str = "No name";

/// Reason for rejecting a sent card. A value that a contact cannot have is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SentCardError {
    /// The content is not exactly one vCard.
    #[error("send exactly one vCard: {0}")]
    NotOneCard(String),
    /// The text is too large.
    #[error(transparent)]
    TooLarge(#[from] TextTooLarge),
}

/// Reads the card that a client sends. `charset` is the one that the client names, and `today` is
/// [`Birthday::latest`](domain::contact::Birthday::latest).
///
/// A card without a name gets one, because each contact has a name. Its text is stored as it is.
///
/// # Errors
/// See [`SentCardError`].
pub fn read_card(content: &[u8], charset: Option<Charset>, today: NaiveDate) -> Result<PutContent, SentCardError> {
    let received = only_card(content, charset)?;
    let text =
        CardText::parse(&received, &Limits::default()).map_err(|error| SentCardError::NotOneCard(error.to_string()))?;
    let mut card = read_lines(&text);
    let mut sieve = Sieve::new(today);
    if card.kind == Some(Kind::Group) {
        let whole = whole_text_of(&text)?;
        return Ok(PutContent::Group { uid: uid_of(&card, &mut sieve), text: whole });
    }
    let photo = picture_of(&text, &mut card, &mut sieve);
    let groups = GoogleGroups::of(&card.categories);
    let valid = named_card_of(&card, groups, &mut sieve)?;
    Ok(PutContent::Contact(Box::new(PutContact {
        favorite: favorite_of(&text, &card, groups),
        card: valid,
        uid: uid_of(&card, &mut sieve),
        text: received_text_of(&text)?,
        text_with_photo: photo.as_ref().and_then(|_| whole_text_of(&text).ok()),
        photo,
    })))
}

/// Returns the text of the only card.
fn only_card(content: &[u8], charset: Option<Charset>) -> Result<String, SentCardError> {
    let choice = CharsetChoice { declared: charset, locale: None };
    let mut splitter = Splitter::new(Limits::default(), &choice);
    let mut rest = content;
    let mut cards: Vec<Entry> = Vec::new();
    while let Some(entry) = splitter.next(&mut rest) {
        cards.push(entry);
        if cards.len() > 1 {
            return Err(SentCardError::NotOneCard("the content has several".to_owned()));
        }
    }
    cards.extend(splitter.finish());
    match <[Entry; 1]>::try_from(cards) {
        Ok([Entry { card: Ok(received), .. }]) => Ok(received.text),
        Ok([Entry { card: Err(error), .. }]) => Err(SentCardError::NotOneCard(error.to_string())),
        Err(cards) if cards.is_empty() => Err(SentCardError::NotOneCard("the content has none".to_owned())),
        Err(_) => Err(SentCardError::NotOneCard("the content has several".to_owned())),
    }
}

/// Returns the values of a card that a contact can have, with a name if they have none.
fn named_card_of(card: &Card, groups: GoogleGroups, sieve: &mut Sieve) -> Result<ValidCard, SentCardError> {
    let mut model = model_of(card, groups, sieve);
    let no_name = || PersonName::parse(NO_NAME).ok();
    if !model.has_name() {
        model.first_name = no_name();
    }
    let today = sieve.today();
    let checked =
        model.check(today).or_else(|_| ContactCard { first_name: no_name(), ..Default::default() }.check(today));
    checked.map_err(|_| SentCardError::NotOneCard("it has no values".to_owned()))
}

/// Returns `favorite` if the card has it, as a property or as a group of Google.
fn favorite_of(text: &CardText<'_>, card: &Card, groups: GoogleGroups) -> Option<bool> {
    let is_property = |line: &ContentLine<'_>| line.is("X-FAVORITE") || line.is("X-ANDROID-STARRED");
    let has_property = text.body().any(|(_, line)| is_property(line));
    let is_starred = card.categories.iter().any(|category| groups.is_star(category));
    (has_property || is_starred).then_some(card.favorite || is_starred)
}
