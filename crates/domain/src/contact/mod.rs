//! Contacts: cards and their values, queries, and the port that stores them.
//!
//! Invariant: a user can access only their own contacts.

pub mod batch;
mod birthday;
mod birthday_window;
mod card;
mod card_json;
mod card_patch;
mod card_reader;
pub mod card_resource;
mod change_number;
pub mod changes;
mod contact_email;
mod cursor;
mod filter;
mod heavy_search;
pub mod import;
mod json_type;
mod labeled;
mod link;
mod model;
mod needle;
pub(crate) mod part;
mod phone_number;
mod phone_search;
mod query;
pub mod received;
mod repository;
pub(crate) mod same_person;
mod search;
mod sort;
mod stored_sort_keys;
pub mod trash;
mod values;

pub use self::{
    birthday::{Birthday, MonthDay},
    birthday_window::{BirthdayWindow, DaysAhead},
    card::{ContactCard, ValidCard},
    card_json::{CardJson, SortedMembers, UnreadableCard},
    card_patch::{CardPatch, PatchError},
    card_reader::{CardError, CardErrorReason, pointer_token},
    change_number::{ChangeNumber, TakenNumbers},
    contact_email::ContactEmail,
    cursor::{Cursor, SortValue},
    filter::Filter,
    heavy_search::is_heavy_search,
    json_type::JsonType,
    labeled::{LabeledAddress, LabeledEmail, LabeledLink, LabeledPhone},
    link::Link,
    model::{Contact, Expected, UnreadableContact},
    needle::Needle,
    part::SHORT_READ,
    phone_number::PhoneNumber,
    phone_search::{PhoneNeedle, searchable_phones},
    query::{ContactQuery, PageStart},
    repository::{ContactCreation, ContactQueries, ContactRepository, Creation, TagCount},
    search::SearchForms,
    sort::{Direction, Sort, SortKey},
    stored_sort_keys::StoredSortKeys,
    values::{AddressLine, JobTitle, Label, Nickname, Notes, Organization, PersonName, Tag},
};
