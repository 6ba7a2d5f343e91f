//! Extractors of the handlers. Each parses one part of a request and rejects errors in it.

mod arrival;
mod body_bytes;
mod body_errors;
pub(crate) mod body_size;
mod client;
mod dav_body;
mod exclusive;
mod form_body;
#[cfg(test)]
mod fuzz_tests;
mod idempotent_body;
mod import_upload;
mod json_body;
mod parameters;
#[cfg(test)]
mod precondition_properties;
mod preconditions;
mod representation;
mod signed_in;
mod text_values;
mod upload;

pub(crate) use self::{
    body_errors::BodyErrors,
    client::Client,
    dav_body::{CardBody, MAX_CARD_BYTES, XmlBody},
    exclusive::Exclusive,
    form_body::{Form, FormOf, FormOrJson},
    idempotent_body::{IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED, IdempotentBody, mark_replay},
    import_upload::{ImportUpload, SlottedFile},
    json_body::{Body, JsonBody},
    parameters::{Id, Parameters, QueryOf},
    preconditions::{Accepted, Cached, entity_tag, vcard_entity_tag},
    representation::Representation,
    signed_in::{Authenticated, SignedIn},
    text_values::read_text,
    upload::Upload,
};
