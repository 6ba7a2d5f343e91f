//! JSON document with the lists of a contact, stored in one column, so that a page of contacts is one statement.

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

/// E-mails, phones, postal addresses, links and tags.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(default)]
pub struct DetailsDocument {
    pub(crate) emails: Vec<Entry<String>>,
    pub(crate) phones: Vec<Entry<String>>,
    pub(crate) addresses: Vec<Entry<AddressDocument>>,
    pub(crate) urls: Vec<Entry<String>>,
    pub(crate) tags: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry<T> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) label: Option<String>,
    pub(crate) value: T,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AddressDocument {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) street: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) postal_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) country: Option<String>,
}
