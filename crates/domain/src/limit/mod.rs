//! Rate limits: the rules for each kind of request, and the port that counts requests.

mod admit;
pub mod gcra;
mod model;
mod rate_limiter;
mod rules;

pub use self::{
    admit::{Admission, Counted, Requester, admit, give_back, is_admitted},
    model::{Ask, Decision, Key, Quota, Subject},
    rate_limiter::{LimiterUnavailable, RateLimiter, Standing},
    rules::{By, Counter, Counts, KNOWN_DEVICE, Limit, Rates},
};
