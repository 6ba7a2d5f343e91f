//! Contacts, birthdays and tags in response bodies.

use domain::{
    contact::{Contact, ContactPage, ContactQuery, Cursor, PageStart, TagCount},
    picture::PictureStore,
    use_cases::contact::UpcomingBirthday,
};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::{cursor, timestamp};

/// A contact: its stored card, with the members that are not part of the card.
pub(crate) struct ContactView(Box<RawValue>);

impl ContactView {
    pub(crate) fn new(contact: &Contact, pictures: &dyn PictureStore) -> Self {
        let photo_url = match &contact.photo {
            Some(key) => serde_json::Value::String(pictures.url(key)),
            None => serde_json::Value::Null,
        };
        let text = format!(
            r#"{{"id":"{}",{},"photo_url":{photo_url},"created_at":"{}","updated_at":"{}"}}"#,
            contact.id,
            contact.card.members(),
            timestamp(contact.created_at),
            timestamp(contact.updated_at),
        );
        // The database stores JSON objects only. Whatever else is there must not break the responses of other contacts.
        Self(RawValue::from_string(text).unwrap_or_else(|_| {
            tracing::error!(contact_id = %contact.id, "contact unreadable");
            RawValue::NULL.to_owned()
        }))
    }
}

impl Serialize for ContactView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// A page of contacts.
#[derive(Serialize, ToSchema)]
#[schema(as = ContactPage)]
pub(crate) struct ContactPageView {
    /// The contacts, in the requested order.
    pub(crate) items: Vec<ContactView>,
    /// The number of contacts that match, on all pages.
    #[schema(example = 1)]
    total: u64,
    /// The number of skipped contacts; 0 with a cursor.
    #[schema(example = 0)]
    skip: u64,
    /// The maximum number of items of this page.
    #[schema(example = 100)]
    limit: u64,
    /// The `cursor` of the next page; null on the last page.
    #[schema(example = json!(null))]
    next_cursor: Option<String>,
}

impl ContactPageView {
    pub(crate) fn new(
        page: &ContactPage,
        next: Option<&Cursor>,
        query: &ContactQuery,
        pictures: &dyn PictureStore,
    ) -> Self {
        let skip = match query.start {
            PageStart::Skip(skip) => skip,
            PageStart::After(_) => 0,
        };
        Self {
            items: page.items.iter().map(|contact| ContactView::new(contact, pictures)).collect(),
            total: page.total,
            skip,
            limit: query.limit,
            next_cursor: next.map(|next| cursor::encode(next, &query.sort)),
        }
    }
}

/// The upcoming birthdays.
#[derive(Serialize, ToSchema)]
#[schema(as = BirthdayList)]
pub(crate) struct BirthdaysView {
    /// The birthdays, by date and then by name.
    pub(crate) items: Vec<BirthdayView>,
}

/// A contact's next birthday.
#[derive(Serialize, ToSchema)]
#[schema(as = UpcomingBirthday)]
pub(crate) struct BirthdayView {
    /// The contact.
    contact: ContactView,
    /// The date of the birthday. A birthday on 29 February is on 28 February in other than leap years.
    #[schema(format = Date, example = "2027-02-25")]
    date: String,
    /// The number of days until the birthday; 0 is today.
    #[schema(example = 3)]
    days_until: i64,
    /// The age on that day; null without a year of birth.
    #[schema(example = 156)]
    turns: Option<i32>,
}

impl BirthdayView {
    pub(crate) fn new(upcoming: &UpcomingBirthday, pictures: &dyn PictureStore) -> Self {
        Self {
            contact: ContactView::new(&upcoming.contact, pictures),
            date: upcoming.date.to_string(),
            days_until: upcoming.days_until,
            turns: upcoming.turns,
        }
    }
}

/// All tags of your contacts.
#[derive(Serialize, ToSchema)]
#[schema(as = TagList)]
pub(crate) struct TagsView {
    /// The tags, in alphabetical order.
    pub(crate) items: Vec<TagView>,
}

/// A tag, with the number of contacts that have it.
#[derive(Serialize, ToSchema)]
#[schema(as = TagCount)]
pub(crate) struct TagView {
    /// The most frequent spelling of the tag.
    #[schema(example = "друзі")]
    tag: String,
    /// The number of contacts that have the tag.
    #[schema(example = 12)]
    count: u64,
}

impl From<&TagCount> for TagView {
    fn from(counted: &TagCount) -> Self {
        Self { tag: counted.tag.as_str().to_owned(), count: counted.count }
    }
}
