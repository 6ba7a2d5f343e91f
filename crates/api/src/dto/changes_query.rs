//! Query parameters of the changes of an address book.

use deserr::Deserr;
use domain::contact::{ContactQuery, changes::SyncToken};
use utoipa::IntoParams;

use super::{
    bounds,
    parameter::{parameter, whole_number},
};
use crate::{
    extract::{BodyErrors, Parameters},
    problem::{InvalidParameter, Problem},
};

/// Query parameters of the changes.
#[derive(Deserr, IntoParams)]
#[deserr(error = BodyErrors, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChangesQuery {
    /// The `next` of the last response. Without it you get the whole address book.
    #[deserr(default)]
    #[param(inline)]
    since: Option<Since>,
    /// The maximum number of changes in the response; 100 by default.
    #[deserr(default)]
    #[param(inline)]
    limit: Option<Limit>,
}

impl Parameters for ChangesQuery {
    /// The token of the client, and the maximum number of changes.
    type Query = (Option<SyncToken>, u64);

    fn into_query(self) -> Result<Self::Query, Problem> {
        let limit = self.limit.map_or(ContactQuery::DEFAULT_LIMIT, |limit| limit.0);
        Ok((self.since.map(|since| since.0), limit))
    }
}

parameter!(
    Since(SyncToken),
    |text| text.trim().parse().map_err(|_| InvalidParameter::NotASyncToken),
    bounds::text(1, SyncToken::MAX_LENGTH)
);
parameter!(
    Limit(u64),
    |text| whole_number(text, 1, ContactQuery::MAX_LIMIT),
    bounds::whole_number(1, ContactQuery::MAX_LIMIT)
);
