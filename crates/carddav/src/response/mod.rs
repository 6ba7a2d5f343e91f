//! Answers of DAV as XML.

mod error_document;
mod live;
mod multistatus;
mod propstat;
mod status;
mod values;

pub use self::{
    error_document::error_document,
    multistatus::{Multistatus, PropertyOutcome},
    status::Status,
    values::{AddressBookValues, CardContent, CardValues, PrincipalValues, Values},
};
