//! CardDAV: requests as types, and answers as XML. Written for the clients in `tests/fixtures`.
//!
//! The way of a request:
//!
//! 1. [`Resource::parse`] finds the resource of a path. [`Depth`], [`Preferences`] and [`EntityTags`] read the headers.
//! 2. [`parse_propfind`], [`parse_proppatch`] and [`parse_report`] read the body.
//! 3. The caller finds the resources. [`Filter::matches`] checks a card, [`AddressData::select`] shortens it.
//! 4. [`Multistatus`] writes the [`Values`] of one resource after the other, or [`error_document`] the error.
//!
//! A request is rejected before it costs memory or time: `limits.rs` has the bounds.
//!
//! Invariant: depends on no other crate of the workspace than `vcard`. It knows neither HTTP nor the database.
//! Invariant: no input causes a panic. Time is linear in the size of the input, memory is bounded.
//! Invariant: an answer is well-formed XML, with any text of a request or of a card in it.

mod address_data;
mod card_property;
mod error;
mod filter;
mod headers;
mod limits;
#[cfg(test)]
mod memory_tests;
mod name;
mod path;
mod precondition;
mod property;
mod request;
mod response;
mod sync_token;
mod xml;

pub use self::{
    address_data::{AddressData, CardPart},
    card_property::CardProperty,
    error::{HeaderError, RequestError, XmlError},
    filter::{
        Collation, Combination, Filter, MatchKind, ParameterCondition, ParameterFilter, PropertyCondition,
        PropertyFilter, TextMatch,
    },
    headers::{Depth, EntityTags, Preferences},
    limits::MAX_BODY_BYTES,
    name::{Name, Namespace},
    path::{CardName, Resource},
    precondition::{Precondition, Privilege},
    property::{LiveProperty, Property},
    request::{PropertyChange, Report, Selection, SyncLevel, parse_propfind, parse_proppatch, parse_report},
    response::{
        AddressBookValues, CardContent, CardValues, Multistatus, PrincipalValues, PropertyOutcome, Status, Values,
        error_document,
    },
};
