//! Query parameters of the list of contacts, of their export and of the upcoming birthdays.

use contact_files::OutputVersion;
use deserr::Deserr;
use domain::{
    account::Timezone,
    contact::{ContactQuery, DaysAhead, Filter, Needle, PageStart, PhoneNeedle, Sort, Tag},
    text::Invalid,
};
use utoipa::IntoParams;

use super::{
    bounds, cursor,
    export_text::{ExportFormat, FormatName},
    parameter::{boolean, parameter, whole_number},
};
use crate::{
    extract::{BodyErrors, Parameters},
    problem::{FieldError, InvalidParameter, Problem},
};

/// Declares the query parameters that filter and sort contacts, and those of one route after them.
macro_rules! filtered_query {
    ($(#[$meta:meta])* $name:ident { $($own:tt)* }) => {
        $(#[$meta])*
        #[derive(Deserr, IntoParams)]
        #[deserr(error = BodyErrors, deny_unknown_fields)]
        #[into_params(parameter_in = Query)]
        pub(crate) struct $name {
            /// Words to search for. Each word must occur in the names, nickname, organization, department, job title, e-mails,
            /// phones, addresses, links, tags or notes. Words that together look like a phone number are searched as one number,
            /// in any notation. Example: `леся укр`.
            #[deserr(default)]
            #[param(inline)]
            q: Option<Words>,
            /// A part of the first name.
            #[deserr(default)]
            #[param(inline)]
            first_name: Option<Part>,
            /// A part of the last name.
            #[deserr(default)]
            #[param(inline)]
            last_name: Option<Part>,
            /// A part of an e-mail address.
            #[deserr(default)]
            #[param(inline)]
            email: Option<Part>,
            /// A phone number, or a part of its digits. Other characters are ignored. A complete international number
            /// (`+380671112233`) also matches the national notation (`067 111-22-33`), and the other way round.
            #[deserr(default)]
            #[param(inline)]
            phone: Option<PhonePart>,
            /// A complete tag of the contact.
            #[deserr(default)]
            #[param(inline)]
            tag: Option<WholeTag>,
            /// `true`: only favorites. `false`: only contacts that are not favorites.
            #[deserr(default)]
            #[param(value_type = Option<bool>)]
            favorite: Option<Flag>,
            /// Sort keys, separated by commas: `first_name`, `last_name`, `created_at`, `updated_at`, `birthday` (month and
            /// day). Put `-` before a key for descending order. Contacts without a value come last, or first when descending.
            /// By default `last_name,first_name`.
            #[deserr(default)]
            #[param(
                value_type = Option<String>,
                pattern = "^ *-?(first_name|last_name|created_at|updated_at|birthday) *(, *-?(first_name|last_name|created_at|updated_at|birthday) *){0,4}$"
            )]
            sort: Option<Sort>,
            $($own)*
        }

        impl $name {
            /// Takes the filter and the sort order.
            fn take_filter(&mut self) -> (Filter, Sort) {
                let filter = Filter {
                    words: self.q.take().map(|words| words.0).unwrap_or_default(),
                    first_name: self.first_name.take().map(|part| part.0),
                    last_name: self.last_name.take().map(|part| part.0),
                    email: self.email.take().map(|part| part.0),
                    phone: self.phone.take().map(|part| part.0),
                    tag: self.tag.take().map(|tag| tag.0),
                    favorite: self.favorite.take().map(|flag| flag.0),
                    birthday: None,
                };
                (filter, self.sort.take().unwrap_or_default())
            }
        }
    };
}

filtered_query! {
    /// Query parameters of the list of contacts. Text is compared without case and accents, dashes and apostrophes of every
    /// kind are the same.
    ListQuery {
        /// The number of contacts to skip; 0 by default. Cannot be combined with `cursor`.
        #[deserr(default)]
        #[param(inline)]
        skip: Option<Skip>,
        /// The maximum number of contacts in the response; 100 by default.
        #[deserr(default)]
        #[param(inline)]
        limit: Option<Limit>,
        /// The `next_cursor` of the previous page. `sort` must be the same.
        #[deserr(default)]
        #[param(inline)]
        cursor: Option<CursorText>,
    }
}

impl Parameters for ListQuery {
    type Query = ContactQuery;

