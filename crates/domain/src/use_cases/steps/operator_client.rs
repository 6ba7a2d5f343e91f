//! The operator as a client of the service.

use crate::client::ClientInfo;

/// Returns the client for the audit trail.
pub(crate) fn operator() -> ClientInfo {
    ClientInfo::new(None, Some("operator, with contacts-api user"))
}
