//! Use cases: each file is one operation of the service, named after it.
//!
//! A use case takes [`Ports`](crate::Ports) and parsed values, calls the ports, and returns a model or its own error
//! enum. What several use cases do is in [`steps`]. Only the sweep calls other use cases: those that remove old data.

pub mod account;
mod admit_request;
pub mod app_password;
pub mod background;
pub mod card_resource;
pub mod contact;
mod export_account;
pub mod operator;
pub mod session;
pub mod steps;
pub mod trash;

pub use self::{
    admit_request::admit_request,
    export_account::{AccountExport, ExportAccountError, ExportPart, ExportedData, export_account},
};
