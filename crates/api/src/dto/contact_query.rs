//! Parameters of the list of contacts and of the birthdays.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use domain::{
    account::Timezone,
    contact::{BirthdayWindow, ContactQuery, Filter, Needle, PageStart, PhoneNeedle, Sort},
    text::Invalid,
};
use utoipa::IntoParams;

use super::cursor;
use crate::{
    extract::{BodyFaults, read_text},
    problem::{Fault, Problem},
};

/// What the list is asked. Text is compared without case and accents.
#[derive(Deserr, IntoParams)]
#[deserr(error = BodyFaults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// Every word must be part of the names, nickname, organization, e-mails, phones or notes.
    /// A word of digits also finds phones, however they were typed.
    #[deserr(default)]
    #[param(value_type = Option<String>, max_length = 200, example = "леся укр")]
    q: Option<Words>,
    /// Part of the first name.
    #[deserr(default)]
    #[param(value_type = Option<String>, min_length = 1, max_length = 200)]
    first_name: Option<Part>,
    /// Part of the last name.
    #[deserr(default)]
    #[param(value_type = Option<String>, min_length = 1, max_length = 200)]
    last_name: Option<Part>,
    /// Part of an e-mail address.
    #[deserr(default)]
    #[param(value_type = Option<String>, min_length = 1, max_length = 200)]
    email: Option<Part>,
    /// A phone, or part of its digits; other characters are passed over. A whole number with its country
    /// (`+380671112233`) is also found as people write it at home (`067 111-22-33`), and the other way round.
    #[deserr(default)]
    #[param(value_type = Option<String>, min_length = 1, max_length = 200, pattern = "[0-9]", example = "67-111")]
    phone: Option<PhonePart>,
    /// One of the tags, whole.
    #[deserr(default)]
    #[param(value_type = Option<String>, min_length = 1, max_length = 50)]
    tag: Option<WholeTag>,
    /// `true`: favourites only; `false`: the others only.
    #[deserr(default)]
    #[param(value_type = Option<bool>)]
    favorite: Option<Flag>,
    /// A comma list of `first_name`, `last_name`, `created_at`, `updated_at`, `birthday` (its place in
    /// the year); `-` before a key for descending. What a contact lacks stands after all that is there.
    #[deserr(default)]
    #[param(
        value_type = Option<String>,
        pattern = "^ *-?(first_name|last_name|created_at|updated_at|birthday) *(, *-?(first_name|last_name|created_at|updated_at|birthday) *){0,4}$",
        example = "last_name,first_name"
    )]
    sort: Option<Sort>,
    /// How many to pass over; 0 when absent. Not together with `cursor`.
    #[deserr(default)]
    #[param(value_type = Option<u64>, minimum = 0)]
    skip: Option<Skip>,
    /// How many to give at most; 100 when absent.
    #[deserr(default)]
    #[param(value_type = Option<u64>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// The `next_cursor` of the page before, with the same `sort`.
    #[deserr(default)]
    #[param(max_length = 8192)]
    cursor: Option<String>,
}

impl ListQuery {
    /// The question, once the parameters fit each other.
    pub(crate) fn into_query(self) -> Result<ContactQuery, Problem> {
        let sort = self.sort.unwrap_or_default();
        let start = match (self.cursor, self.skip) {
            (None, skip) => PageStart::Skip(skip.map_or(0, |skip| skip.0)),
            (Some(text), None) => match cursor::decode(&text, &sort) {
                Some(cursor) => PageStart::After(cursor),
                None => return Err(refused_cursor("must be a next_cursor of the same list, with the same sort")),
            },
            (Some(_), Some(_)) => return Err(refused("cursor-with-skip", "must not be given together with skip")),
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

/// The problem of a cursor that is none, or one of something else.
pub(super) fn refused_cursor(detail: &str) -> Problem {
    refused("invalid-cursor", detail)
}

fn refused(code: &'static str, detail: &str) -> Problem {
    Problem::parameters(vec![Fault::of_form("/cursor".to_owned(), code, detail.to_owned())])
}

/// What the birthdays are asked.
#[derive(Deserr, IntoParams)]
#[deserr(error = BodyFaults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct BirthdaysQuery {
    /// How many days ahead to look, today not counted; 7 when absent.
    #[deserr(default)]
    #[param(value_type = Option<u64>, minimum = 0, maximum = 366, example = 7)]
    days: Option<DaysAhead>,
    /// An IANA time zone instead of your own.
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
    ($name:ident($inner:ty), $rule:expr) => {
        struct $name($inner);

        impl Deserr<BodyFaults> for $name {
            fn deserialize_from_value<V: IntoValue>(
                value: Value<V>,
                location: ValuePointerRef<'_>,
            ) -> Result<Self, BodyFaults> {
                read_text(value, location, $rule).map(Self)
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

/// Reads a whole number within its bounds.
pub(super) fn whole_number(text: &str, min: u64, max: u64) -> Result<u64, Invalid> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| is_number && (min..=max).contains(number)).ok_or(Invalid::OutOfRange { min, max })
}
