//! The trash.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use domain::{
    contact::trash::{TrashPage, TrashPlace, TrashedContact},
    picture::PictureStore,
};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    contact_query::{refused_cursor, whole_number},
    contact_view::ContactView,
    cursor, timestamp,
};
use crate::{
    extract::{BodyFaults, read_text},
    problem::Problem,
};

/// Which part of the trash is wanted.
#[derive(Deserr, IntoParams)]
#[deserr(error = BodyFaults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TrashQuery {
    /// How many to give at most; 50 when absent.
    #[deserr(default)]
    #[param(value_type = Option<u64>, minimum = 1, maximum = 100)]
    limit: Option<Limit>,
    /// The `next_cursor` of the page before.
    #[deserr(default)]
    cursor: Option<String>,
}

impl TrashQuery {
    /// The greatest number of contacts wanted.
    pub(crate) fn limit(&self) -> u64 {
        self.limit.as_ref().map_or(Limit::DEFAULT, |limit| limit.0)
    }

    /// Where to begin.
    pub(crate) fn after(&self) -> Result<Option<TrashPlace>, Problem> {
        let place = |text: &String| {
            cursor::decode_place(text).ok_or_else(|| refused_cursor("must be a next_cursor of the trash"))
        };
        self.cursor.as_ref().map(place).transpose()
    }
}

struct Limit(u64);

impl Limit {
    const DEFAULT: u64 = 50;
    const MAX: u64 = 100;
}

impl Deserr<BodyFaults> for Limit {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, BodyFaults> {
        read_text(value, location, |text| whole_number(text, 1, Self::MAX)).map(Self)
    }
}

/// A page of the trash.
#[derive(Serialize, ToSchema)]
#[schema(as = TrashPage)]
pub(crate) struct TrashPageView {
    /// The contacts, the latest deleted first.
    items: Vec<TrashedContactView>,
    /// How many are in the trash in all.
    #[schema(example = 1)]
    total: u64,
    /// The greatest number of items asked for.
    #[schema(example = 50)]
    limit: u64,
    /// Send it as `cursor` to get the next page; null at the end.
    #[schema(example = json!(null))]
    next_cursor: Option<String>,
}

impl TrashPageView {
    pub(crate) fn new(page: &TrashPage, next: Option<TrashPlace>, limit: u64, pictures: &dyn PictureStore) -> Self {
        Self {
            items: page.items.iter().map(|trashed| TrashedContactView::new(trashed, pictures)).collect(),
            total: page.total,
            limit,
            next_cursor: next.map(cursor::encode_place),
        }
    }
}

/// A deleted contact.
#[derive(Serialize, ToSchema)]
#[schema(as = TrashedContact)]
pub(crate) struct TrashedContactView {
    /// As it was.
    contact: ContactView,
    /// When it was deleted.
    #[schema(value_type = String, format = DateTime, example = "2026-11-21T10:00:00.000000Z")]
    deleted_at: String,
    /// When it goes for good, 30 days later, unless you restore it.
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
