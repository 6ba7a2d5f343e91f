//! Rates of requests, as in `10/m`.

use std::{num::NonZeroU32, time::Duration};

use domain::limit::Quota;

/// Maximum period of a rate.
const MAX_WINDOW: Duration = Duration::from_secs(86_400);

/// Parses `10/s`, `10/m`, `10/h` or `10/d`, or with a number of units, as in `3000/30s`.
pub(super) fn rate(text: &str) -> Option<Quota> {
    let (requests, window) = text.split_once('/')?;
    let units = window.get(..window.len().checked_sub(1)?)?;
    let seconds = match window.get(units.len()..)? {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    let units = if units.is_empty() { NonZeroU32::MIN } else { units.parse().ok()? };
    let window = Duration::from_secs(seconds * u64::from(units.get()));
    let requests = requests.parse::<NonZeroU32>().ok().filter(|requests| *requests <= Quota::MAX_LIMIT)?;
    (window <= MAX_WINDOW).then(|| Quota::new(requests, window))
}
