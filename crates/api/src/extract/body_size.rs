//! Maximum sizes of request bodies, in bytes.
//!
//! Those of files are rules of `domain`: `MAX_UPLOAD_BYTES` of a picture, `MAX_FILE_BYTES` of an import.

/// Body in JSON without a contact.
pub(crate) const JSON: usize = 16 * 1024;
/// Body with one contact or a batch of them. Larger than the largest valid contact with every character escaped.
pub(crate) const CONTACTS: usize = 1024 * 1024;
/// Form of an HTML page.
pub(crate) const PAGE_FORM: usize = 16 * 1024;
/// Multipart form of an import, without its file.
pub(crate) const IMPORT_FORM: usize = 16 * 1024;
