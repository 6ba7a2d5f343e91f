//! Caller of a request: its client, and the user who is signed in.
//!
//! Both are found once. [`find_client`] stores the client before the flood guard reads it. [`identify`] stores the
//! signed-in user before the limits of a route. Limits, extractors and handlers read them from the request.

mod client;
mod client_ip;
mod session;

pub(crate) use self::{
    client::{client_ip, client_of, find_client},
    session::{identify, principal_of},
};
