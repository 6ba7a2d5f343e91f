//! XML bodies of requests as types.

mod address_data;
mod filter;
mod propfind;
mod proppatch;
mod report;
mod selection;

pub use self::{
    propfind::parse_propfind,
    proppatch::{PropertyChange, parse_proppatch},
    report::{Report, SyncLevel, parse_report},
    selection::Selection,
};
