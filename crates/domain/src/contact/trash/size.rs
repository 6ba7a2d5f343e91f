//! Size of the trash.

use crate::contact::batch::MAX_OPERATIONS;

/// Returns the maximum number of contacts in the trash of a user with this contact limit. Beyond it, the contacts deleted
/// earliest are removed.
///
/// It is twice the contact limit. So a user who deletes all contacts by mistake can restore them, and repeated creating
/// and deleting fills neither disk nor memory. It is never less than the maximum size of one batch.
#[must_use]
pub fn trash_limit(contact_limit: u64) -> u64 {
    contact_limit.saturating_mul(2).max(MAX_OPERATIONS as u64)
}
