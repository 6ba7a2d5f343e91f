//! Contacts, birthdays and tags in response bodies.

use domain::{
    contact::{
        AddressLine, Contact, ContactPage, ContactQuery, Cursor, JobTitle, Label, Nickname, Notes, Organization,
        PageStart, PersonName, Tag, TagCount,
    },
    picture::PictureStore,
    use_cases::contact::UpcomingBirthday,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{cursor, timestamp};

/// A contact. A missing text is null, a missing list is empty.
#[derive(Serialize, ToSchema)]
#[schema(as = Contact)]
pub(crate) struct ContactView {
    /// The contact's id.
    #[schema(example = "0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27")]
    id: Uuid,
    /// First name.
    #[schema(example = "Леся")]
    first_name: Option<String>,
    /// Last name.
    #[schema(example = "Українка")]
    last_name: Option<String>,
    /// Middle name or patronymic.
    #[schema(example = "Петрівна")]
    middle_name: Option<String>,
    /// Nickname.
    #[schema(example = "Зірочка")]
    nickname: Option<String>,
    /// The organization or employer.
    #[schema(example = "Плеяда")]
    organization: Option<String>,
    /// The job title.
    #[schema(example = "поетка")]
    job_title: Option<String>,
    /// E-mail addresses, as typed.
    emails: Vec<EmailView>,
    /// Telephone numbers, as typed.
    phones: Vec<PhoneView>,
    /// Postal addresses.
    addresses: Vec<AddressView>,
    /// Links.
    urls: Vec<LinkView>,
    /// A date like `1990-02-28`, or `--02-28` without a year.
    #[schema(example = "1871-02-25")]
    birthday: Option<String>,
    /// Free text.
    #[schema(example = "Познайомились у Карпатах")]
    notes: Option<String>,
    /// Tags.
    #[schema(example = json!(["друзі"]))]
    tags: Vec<String>,
    /// True for a favorite.
    #[schema(example = true)]
    favorite: bool,
    /// The URL of the photo; null without one.
    #[schema(example = json!(null))]
    photo_url: Option<String>,
    /// The time of the creation.
    #[schema(format = DateTime, example = "2026-11-21T10:00:00.000000Z")]
    created_at: String,
    /// The time of the last change.
    #[schema(format = DateTime, example = "2026-11-21T10:00:00.000000Z")]
    updated_at: String,
}

impl ContactView {
    pub(crate) fn new(contact: &Contact, pictures: &dyn PictureStore) -> Self {
        let details = &contact.details;
        Self {
            id: contact.id.0,
            first_name: text(details.first_name.as_ref(), PersonName::as_str),
            last_name: text(details.last_name.as_ref(), PersonName::as_str),
            middle_name: text(details.middle_name.as_ref(), PersonName::as_str),
            nickname: text(details.nickname.as_ref(), Nickname::as_str),
            organization: text(details.organization.as_ref(), Organization::as_str),
            job_title: text(details.job_title.as_ref(), JobTitle::as_str),
            emails: details
                .emails
                .iter()
                .map(|email| EmailView { label: label(email.label.as_ref()), address: email.value.as_str().to_owned() })
                .collect(),
            phones: details
                .phones
                .iter()
                .map(|phone| PhoneView { label: label(phone.label.as_ref()), number: phone.value.as_str().to_owned() })
                .collect(),
            addresses: details
                .addresses
                .iter()
                .map(|address| {
                    let line = |line: &Option<AddressLine>| text(line.as_ref(), AddressLine::as_str);
                    AddressView {
                        label: label(address.label.as_ref()),
                        street: line(&address.value.street),
                        city: line(&address.value.city),
                        region: line(&address.value.region),
                        postal_code: line(&address.value.postal_code),
                        country: line(&address.value.country),
                    }
                })
                .collect(),
            urls: details
                .urls
                .iter()
                .map(|link| LinkView { label: label(link.label.as_ref()), url: link.value.as_str().to_owned() })
                .collect(),
            birthday: details.birthday.map(|birthday| birthday.to_string()),
            notes: text(details.notes.as_ref(), Notes::as_str),
            tags: details.tags.iter().map(|tag| Tag::as_str(tag).to_owned()).collect(),
            favorite: details.favorite,
            photo_url: contact.photo.as_ref().map(|key| pictures.url(key)),
            created_at: timestamp(contact.created_at),
            updated_at: timestamp(contact.updated_at),
        }
    }
}

fn text<T>(value: Option<&T>, as_str: impl Fn(&T) -> &str) -> Option<String> {
    value.map(|value| as_str(value).to_owned())
}

fn label(label: Option<&Label>) -> Option<String> {
    text(label, Label::as_str)
}

/// An e-mail address with a label.
#[derive(Serialize, ToSchema)]
#[schema(as = ContactEmail)]
pub(crate) struct EmailView {
    #[schema(example = "home")]
    label: Option<String>,
    #[schema(example = "Lesia@example.com")]
    address: String,
}

/// A telephone number with a label.
#[derive(Serialize, ToSchema)]
#[schema(as = ContactPhone)]
pub(crate) struct PhoneView {
    #[schema(example = "mobile")]
    label: Option<String>,
    #[schema(example = "+380 (67) 111-22-33")]
    number: String,
}

/// A postal address with a label.
#[derive(Serialize, ToSchema)]
#[schema(as = ContactAddress)]
pub(crate) struct AddressView {
    #[schema(example = "home")]
    label: Option<String>,
    #[schema(example = "вул. Хрещатик, 1")]
    street: Option<String>,
    #[schema(example = "Київ")]
    city: Option<String>,
    region: Option<String>,
    #[schema(example = "01001")]
    postal_code: Option<String>,
    #[schema(example = "Україна")]
    country: Option<String>,
}

/// A link with a label.
#[derive(Serialize, ToSchema)]
#[schema(as = ContactLink)]
pub(crate) struct LinkView {
    label: Option<String>,
    #[schema(example = "https://example.com/lesia")]
    url: String,
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
