//! The text of exported contacts: vCard, CSV or JSON.

use actix_web::web::Bytes;
use contact_files::{ContactRows, OutputVersion, rendered};
use domain::{
    contact::UnreadableContact,
    picture::PictureStore,
    use_cases::contact::{ExportExtras, ExportedContact},
};

use super::{contact_view::ContactView, json::JsonWriter, part_text::PartText};

/// Name of a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FormatName {
    Vcard,
    Csv,
    Json,
}

/// Format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExportFormat {
    Vcard(OutputVersion),
    Csv,
    Json,
}

impl FormatName {
    pub(crate) const ALL: [Self; 3] = [Self::Vcard, Self::Csv, Self::Json];

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Vcard => "vcard",
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }
}

impl ExportFormat {
    pub(crate) const fn new(name: FormatName, version: OutputVersion) -> Self {
        match name {
            FormatName::Vcard => Self::Vcard(version),
            FormatName::Csv => Self::Csv,
            FormatName::Json => Self::Json,
        }
    }

    /// Returns the value of `Content-Type`.
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::Vcard(OutputVersion::V3_0) => "text/vcard; charset=utf-8; version=3.0",
            Self::Vcard(OutputVersion::V4_0) => "text/vcard; charset=utf-8; version=4.0",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json",
        }
    }

    /// Returns the end of the name of a file.
    pub(crate) const fn extension(self) -> &'static str {
        match self {
            Self::Vcard(_) => "vcf",
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }

    /// Returns the data that the format has beside the contacts.
    pub(crate) const fn extras(self, photos: bool) -> ExportExtras {
        let is_vcard = matches!(self, Self::Vcard(_));
        ExportExtras { received_cards: is_vcard, photos: photos && is_vcard }
    }
}

/// Text of exported contacts that is not taken yet.
pub(crate) enum ExportText {
    Vcard(Vec<u8>, OutputVersion),
    Csv(Vec<u8>, ContactRows),
    Json(JsonWriter),
}

impl ExportText {
    /// Begins a file.
    pub(crate) fn begin(format: ExportFormat) -> Self {
        match format {
            ExportFormat::Vcard(version) => Self::Vcard(Vec::new(), version),
            ExportFormat::Csv => {
                let rows = ContactRows::default();
                Self::Csv(rows.header().into_bytes(), rows)
            }
            ExportFormat::Json => {
                let mut json = JsonWriter::default();
                json.begin_list();
                Self::Json(json)
            }
        }
    }

    /// Writes a contact.
    ///
    /// # Errors
    /// Its stored card cannot be read, and nothing was written.
    pub(crate) fn write(
        &mut self,
        exported: &ExportedContact,
        pictures: &dyn PictureStore,
    ) -> Result<(), UnreadableContact> {
        let ExportedContact { contact, received, photo } = exported;
        match self {
            Self::Vcard(text, version) => {
                let card = rendered(contact, received.as_ref(), photo.as_deref(), *version)?;
                text.extend_from_slice(card.as_bytes());
            }
            Self::Csv(text, rows) => text.extend_from_slice(rows.row(contact)?.as_bytes()),
            Self::Json(json) => ContactView::write(json, contact, pictures),
        }
        Ok(())
    }

    /// Ends the file.
    pub(crate) fn end(&mut self) {
        if let Self::Json(json) = self {
            json.end_list();
        }
    }
}

impl PartText for ExportText {
    fn size(&self) -> usize {
        match self {
            Self::Vcard(text, _) | Self::Csv(text, _) => text.len(),
            Self::Json(json) => json.size(),
        }
    }

    fn take(&mut self) -> Bytes {
        match self {
            Self::Vcard(text, _) | Self::Csv(text, _) => std::mem::take(text).into(),
            Self::Json(json) => json.take(),
        }
    }
}
