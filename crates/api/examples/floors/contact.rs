//! A contact by column, and its JSON as the service writes it.

use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

/// Row of `by_column`.
#[derive(FromRow)]
pub(crate) struct ContactRow {
    id: Uuid,
    #[expect(dead_code, reason = "the service reads it too")]
    owner_id: Uuid,
    first_name: Option<String>,
    last_name: Option<String>,
    middle_name: Option<String>,
    nickname: Option<String>,
    organization: Option<String>,
    job_title: Option<String>,
    notes: Option<String>,
    birthday_year: Option<i16>,
    birthday_month_day: Option<i16>,
    favorite: bool,
    details: Json<Details>,
    photo_key: Option<String>,
    #[expect(dead_code, reason = "the service reads it too")]
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// Row of `by_card`. Its JSON has the members that are not in the card around it.
#[derive(FromRow)]
pub(crate) struct CardRow {
    id: Uuid,
    card: String,
    #[expect(dead_code, reason = "the service reads it too")]
    search_version: i16,
    photo_key: Option<String>,
    #[expect(dead_code, reason = "the service reads it too")]
    change: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl CardRow {
    pub(crate) fn write(&self, page: &mut String) {
        let Self { id, card, photo_key, .. } = self;
        let members = card.strip_prefix('{').and_then(|card| card.strip_suffix('}')).unwrap();
        let photo = photo_key.as_deref().unwrap_or("null");
        let [created, updated] =
            [self.created_at, self.updated_at].map(|time| time.to_rfc3339_opts(SecondsFormat::Micros, true));
        write!(
            page,
            r#"{{"id":"{id}",{members},"photo_url":{photo},"created_at":"{created}","updated_at":"{updated}"}}"#
        )
        .unwrap();
    }
}

/// Lists of a contact.
#[derive(Serialize, Deserialize)]
struct Details {
    emails: Vec<Email>,
    phones: Vec<Phone>,
    addresses: Vec<Address>,
    urls: Vec<Link>,
    tags: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Email {
    label: Option<String>,
    address: String,
}

#[derive(Serialize, Deserialize)]
struct Phone {
    label: Option<String>,
    number: String,
}

#[derive(Serialize, Deserialize)]
struct Address {
    label: Option<String>,
    street: Option<String>,
    city: Option<String>,
    region: Option<String>,
    postal_code: Option<String>,
    country: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Link {
    label: Option<String>,
    url: String,
}

/// A contact in an answer.
#[derive(Serialize)]
pub(crate) struct ContactView<'row> {
    id: Uuid,
    first_name: Option<&'row str>,
    last_name: Option<&'row str>,
    middle_name: Option<&'row str>,
    nickname: Option<&'row str>,
    organization: Option<&'row str>,
    job_title: Option<&'row str>,
    emails: &'row [Email],
    phones: &'row [Phone],
    addresses: &'row [Address],
    urls: &'row [Link],
    birthday: Option<String>,
    notes: Option<&'row str>,
    tags: &'row [String],
    favorite: bool,
    photo_url: Option<&'row str>,
    created_at: String,
    updated_at: String,
}

impl<'row> From<&'row ContactRow> for ContactView<'row> {
    fn from(row: &'row ContactRow) -> Self {
        let details = &row.details.0;
        Self {
            id: row.id,
            first_name: row.first_name.as_deref(),
            last_name: row.last_name.as_deref(),
            middle_name: row.middle_name.as_deref(),
            nickname: row.nickname.as_deref(),
            organization: row.organization.as_deref(),
            job_title: row.job_title.as_deref(),
            emails: &details.emails,
            phones: &details.phones,
            addresses: &details.addresses,
            urls: &details.urls,
            birthday: birthday(row),
            notes: row.notes.as_deref(),
            tags: &details.tags,
            favorite: row.favorite,
            photo_url: row.photo_key.as_deref(),
            created_at: timestamp(row.created_at),
            updated_at: timestamp(row.updated_at),
        }
    }
}

fn birthday(row: &ContactRow) -> Option<String> {
    let month_day = row.birthday_month_day?;
    let (month, day) = (month_day / 100, month_day % 100);
    Some(match row.birthday_year {
        Some(year) => format!("{year:04}-{month:02}-{day:02}"),
        None => format!("--{month:02}-{day:02}"),
    })
}

fn timestamp(timestamp: DateTime<Utc>) -> String {
    timestamp.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// A page of contacts.
#[derive(Serialize)]
pub(crate) struct PageView<'row> {
    pub(crate) items: Vec<ContactView<'row>>,
    pub(crate) total: usize,
    pub(crate) skip: u64,
    pub(crate) limit: u64,
    pub(crate) next_cursor: Option<String>,
}
