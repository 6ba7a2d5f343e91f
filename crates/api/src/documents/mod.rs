//! Long responses. Each reads its use case part by part, and writes the parts as JSON or as a file.

pub(crate) mod account_export;
pub(crate) mod birthdays;
pub(crate) mod changes;
pub(crate) mod contact_export;
pub(crate) mod contact_page;
pub(crate) mod trash_page;
