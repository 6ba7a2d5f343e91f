//! Limits of a route that depend on the account or session in the body. The extractor of the body checks them.

use actix_web::{HttpMessage as _, HttpRequest};
use domain::limit::Limit;

use super::admission::{self, Named};
use crate::problem::Problem;

/// Limits of a request that are checked after its body is read.
pub(super) struct LimitsAfterBody(pub(super) Vec<Limit>);

/// Checks the limits that depend on the account or session in the body.
pub(crate) async fn admit_body(request: &HttpRequest, named: Named<'_>) -> Result<(), Problem> {
    let limits = request.extensions_mut().remove::<LimitsAfterBody>();
    match limits {
        Some(LimitsAfterBody(limits)) => admission::check(request, &limits, named).await,
        None => Ok(()),
    }
}
