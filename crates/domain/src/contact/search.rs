//! Everything that is searched and sorted: the forms of a card that are stored beside it and compared.

use super::{
    ContactCard, card::TextUse, contact_email::email_forms, cursor::birthday_sort, needle::looks_like_phone,
    searchable_phones,
};
use crate::{
    collation::sort_key,
    folding::{fold, fold_case},
};

/// Search and sort forms of a card. They depend on [`folding::VERSION`](crate::folding::VERSION).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchForms {
    /// First name, folded.
    pub first_name: Option<String>,
    /// Last name, folded.
    pub last_name: Option<String>,
    /// Forms of the e-mails: a line feed before and after each.
    pub emails: Option<String>,
    /// Phones, as a [`PhoneNeedle`](super::PhoneNeedle) finds them.
    pub phones: Option<String>,
    /// Tags with their case folded: a line feed before and after each.
    pub tags: Option<String>,
    /// Text that `q` searches, without the phones that a [`PhoneNeedle`](super::PhoneNeedle) finds. Folded texts contain no line feed, so no match spans two of them.
    pub text: String,
    /// Sort key of the first name.
    pub first_name_sort: Vec<u8>,
    /// Sort key of the last name.
    pub last_name_sort: Vec<u8>,
    /// Sort value of the birthday: its ordinal, or [`SortValue::NO_BIRTHDAY`](super::SortValue::NO_BIRTHDAY).
    pub birthday_sort: u32,
}

impl SearchForms {
    /// Returns the forms of a card.
    #[must_use]
    pub fn of(card: &ContactCard) -> Self {
        let first_name = card.first_name.as_ref().map(super::PersonName::as_str);
        let last_name = card.last_name.as_ref().map(super::PersonName::as_str);
        Self {
            first_name: first_name.map(fold),
            last_name: last_name.map(fold),
            emails: lines(card.emails.iter().flat_map(|email| email_forms(email.address.as_str()))),
            phones: searchable_phones(card.phones.iter().map(|phone| &phone.number)),
            tags: lines(card.tags.iter().map(|tag| fold_case(tag.as_str()))),
            text: searched_text(card),
            first_name_sort: sort_key(first_name),
            last_name_sort: sort_key(last_name),
            birthday_sort: birthday_sort(card.birthday),
        }
    }
}

fn searched_text(card: &ContactCard) -> String {
    let texts = card.texts().into_iter().flat_map(|(text_use, text)| match text_use {
        TextUse::Identifying | TextUse::Searched => vec![fold(text)],
        TextUse::Email => email_forms(text),
        // Digits alone would be found in any order and position.
        TextUse::Phone if looks_like_phone(text) => Vec::new(),
        TextUse::Phone => vec![fold(text)],
        TextUse::Stored => Vec::new(),
    });
    texts.collect::<Vec<_>>().join("\n")
}

/// Joins texts with a line feed before and after each. Returns `None` when there are none, so that even an empty filter
/// does not match.
fn lines(texts: impl Iterator<Item = String>) -> Option<String> {
    let text =
        texts.fold(String::new(), |all, text| if all.is_empty() { format!("\n{text}\n") } else { all + &text + "\n" });
    (!text.is_empty()).then_some(text)
}
