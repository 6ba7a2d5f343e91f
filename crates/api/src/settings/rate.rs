//! A number of requests in a time.

use std::{num::NonZeroU32, str::FromStr, time::Duration};

use domain::limit::Quota;

/// So many requests in so long, at once or spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub requests: NonZeroU32,
    /// In how long.
    pub window: Duration,
}

impl Rate {
    /// The greatest number of requests: beyond it the pause between two could no longer be measured.
    pub const MAX_REQUESTS: u32 = Quota::MAX_LIMIT.get();
}

impl From<Rate> for Quota {
    fn from(rate: Rate) -> Self {
        Self::new(rate.requests, rate.window)
    }
}

/// Reads `10/s`, `10/m`, `10/h` or `10/d`.
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
