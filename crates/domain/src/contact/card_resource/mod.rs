//! Cards under the names that CardDAV clients know: the resources of an address book (RFC 6352, 5.1).
//!
//! A contact has one name. A client that creates a contact chooses it; all other contacts are named after their ids. A group
//! of contacts is stored as its text only.

mod card_name;
mod model;
mod put;
mod repository;

pub use self::{
    card_name::CardName,
    model::{CardChange, CardContent, CardResource, CardTarget, GroupCard},
    put::{CardPrecondition, PutContact, PutContent},
    repository::{CardResourceQueries, CardResourceRepository},
};
