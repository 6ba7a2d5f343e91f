//! Limits: how many requests of a kind somebody may send, and the port that counts them.

pub mod gcra;
mod model;
mod rate_limiter;
mod rules;

pub use self::{
    model::{Ask, Decision, Key, Quota, Subject},
    rate_limiter::{LimiterUnavailable, RateLimiter, Standing},
    rules::{By, Counted, Counter, Limit, Rates, Requester, admit, is_admitted},
};
