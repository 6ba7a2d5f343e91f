//! Query parameters of the trash.

use deserr::Deserr;
use domain::{
    contact::trash::{DEFAULT_TRASH_LIMIT, MAX_TRASH_LIMIT, TrashPosition},
    text::Invalid,
};
use utoipa::IntoParams;

use super::{
    bounds,
    contact_query::invalid_cursor,
    cursor,
    parameter::{parameter, whole_number},
};
use crate::{
    extract::{BodyErrors, Parameters},
    problem::Problem,
};

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
    #[param(inline)]
    cursor: Option<CursorText>,
}

impl Parameters for TrashQuery {
    /// The position after which the page begins, `None` for the first page; and the maximum number of its contacts.
    type Query = (Option<TrashPosition>, u64);

    fn into_query(self) -> Result<Self::Query, Problem> {
        let decode = |text: &CursorText| {
            cursor::decode_trash(&text.0).ok_or_else(|| invalid_cursor("must be a next_cursor of the trash"))
        };
        let after = self.cursor.as_ref().map(decode).transpose()?;
        Ok((after, self.limit.map_or(DEFAULT_TRASH_LIMIT, |limit| limit.0)))
    }
}

parameter!(CursorText(String), |text| Ok::<_, Invalid>(text.trim().to_owned()), cursor::schema());
parameter!(Limit(u64), |text| whole_number(text, 1, MAX_TRASH_LIMIT), bounds::whole_number(1, MAX_TRASH_LIMIT));
