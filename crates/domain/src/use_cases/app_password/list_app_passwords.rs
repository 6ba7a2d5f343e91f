//! Lists the app passwords of a user.

use crate::{app_password::AppPassword, error::StoreError, ports::Ports, session::SignedInUser};

/// Returns the app passwords of the user, the latest created first. Expired ones are listed until a sweep removes them.
///
/// # Errors
/// Errors of the store.
pub async fn list_app_passwords(ports: &Ports, signed_in: &SignedInUser) -> Result<Vec<AppPassword>, StoreError> {
    ports.store.app_passwords_of(signed_in.user.id).await
}
