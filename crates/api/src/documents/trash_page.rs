//! A page of the trash in a response.
//!
//! The views only describe the JSON. Their document writes it member by member.

use domain::{
    Ports,
    contact::trash::{TrashPosition, TrashedContact},
    ids::UserId,
    picture::PictureStore,
    use_cases::trash::{TrashPage, TrashPageRest},
};
use utoipa::ToSchema;

use crate::{
    dto::{
        contact_view::{ContactView, reserve},
        cursor,
        json::JsonWriter,
        timestamp,
    },
    problem::Problem,
    streaming::Document,
};

/// A page of the trash.
#[derive(ToSchema)]
#[schema(as = TrashPage)]
#[expect(dead_code, reason = "describes what TrashPageDocument writes")]
pub(crate) struct TrashPageView {
    /// The contacts, the most recently deleted first.
    items: Vec<TrashedContactView>,
    /// The number of contacts in the trash.
    #[schema(example = 1)]
    total: u64,
    /// The maximum number of items of this page.
    #[schema(example = 50)]
    limit: u64,
    /// The `cursor` of the next page; null on the last page.
    #[schema(example = json!(null))]
    next_cursor: Option<String>,
}

/// A contact in the trash.
#[derive(ToSchema)]
#[schema(as = TrashedContact)]
pub(crate) struct TrashedContactView {
    /// The contact as it was when it was deleted.
    #[expect(dead_code, reason = "describes what is written below")]
    contact: ContactView,
    /// The time of the deletion.
    #[schema(value_type = String, format = DateTime, example = "2026-11-21T10:00:00.000000Z")]
    #[expect(dead_code, reason = "describes what is written below")]
    deleted_at: String,
    /// The time after which it is deleted permanently: 30 days after the deletion.
    #[schema(value_type = String, format = DateTime, example = "2026-12-21T10:00:00.000000Z")]
    #[expect(dead_code, reason = "describes what is written below")]
    expires_at: String,
}

impl TrashedContactView {
    /// Writes contacts in the trash as items of a list.
    pub(super) fn write_all(json: &mut JsonWriter, trash: &[TrashedContact], pictures: &dyn PictureStore) {
        reserve(json, trash.iter().map(|trashed| &trashed.contact));
        for trashed in trash {
            json.begin_object();
            json.name("contact");
            ContactView::write(json, &trashed.contact, pictures);
            json.plain_member("deleted_at", &timestamp(trashed.deleted_at));
            json.plain_member("expires_at", &timestamp(trashed.expires_at()));
            json.end_object();
        }
    }
}

/// Writer of a [`TrashPageView`].
pub(crate) struct TrashPageDocument {
    page: TrashPage,
    limit: u64,
}

impl TrashPageDocument {
    /// Begins a page.
    pub(crate) fn begin(json: &mut JsonWriter, owner: UserId, after: Option<TrashPosition>, limit: u64) -> Self {
        json.begin_object();
        json.name("items");
        json.begin_list();
        Self { page: TrashPage::new(owner, after, limit), limit }
    }
}

impl Document for TrashPageDocument {
    type Text = JsonWriter;

    fn next_contacts(&self) -> u64 {
        self.page.next_contacts()
    }

    async fn write_next(self, ports: &Ports, json: &mut JsonWriter) -> Result<Option<Self>, Problem> {
        let part = self.page.read(ports).await?;
        TrashedContactView::write_all(json, &part.contacts, &*ports.picture_store);
        let (total, next) = match part.rest {
            TrashPageRest::Parts(page) => return Ok(Some(Self { page, ..self })),
            TrashPageRest::End { total, next } => (total, next),
        };
        json.end_list();
        json.member("total", &total);
        json.member("limit", &self.limit);
        json.member("next_cursor", &next.map(cursor::encode_trash));
        json.end_object();
        Ok(None)
    }
}
