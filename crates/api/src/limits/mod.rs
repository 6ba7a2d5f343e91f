//! Rate limits of requests.
//!
//! [`flood`] guards this replica before a request costs much. A route lists its own limits in `routes`. The middleware
//! [`enforce`] checks the limits that depend only on the sender, before the body is read. Limits that count by the account
//! or session in the body are checked by the extractor of the body, which calls [`admit_body`].

mod admission;
mod after_body;
mod before_body;
pub(crate) mod flood;

pub(crate) use self::{
    admission::{Named, attempt_of},
    after_body::admit_body,
    before_body::enforce,
};
