//! A page of contacts in a response.
//!
//! The view only describes the JSON. Its document writes it member by member.

use domain::{
    Ports,
    contact::{ContactQuery, PageStart, Sort},
    ids::UserId,
    use_cases::contact::{ContactPage, ContactPageRest},
};
use utoipa::ToSchema;

use crate::{
    dto::{
        contact_view::{ContactView, reserve},
        cursor,
        json::JsonWriter,
    },
    problem::Problem,
    streaming::Document,
};

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
    type Text = JsonWriter;

    fn next_contacts(&self) -> u64 {
        self.page.next_contacts()
    }

    async fn write_next(self, ports: &Ports, json: &mut JsonWriter) -> Result<Option<Self>, Problem> {
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
