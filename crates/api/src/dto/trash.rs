//! Query parameters and response bodies of the trash.

use deserr::Deserr;
use domain::{
    contact::trash::{TrashPage, TrashPlace, TrashedContact},
    picture::PictureStore,
};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    bounds,
    contact_query::invalid_cursor,
    contact_view::ContactView,
    cursor,
    parameter::{parameter, whole_number},
    timestamp,
};
use crate::{extract::BodyErrors, problem::Problem};

/// Query parameters of the trash.
#[derive(Deserr, IntoParams)]
#[deserr(error = BodyErrors, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TrashQuery {
    /// The maximum number of contacts in the response; 50 by default.
    #[deserr(default)]
    #[param(inline)]
    limit: Option<Limit>,
    /// The `next_cursor` of the previous page.
    #[deserr(default)]
    cursor: Option<String>,
}

impl TrashQuery {
    /// The maximum number of contacts on the page.
    pub(crate) fn limit(&self) -> u64 {
        self.limit.as_ref().map_or(TrashPage::DEFAULT_LIMIT, |limit| limit.0)
    }

    /// The position after which the page begins. `None` is the first page.
    pub(crate) fn after(&self) -> Result<Option<TrashPlace>, Problem> {
        let decode = |text: &String| {
            cursor::decode_trash(text).ok_or_else(|| invalid_cursor("must be a next_cursor of the trash"))
        };
        self.cursor.as_ref().map(decode).transpose()
    }
}

parameter!(
    Limit(u64),
    |text| whole_number(text, 1, TrashPage::MAX_LIMIT),
    bounds::whole_number(1, TrashPage::MAX_LIMIT)
);

/// A page of the trash.
#[derive(Serialize, ToSchema)]
#[schema(as = TrashPage)]
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

impl TrashPageView {
    pub(crate) fn new(page: &TrashPage, next: Option<TrashPlace>, limit: u64, pictures: &dyn PictureStore) -> Self {
        Self {
            items: page.items.iter().map(|trashed| TrashedContactView::new(trashed, pictures)).collect(),
            total: page.total,
            limit,
            next_cursor: next.map(cursor::encode_trash),
        }
    }
}

/// A contact in the trash.
#[derive(Serialize, ToSchema)]
#[schema(as = TrashedContact)]
pub(crate) struct TrashedContactView {
    /// The contact as it was when it was deleted.
    contact: ContactView,
    /// The time of the deletion.
    #[schema(value_type = String, format = DateTime, example = "2026-11-21T10:00:00.000000Z")]
    deleted_at: String,
    /// The time after which it is deleted permanently: 30 days after the deletion.
    #[schema(value_type = String, format = DateTime, example = "2026-12-21T10:00:00.000000Z")]
    expires_at: String,
}

impl TrashedContactView {
    pub(crate) fn new(trashed: &TrashedContact, pictures: &dyn PictureStore) -> Self {
        Self {
            contact: ContactView::new(&trashed.contact, pictures),
            deleted_at: timestamp(trashed.deleted_at),
            expires_at: timestamp(trashed.expires_at()),
        }
    }
}
