//! Contacts: create, read, search, edit and delete. A user can access only their own contacts.

pub mod batch;
mod birthday;
mod change_photo;
mod create_contact;
mod cursor;
mod delete_contact;
mod details;
mod edit_contact;
mod get_contact;
mod list_contacts;
mod list_tags;
mod model;
mod patch;
mod phone_search;
mod query;
mod repository;
pub mod trash;
mod upcoming_birthdays;
mod values;

pub use self::{
    birthday::{Birthday, MonthDay},
    change_photo::{ChangePhotoError, change_photo, remove_photo},
    create_contact::{CreateContactError, Created, create_contact},
    cursor::{Cursor, SortValue},
    delete_contact::{DeleteContactError, delete_contact},
    details::{ContactDetails, ContactDraft, DetailError},
    edit_contact::{EditContactError, patch_contact, replace_contact},
    get_contact::{GetContactError, get_contact},
    list_contacts::{is_heavy_search, list_contacts},
    list_tags::{TagCount, list_tags},
    model::{Contact, ContactId, Expected, Version},
    patch::{ContactPatch, Patch},
    phone_search::{PhoneNeedle, searchable_phones},
    query::{ContactPage, ContactQuery, Direction, Filter, Needle, PageStart, Sort, SortKey},
    repository::{ContactQueries, ContactRepository, ContactUsage},
    upcoming_birthdays::{BirthdayWindow, UpcomingBirthday, UpcomingBirthdaysError, upcoming_birthdays},
    values::{
        AddressLine, ContactEmail, JobTitle, Label, Labeled, Link, Nickname, Notes, Organization, PersonName,
        PhoneNumber, PostalAddress, Tag,
    },
};
