//! Columns of a contact: its values, and the derived search and sort columns.

use domain::{
    contact::{Contact, Nickname, Notes, Organization, PersonName, SortValue, searchable_phones},
    error::StoreError,
    folding::{self, fold, fold_case, sort_key},
};
use sea_orm::{ActiveValue::NotSet, Iterable as _, Set, Value};
use tokio::task::spawn_blocking;

use crate::{
    entities::{
        contacts::{ActiveModel, Column},
        details_document::DetailsDocument,
    },
    error::backend,
};

/// Returns all columns.
fn all(contact: &Contact) -> ActiveModel {
    ActiveModel {
        id: Set(contact.id.0),
        owner_id: Set(contact.owner.0),
        created_at: Set(contact.created_at),
        deleted_at: Set(None),
        ..changeable(contact)
    }
}

/// Returns all columns of several contacts. Folds them in a blocking task, since folding many texts would block the
/// worker.
pub(super) async fn of_all(contacts: &[Contact]) -> Result<Vec<ActiveModel>, StoreError> {
    if let [one] = contacts {
        return Ok(vec![all(one)]);
    }
    let contacts = contacts.to_vec();
    let folding = spawn_blocking(move || contacts.iter().map(all).collect());
    folding.await.map_err(|_| backend("the folding task was cancelled"))
}

/// Returns the columns that may change.
pub(super) fn changeable(contact: &Contact) -> ActiveModel {
    let details = &contact.details;
    let birthday = details.birthday;
    let first_name = details.first_name.as_ref().map(PersonName::as_str);
    let last_name = details.last_name.as_ref().map(PersonName::as_str);
    ActiveModel {
        first_name: Set(first_name.map(str::to_owned)),
        last_name: Set(last_name.map(str::to_owned)),
        middle_name: Set(details.middle_name.as_ref().map(|text| text.as_str().to_owned())),
        nickname: Set(details.nickname.as_ref().map(|text| text.as_str().to_owned())),
        organization: Set(details.organization.as_ref().map(|text| text.as_str().to_owned())),
        job_title: Set(details.job_title.as_ref().map(|text| text.as_str().to_owned())),
        notes: Set(details.notes.as_ref().map(|text| text.as_str().to_owned())),
        // A validated year has four digits and fits.
        birthday_year: Set(birthday.and_then(|day| i16::try_from(day.year()?).ok())),
        birthday_month_day: Set(birthday.map(|day| small(day.month_day().ordinal()))),
        favorite: Set(details.favorite),
        details: Set(DetailsDocument::from(&**details)),
        photo_key: Set(contact.photo.as_ref().map(|key| key.as_str().to_owned())),
        version: Set(contact.version.0),
        updated_at: Set(contact.updated_at),
        ..searched(contact)
    }
}

/// Returns the search and sort columns. Lists all other columns explicitly, so that a new column must be added here.
pub(super) fn searched(contact: &Contact) -> ActiveModel {
    let details = &contact.details;
    let first_name = details.first_name.as_ref().map(PersonName::as_str);
    let last_name = details.last_name.as_ref().map(PersonName::as_str);
    let birthday = details.birthday.map_or(SortValue::NO_BIRTHDAY, |birthday| birthday.month_day().ordinal());
    ActiveModel {
        first_name_folded: Set(first_name.map(fold)),
        last_name_folded: Set(last_name.map(fold)),
        emails_folded: Set(lines(details.emails.iter().map(|email| fold(email.value.as_str())))),
        phone_digits: Set(searchable_phones(&details.phones)),
        tags_folded: Set(lines(details.tags.iter().map(|tag| fold_case(tag.as_str())))),
        search_text: Set(search_text(contact)),
        first_name_sort: Set(sort_key(first_name)),
        last_name_sort: Set(sort_key(last_name)),
        birthday_sort: Set(small(birthday)),
        search_version: Set(folding::VERSION),
        id: NotSet,
        owner_id: NotSet,
        first_name: NotSet,
        last_name: NotSet,
        middle_name: NotSet,
        nickname: NotSet,
        organization: NotSet,
        job_title: NotSet,
        notes: NotSet,
        birthday_year: NotSet,
        birthday_month_day: NotSet,
        favorite: NotSet,
        details: NotSet,
        photo_key: NotSet,
        version: NotSet,
        created_at: NotSet,
        updated_at: NotSet,
        deleted_at: NotSet,
    }
}

/// Returns the names of the columns that may change.
pub(super) fn changeable_columns() -> impl Iterator<Item = Column> {
    let fixed =
        |column: &Column| matches!(column, Column::Id | Column::OwnerId | Column::CreatedAt | Column::DeletedAt);
    Column::iter().filter(move |column| !fixed(column))
}

/// Converts a sort value to the type of its column.
pub(super) fn sort_column(value: &SortValue) -> Value {
    match value {
        SortValue::Text(key) => key.clone().into(),
        SortValue::Time(time) => (*time).into(),
        SortValue::Day(day) => small(*day).into(),
    }
}

/// Returns the text that `q` searches. Folded texts contain no line feed, so no match spans two of them.
fn search_text(contact: &Contact) -> String {
    let details = &contact.details;
    let texts = [
        details.first_name.as_ref().map(PersonName::as_str),
        details.last_name.as_ref().map(PersonName::as_str),
        details.middle_name.as_ref().map(PersonName::as_str),
        details.nickname.as_ref().map(Nickname::as_str),
        details.organization.as_ref().map(Organization::as_str),
        details.notes.as_ref().map(Notes::as_str),
    ];
    let emails = details.emails.iter().map(|email| email.value.as_str());
    let phones = details.phones.iter().map(|phone| phone.value.as_str());
    texts.into_iter().flatten().chain(emails).chain(phones).map(fold).collect::<Vec<_>>().join("\n")
}

/// Joins texts with a line feed before and after each. Returns `None` when there are none, so that even an empty filter
/// does not match.
fn lines(texts: impl Iterator<Item = String>) -> Option<String> {
    let text =
        texts.fold(String::new(), |all, text| if all.is_empty() { format!("\n{text}\n") } else { all + &text + "\n" });
    (!text.is_empty()).then_some(text)
}

/// Converts the ordinal of a day, which has four digits.
pub(super) fn small(day: u32) -> i16 {
    i16::try_from(day).unwrap_or(i16::MAX)
}
