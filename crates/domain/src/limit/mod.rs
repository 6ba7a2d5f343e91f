//! Limits: how many requests of a kind somebody may send, and the port that counts them.

mod admit;
pub mod gcra;
mod model;
mod rate_limiter;
mod rules;

pub use self::{
    admit::{Counted, Requester, admit, is_admitted},
    model::{Ask, Decision, Key, Quota, Subject},
    rate_limiter::{LimiterUnavailable, RateLimiter, Standing},
    rules::{By, Counter, Limit, Rates},
};
