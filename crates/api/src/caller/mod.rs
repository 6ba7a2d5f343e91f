//! Caller of a request: its client, and the authenticated user.
//!
//! Both are found once. [`find_client`] stores the client before the flood guard reads it. [`identify`] stores the user
//! before the limits of a route. Limits, extractors and handlers read them from the request.

mod client;
mod client_ip;
#[cfg(test)]
mod fuzz_tests;
mod principal;

pub(crate) use self::{
    client::{client_ip, client_of, find_client},
    principal::{Access, identify, principal_of},
};
