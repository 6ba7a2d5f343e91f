//! Columns of a contact: its card, and beside it only what is filtered, sorted, joined or changed apart.

use domain::{
    contact::{Contact, SearchForms, SortValue, UnreadableContact},
    error::StoreError,
    folding,
};
use sea_orm::{ActiveValue::NotSet, Iterable as _, Set, Value};
use tokio::task::spawn_blocking;

use crate::{
    entities::contacts::{ActiveModel, Column},
    error::backend,
};

/// Returns all columns of a contact that is not in the trash.
pub(super) fn of_new(contact: &Contact) -> Result<ActiveModel, UnreadableContact> {
    Ok(ActiveModel {
        id: Set(contact.id.0),
        owner_id: Set(contact.owner.0),
        created_at: Set(contact.created_at),
        deleted_at: Set(None),
        change_before_deletion: Set(None),
        ..changeable(contact)?
    })
}

/// Returns all columns of several contacts. Folds them in a blocking task, since folding many texts would block the
/// worker.
pub(super) async fn of_all(contacts: &[Contact]) -> Result<Vec<ActiveModel>, StoreError> {
    if let [one] = contacts {
        return Ok(vec![of_new(one)?]);
    }
    let contacts = contacts.to_vec();
    let folding = spawn_blocking(move || contacts.iter().map(of_new).collect::<Result<Vec<_>, _>>());
    Ok(folding.await.map_err(|_| backend("the folding task was cancelled"))??)
}

/// Returns the columns that may change.
pub(super) fn changeable(contact: &Contact) -> Result<ActiveModel, UnreadableContact> {
    Ok(ActiveModel {
        photo_key: Set(contact.photo.as_ref().map(|key| key.as_str().to_owned())),
        change: Set(contact.change.0),
        updated_at: Set(contact.updated_at),
        ..of_card(contact)?
    })
}

/// Returns the card in the form of this version, with all columns that are derived from it. Lists all other columns
/// explicitly, so that a new column must be added here.
pub(super) fn of_card(contact: &Contact) -> Result<ActiveModel, UnreadableContact> {
    let card = contact.parsed_card()?;
    let forms = SearchForms::of(&card);
    Ok(ActiveModel {
        card: Set(contact.card.as_str().to_owned()),
        favorite: Set(card.favorite),
        first_name_folded: Set(forms.first_name),
        last_name_folded: Set(forms.last_name),
        emails_folded: Set(forms.emails),
        phone_digits: Set(forms.phones),
        tags_folded: Set(forms.tags),
        search_text: Set(forms.text),
        first_name_sort: Set(forms.first_name_sort),
        last_name_sort: Set(forms.last_name_sort),
        birthday_sort: Set(small(forms.birthday_sort)),
        search_version: Set(folding::VERSION),
        id: NotSet,
        owner_id: NotSet,
        photo_key: NotSet,
        card_name: NotSet,
        change: NotSet,
        created_at: NotSet,
        updated_at: NotSet,
        deleted_at: NotSet,
        change_before_deletion: NotSet,
    })
}

/// Returns the names of the columns that may change.
pub(super) fn changeable_columns() -> impl Iterator<Item = Column> {
    let is_fixed = |column: &Column| {
        matches!(
            column,
            Column::Id
                | Column::OwnerId
                | Column::CardName
                | Column::CreatedAt
                | Column::DeletedAt
                | Column::ChangeBeforeDeletion
        )
    };
    Column::iter().filter(move |column| !is_fixed(column))
}

/// Converts a sort value to the type of its column.
pub(super) fn sort_column(value: &SortValue) -> Value {
    match value {
        SortValue::Text(key) => key.clone().into(),
        SortValue::Time(time) => (*time).into(),
        SortValue::Day(day) => small(*day).into(),
    }
}

/// Converts the ordinal of a day, which has four digits.
pub(super) fn small(day: u32) -> i16 {
    i16::try_from(day).unwrap_or(i16::MAX)
}
