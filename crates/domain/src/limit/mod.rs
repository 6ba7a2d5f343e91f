//! Rate limits: the rules for each kind of request, and the port that counts requests.

mod admission;
pub mod gcra;
mod model;
mod rate_limiter;
mod rules;

pub use self::{
    admission::{Admission, Counted, Requester, is_admitted},
    model::{Decision, Key, LimitCheck, Quota, Subject},
    rate_limiter::{LimiterBackend, LimiterUnavailable, RateLimiter},
    rules::{CountBy, Counter, Counts, KNOWN_DEVICE, Limit, Rates},
};
