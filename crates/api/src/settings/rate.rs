//! Rate of requests, as in `10/m`.

use std::{num::NonZeroU32, str::FromStr, time::Duration};

use domain::limit::Quota;

/// Maximum number of requests in a window, in a burst or spread over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Number of requests.
    pub requests: NonZeroU32,
    /// Length of the window.
    pub window: Duration,
}

impl Rate {
    /// Maximum number of requests. Above it the interval between two requests is too short to measure.
    pub const MAX_REQUESTS: u32 = Quota::MAX_LIMIT.get();
}

impl From<Rate> for Quota {
    fn from(rate: Rate) -> Self {
        Self::new(rate.requests, rate.window)
    }
}

/// Parses `10/s`, `10/m`, `10/h` or `10/d`.
impl FromStr for Rate {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (requests, unit) = text.split_once('/').ok_or(())?;
        let seconds = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            "d" => 86_400,
            _ => return Err(()),
        };
        let requests: NonZeroU32 = requests.parse().map_err(|_| ())?;
        if requests.get() > Self::MAX_REQUESTS {
            return Err(());
        }
        Ok(Self { requests, window: Duration::from_secs(seconds) })
    }
}