    fn into_query(mut self) -> Result<ContactQuery, Problem> {
        let (filter, sort) = self.take_filter();
        let start = match (self.cursor, self.skip) {
            (None, skip) => PageStart::Skip(skip.map_or(0, |skip| skip.0)),
            (Some(text), None) => match cursor::decode(&text.0, &sort) {
                Some(cursor) => PageStart::After(cursor),
                None => return Err(invalid_cursor("must be a next_cursor of the contact list, with the same sort")),
            },
            (Some(_), Some(_)) => {
                return Err(cursor_problem("cursor-with-skip", "must not be combined with skip; send one of them"));
            }
        };
        Ok(ContactQuery { filter, sort, start, limit: self.limit.map_or(ContactQuery::DEFAULT_LIMIT, |limit| limit.0) })
    }
}

filtered_query! {
    /// Query parameters of the export of contacts. The filters are those of the list.
    ExportQuery {
        /// The format of the file; `vcard` by default.
        #[deserr(default)]
        #[param(inline)]
        format: Option<Format>,
        /// The version of vCards; `3.0` by default. Other formats ignore it.
        #[deserr(default)]
        #[param(inline)]
        version: Option<Version>,
        /// `true`: vCards contain the photos. Other formats ignore it.
        #[deserr(default)]
        #[param(value_type = Option<bool>)]
        photos: Option<Flag>,
    }
}

/// Contacts to export, and the form of the file.
pub(crate) struct ExportRequest {
    pub(crate) query: ContactQuery,
    pub(crate) format: ExportFormat,
    pub(crate) photos: bool,
}

impl Parameters for ExportQuery {
    type Query = ExportRequest;

    fn into_query(mut self) -> Result<ExportRequest, Problem> {
        let (filter, sort) = self.take_filter();
        let query = ContactQuery { filter, sort, start: PageStart::Skip(0), limit: ContactQuery::MAX_LIMIT };
        let version = self.version.map(|version| version.0).unwrap_or_default();
        let name = self.format.map_or(FormatName::Vcard, |format| format.0);
        let photos = self.photos.is_some_and(|photos| photos.0);
        Ok(ExportRequest { query, format: ExportFormat::new(name, version), photos })
    }
}

/// The maximum number of contacts to skip: the largest number of the databases.
const MAX_SKIP: u64 = i64::MAX.unsigned_abs();

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
    #[param(inline)]
    days: Option<Days>,
    /// An IANA time zone, which determines the date of today, like `Europe/Kyiv`. By default the time zone of your profile.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub(crate) timezone: Option<Timezone>,
}

impl Parameters for BirthdaysQuery {
    type Query = (Option<Timezone>, DaysAhead);

    fn into_query(self) -> Result<Self::Query, Problem> {
        Ok((self.timezone, self.days.map_or(DaysAhead::DEFAULT, |days| days.0)))
    }
}

parameter!(Words(Vec<Needle>), Filter::words, bounds::text(0, Filter::MAX_TEXT));
parameter!(Part(String), Filter::part, bounds::text(1, Filter::MAX_TEXT));
parameter!(PhonePart(PhoneNeedle), Filter::phone, bounds::text(1, Filter::MAX_TEXT));
parameter!(WholeTag(String), Filter::tag, bounds::text(1, Tag::MAX));
parameter!(Flag(bool), boolean);
parameter!(Skip(u64), |text| whole_number(text, 0, MAX_SKIP), bounds::whole_number(0, MAX_SKIP));
parameter!(
    Limit(u64),
    |text| whole_number(text, 1, ContactQuery::MAX_LIMIT),
    bounds::whole_number(1, ContactQuery::MAX_LIMIT)
);
parameter!(CursorText(String), |text| Ok::<_, Invalid>(text.trim().to_owned()), cursor::schema());
parameter!(Days(DaysAhead), days_ahead, bounds::whole_number(0, DaysAhead::MAX));

parameter!(
    Format(FormatName),
    |text| FormatName::from_name(text.trim()).ok_or(InvalidParameter::NotAnExportFormat),
    bounds::one_of(&FormatName::ALL.map(FormatName::name))
);
parameter!(
    Version(OutputVersion),
    |text| OutputVersion::from_name(text.trim()).ok_or(InvalidParameter::NotAVcardVersion),
    bounds::one_of(&OutputVersion::ALL.map(OutputVersion::as_str))
);

fn days_ahead(text: &str) -> Result<DaysAhead, InvalidParameter> {
    let days = whole_number(text, 0, u64::MAX).ok().and_then(DaysAhead::new);
    days.ok_or(InvalidParameter::OutOfRange { min: 0, max: DaysAhead::MAX })
}
