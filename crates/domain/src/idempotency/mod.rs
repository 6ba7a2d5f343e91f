//! Idempotency keys (draft-ietf-httpapi-idempotency-key-header): a client that has heard no answer sends its request
//! again under the same key, and what was done is not done twice.

mod model;
mod repository;

pub use self::{
    model::{Fingerprint, IdempotencyKey, Idempotent, KeyRefusal, RETENTION, Remembered},
    repository::IdempotencyKeys,
};
