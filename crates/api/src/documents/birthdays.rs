//! Upcoming birthdays in a response.
//!
//! The view only describes the JSON. Its document writes it member by member.

use domain::{
    Ports,
    use_cases::contact::{UpcomingBirthday, UpcomingBirthdays},
};
use utoipa::ToSchema;

use crate::{
    dto::{
        contact_view::{ContactView, log_unreadable, reserve},
        json::JsonWriter,
    },
    problem::Problem,
    streaming::Document,
};

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
    type Text = JsonWriter;

    fn next_contacts(&self) -> u64 {
        self.0.next_contacts()
    }

    async fn write_next(self, ports: &Ports, json: &mut JsonWriter) -> Result<Option<Self>, Problem> {
        let (birthdays, rest) = self.0.read(ports).await?;
        let birthdays: Vec<UpcomingBirthday> =
            birthdays.into_iter().filter_map(|next| next.map_err(log_unreadable).ok()).collect();
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
