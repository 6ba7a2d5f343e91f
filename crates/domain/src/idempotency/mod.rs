//! Idempotency keys (draft-ietf-httpapi-idempotency-key-header). A client that got no response repeats its request with
//! the same key, and the work is not done twice.

mod model;
mod repository;

pub use self::{
    model::{
        Fingerprint, IdempotencyKey, IdempotencyKeyError, Idempotent, InvalidIdempotencyKey, RETENTION, StoredResult,
    },
    repository::IdempotencyKeys,
};
