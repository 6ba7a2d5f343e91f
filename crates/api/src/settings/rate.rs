//! Rates of requests, as in `10/m`.

use std::{num::NonZeroU32, time::Duration};

use domain::limit::Quota;

/// Parses `10/s`, `10/m`, `10/h` or `10/d`.
pub(super) fn rate(text: &str) -> Option<Quota> {
    let (requests, unit) = text.split_once('/')?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    let requests = requests.parse::<NonZeroU32>().ok().filter(|requests| *requests <= Quota::MAX_LIMIT)?;
    Some(Quota::new(requests, Duration::from_secs(seconds)))
}
