//! Contacts, birthdays and tags in response bodies.
//!
//! The views with contacts only describe the JSON. It is written member by member, because a contact is spliced from its
//! stored card: nothing of it is parsed.

use domain::{
    Ports,
    contact::{Contact, ContactQuery, PageStart, Sort, TagCount},
    error::StoreError,
    ids::UserId,
    picture::PictureStore,
    use_cases::contact::{ContactPage, ContactPageRest, UpcomingBirthday, UpcomingBirthdays},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{cursor, document::Document, json::JsonWriter, timestamp};

/// Bytes of a contact beside its card: names of members, id, URL of the photo, and times.
const BESIDE_CARD: usize = 256;

/// A contact: its stored card, with the members that are not part of the card.
pub(crate) struct ContactView;

impl ContactView {
    pub(crate) fn write(json: &mut JsonWriter, contact: &Contact, pictures: &dyn PictureStore) {
        // The database stores JSON objects only, so the text need not be checked.
        json.begin_object();
        json.plain_member("id", contact.id.0.hyphenated().encode_lower(&mut Uuid::encode_buffer()));
        json.written_members(contact.card.members());
        json.member("photo_url", &contact.photo.as_ref().map(|key| pictures.url(key)));
        json.plain_member("created_at", &timestamp(contact.created_at));
        json.plain_member("updated_at", &timestamp(contact.updated_at));
        json.end_object();
    }

    /// Returns the JSON of one contact.
    pub(crate) fn json(contact: &Contact, pictures: &dyn PictureStore) -> JsonWriter {
        let mut json = JsonWriter::default();
        reserve(&mut json, [contact]);
        Self::write(&mut json, contact, pictures);
        json
    }
}

/// Allocates memory for contacts.
pub(super) fn reserve<'a>(json: &mut JsonWriter, contacts: impl IntoIterator<Item = &'a Contact>) {
    let text = contacts.into_iter().map(|contact| contact.card.as_str().len() + BESIDE_CARD).sum();
    json.reserve(text);
}

/// A page of contacts.
#[derive(ToSchema)]
#[schema(as = ContactPage)]
#[expect(dead_code, reason = "describes what ContactPageDocument writes")]
pub(crate) struct ContactPageView {
    /// The contacts, in the requested order.
    items: Vec<ContactView>,
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

/// Writer of a [`ContactPageView`].
pub(crate) struct ContactPageDocument {
    page: ContactPage,
    sort: Sort,
    skip: u64,
    limit: u64,
}

impl ContactPageDocument {
    /// Begins the page of a query.
    pub(crate) fn begin(json: &mut JsonWriter, owner: UserId, query: ContactQuery) -> Self {
        json.begin_object();
        json.name("items");
        json.begin_list();
        let skip = match query.start {
            PageStart::Skip(skip) => skip,
            PageStart::After(_) => 0,
        };
        Self { sort: query.sort.clone(), skip, limit: query.limit, page: ContactPage::new(owner, query) }
    }
}

impl Document for ContactPageDocument {
    fn next_contacts(&self) -> u64 {
        self.page.next_contacts()
    }

    async fn write_next(self, ports: &Ports, json: &mut JsonWriter) -> Result<Option<Self>, StoreError> {
        let part = self.page.read(ports).await?;
        reserve(json, &part.contacts);
        for contact in &part.contacts {
            ContactView::write(json, contact, &*ports.picture_store);
        }
        let (total, next) = match part.rest {
            ContactPageRest::Parts(page) => return Ok(Some(Self { page: *page, ..self })),
            ContactPageRest::End { total, next } => (total, next),
        };
        json.end_list();
        json.member("total", &total);
        json.member("skip", &self.skip);
        json.member("limit", &self.limit);
        json.member("next_cursor", &next.map(|next| cursor::encode(&next, &self.sort)));
        json.end_object();
        Ok(None)
    }
}

/// The upcoming birthdays.
#[derive(ToSchema)]
#[schema(as = BirthdayList)]
#[expect(dead_code, reason = "describes what BirthdaysDocument writes")]
pub(crate) struct BirthdaysView {
    /// The birthdays, by date and then by name.
    items: Vec<BirthdayView>,
}

/// A contact's next birthday.
#[derive(ToSchema)]
#[schema(as = UpcomingBirthday)]
#[expect(dead_code, reason = "describes what BirthdaysDocument writes")]
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

/// Writer of a [`BirthdaysView`].
pub(crate) struct BirthdaysDocument(UpcomingBirthdays);

impl BirthdaysDocument {
    pub(crate) fn begin(json: &mut JsonWriter, birthdays: UpcomingBirthdays) -> Self {
        json.begin_object();
        json.name("items");
        json.begin_list();
        Self(birthdays)
    }
}

impl Document for BirthdaysDocument {
    fn next_contacts(&self) -> u64 {
        self.0.next_contacts()
    }

    async fn write_next(self, ports: &Ports, json: &mut JsonWriter) -> Result<Option<Self>, StoreError> {
        let (birthdays, rest) = self.0.read(ports).await?;
        reserve(json, birthdays.iter().map(|upcoming| &upcoming.contact));
        for UpcomingBirthday { contact, date, days_until, turns } in &birthdays {
            json.begin_object();
            json.name("contact");
            ContactView::write(json, contact, &*ports.picture_store);
            json.plain_member("date", &date.to_string());
            json.member("days_until", days_until);
            json.member("turns", turns);
            json.end_object();
        }
        if rest.is_none() {
            json.end_list();
            json.end_object();
        }
        Ok(rest.map(Self))
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
