//! CardDAV over HTTP.

mod bad_requests;
mod device;
mod reading;
mod writing;
