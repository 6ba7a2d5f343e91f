//! Limits of the trash: retention, size, and contacts of a page.

use chrono::Duration;

use crate::contact::batch::MAX_OPERATIONS;

/// Retention of a contact in the trash.
pub const TRASH_RETENTION: Duration = Duration::days(30);

/// Default number of contacts of a page of the trash.
pub const DEFAULT_TRASH_LIMIT: u64 = 50;
/// Maximum number of contacts of a page of the trash.
pub const MAX_TRASH_LIMIT: u64 = 100;

/// Returns the maximum number of contacts in the trash of a user with this contact limit. Beyond it, the contacts deleted
/// earliest are removed.
///
/// It is twice the contact limit. So a user who deletes all contacts by mistake can restore them, and repeated creating
/// and deleting fills neither disk nor memory. It is never less than the maximum size of one batch.
#[must_use]
pub fn trash_limit(contact_limit: u64) -> u64 {
    contact_limit.saturating_mul(2).max(MAX_OPERATIONS as u64)
}
