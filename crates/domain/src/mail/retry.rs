//! Retries of mails that could not be sent.

use chrono::Duration;

/// Maximum number of attempts. After them a mail is parked: stored and counted, but not retried.
pub const MAX_ATTEMPTS: u32 = 12;

/// Retention of a parked mail, for inspection. It is limited because the row contains an e-mail address.
pub const PARKED_RETENTION: Duration = Duration::days(30);

const MIN_PAUSE_SECONDS: i64 = 15;
const MAX_PAUSE_HOURS: i64 = 4;

/// Returns the pause after the given number of failed attempts: 15 s, then four times longer each time, at most 4 h.
/// All attempts of a mail together span more than a day.
#[must_use]
pub fn pause_after(attempts: u32) -> Duration {
    let factor = 4_i64.saturating_pow(attempts.saturating_sub(1));
    Duration::seconds(MIN_PAUSE_SECONDS.saturating_mul(factor).min(MAX_PAUSE_HOURS * 3600))
}
