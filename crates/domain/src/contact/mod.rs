//! Contacts: values, drafts and details, queries, and the port that stores them.
//!
//! Invariant: a user can access only their own contacts.

pub mod batch;
mod birthday;
mod birthday_window;
mod cursor;
mod details;
mod filter;
mod model;
mod patch;
mod phone_search;
mod query;
mod repository;
mod sort;
pub mod trash;
mod values;

pub use self::{
    birthday::{Birthday, MonthDay},
    birthday_window::{BirthdayWindow, DaysAhead},
    cursor::{Cursor, SortValue},
    details::{ContactDetails, ContactDraft, DetailError},
    filter::{Filter, Needle},
    model::{Contact, Expected, Version},
    patch::{ContactPatch, Patch},
    phone_search::{PhoneNeedle, searchable_phones},
    query::{ContactPage, ContactQuery, PageStart},
    repository::{ContactQueries, ContactRepository, ContactUsage, TagCount},
    sort::{Direction, Sort, SortKey},
    values::{
        AddressLine, ContactEmail, JobTitle, Label, Labeled, Link, Nickname, Notes, Organization, PersonName,
        PhoneNumber, PostalAddress, Tag,
    },
};
