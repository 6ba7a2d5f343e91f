//! Query parameters of the list of contacts and of the upcoming birthdays.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use domain::{
    account::Timezone,
    contact::{BirthdayWindow, ContactQuery, Filter, Needle, PageStart, PhoneNeedle, Sort},
    text::Invalid,
};
use utoipa::IntoParams;

use super::cursor;
use crate::{
    extract::{BodyErrors, read_text},
    problem::{FieldError, Problem},
};

/// Query parameters of the list of contacts. Text is compared without case and accents.
#[derive(Deserr, IntoParams)]
#[deserr(error = BodyErrors, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// Words to search for. Each word must occur in the names, nickname, organization, e-mails, phones or notes.
    /// A word of digits also matches phones in any notation.
    #[deserr(default)]
    #[param(value_type = Option<String>, max_length = 200, example = "леся укр")]
    q: Option<Words>,
    /// A part of the first name.
    #[deserr(default)]
    #[param(value_type = Option<String>, min_length = 1, max_length = 200)]
    first_name: Option<Part>,
    /// A part of the last name.
    #[deserr(default)]
    #[param(value_type = Option<String>, min_length = 1, max_length = 200)]
    last_name: Option<Part>,
    /// A part of an e-mail address.
    #[deserr(default)]
    #[param(value_type = Option<String>, min_length = 1, max_length = 200)]
    email: Option<Part>,
    /// A phone number, or a part of its digits. Other characters are ignored. A complete international number
    /// (`+380671112233`) also matches the national notation (`067 111-22-33`), and the other way round.
    #[deserr(default)]
    #[param(value_type = Option<String>, min_length = 1, max_length = 200, pattern = "[0-9]", example = "67-111")]
    phone: Option<PhonePart>,
    /// A complete tag of the contact.
    #[deserr(default)]
    #[param(value_type = Option<String>, min_length = 1, max_length = 50)]
    tag: Option<WholeTag>,
    /// `true`: only favorites. `false`: only contacts that are not favorites.
    #[deserr(default)]
    #[param(value_type = Option<bool>)]
    favorite: Option<Flag>,
    /// Sort keys, separated by commas: `first_name`, `last_name`, `created_at`, `updated_at`, `birthday` (month and
    /// day). Put `-` before a key for descending order. Contacts without a value come last, or first when descending.
    #[deserr(default)]
    #[param(
        value_type = Option<String>,
        pattern = "^ *-?(first_name|last_name|created_at|updated_at|birthday) *(, *-?(first_name|last_name|created_at|updated_at|birthday) *){0,4}$",
        example = "last_name,first_name"
    )]
    sort: Option<Sort>,
    /// The number of contacts to skip; 0 by default. Cannot be combined with `cursor`.
    #[deserr(default)]
    #[param(value_type = Option<u64>, minimum = 0)]
    skip: Option<Skip>,
    /// The maximum number of contacts in the response; 100 by default.
    #[deserr(default)]
    #[param(value_type = Option<u64>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// The `next_cursor` of the previous page. `sort` must be the same.
    #[deserr(default)]
    #[param(max_length = 8192)]
    cursor: Option<String>,
}

impl ListQuery {
    /// Returns the query, or a problem when the parameters contradict each other.
    pub(crate) fn into_query(self) -> Result<ContactQuery, Problem> {
        let sort = self.sort.unwrap_or_default();
        let start = match (self.cursor, self.skip) {
            (None, skip) => PageStart::Skip(skip.map_or(0, |skip| skip.0)),
            (Some(text), None) => match cursor::decode(&text, &sort) {
                Some(cursor) => PageStart::After(cursor),
                None => return Err(invalid_cursor("must be a next_cursor of the contact list, with the same sort")),
            },
            (Some(_), Some(_)) => {
                return Err(cursor_problem("cursor-with-skip", "must not be combined with skip; send one of them"));
            }
        };
        let filter = Filter {
            words: self.q.map(|words| words.0).unwrap_or_default(),
            first_name: self.first_name.map(|part| part.0),
            last_name: self.last_name.map(|part| part.0),
            email: self.email.map(|part| part.0),
            phone: self.phone.map(|part| part.0),
            tag: self.tag.map(|tag| tag.0),
            favorite: self.favorite.map(|flag| flag.0),
        };
        Ok(ContactQuery { filter, sort, start, limit: self.limit.map_or(ContactQuery::DEFAULT_LIMIT, |limit| limit.0) })
    }
}

/// Returns the problem of a cursor that is malformed or belongs to another list or sort order.
pub(super) fn invalid_cursor(detail: &str) -> Problem {
    cursor_problem("invalid-cursor", detail)
}

fn cursor_problem(code: &'static str, detail: &str) -> Problem {
    Problem::parameters(vec![FieldError::new("/cursor".to_owned(), code, detail.to_owned())])
}

/// Query parameters of the upcoming birthdays.
#[derive(Deserr, IntoParams)]
#[deserr(error = BodyErrors, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct BirthdaysQuery {
    /// The number of days after today to include; 7 by default. Today is always included.
    #[deserr(default)]
    #[param(value_type = Option<u64>, minimum = 0, maximum = 366, example = 7)]
    days: Option<DaysAhead>,
    /// An IANA time zone, which determines the date of today. By default the time zone of your profile.
    #[deserr(default)]
    #[param(value_type = Option<String>, example = "Europe/Kyiv")]
    pub(crate) timezone: Option<Timezone>,
}

impl BirthdaysQuery {
    const DEFAULT_DAYS: u64 = 7;

    pub(crate) fn days(&self) -> u64 {
        self.days.as_ref().map_or(Self::DEFAULT_DAYS, |days| days.0)
    }
}

macro_rules! parameter {
    ($name:ident($inner:ty), $parse:expr) => {
        struct $name($inner);

        impl Deserr<BodyErrors> for $name {
            fn deserialize_from_value<V: IntoValue>(
                value: Value<V>,
                location: ValuePointerRef<'_>,
            ) -> Result<Self, BodyErrors> {
                read_text(value, location, $parse).map(Self)
            }
        }
    };
}

parameter!(Words(Vec<Needle>), Filter::words);
parameter!(Part(String), Filter::part);
parameter!(PhonePart(PhoneNeedle), Filter::phone);
parameter!(WholeTag(String), Filter::tag);
parameter!(Flag(bool), |text| text.parse().map_err(|_| Invalid::NotABoolean));
parameter!(Skip(u64), |text| whole_number(text, 0, u64::MAX));
parameter!(Limit(u64), |text| whole_number(text, 1, ContactQuery::MAX_LIMIT));
parameter!(DaysAhead(u64), |text| whole_number(text, 0, BirthdayWindow::MAX_DAYS));

/// Parses a whole number from `min` to `max`, written in digits only.
pub(super) fn whole_number(text: &str, min: u64, max: u64) -> Result<u64, Invalid> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| is_number && (min..=max).contains(number)).ok_or(Invalid::OutOfRange { min, max })
}
