//! A file of rows.

use chrono::NaiveDate;
use contact_csv::{AddressPart, Contact, Entry, Field, ReadOptions, Reader, Warning};
use domain::{
    contact::{
        import::{EntryContent, EntryError, ImportEntry, ImportedContact},
        received::{CardVersion, ReceivedText},
    },
    text::Invalid,
};
use vcard::{Charset, CharsetChoice, Version, write};

use crate::{
    fields::{Sieve, name_of, uid_of, valid_card_of},
    google_groups::GoogleGroups,
    options::{FileFormat, FileOptions},
    received_text::too_large,
    summary::{FileColumn, FileSummary},
};

pub(crate) struct CsvFile {
    reader: Reader,
    today: NaiveDate,
}

impl CsvFile {
    pub(crate) fn new(options: FileOptions) -> Self {
        let FileOptions { format: _, charset, locale, table, today } = options;
        let reader = Reader::new(ReadOptions {
            charset: CharsetChoice { declared: charset, locale },
            delimiter: table.delimiter,
            has_header: table.has_header,
            date_order: table.date_order,
            mapping: table.mapping,
            unknown_to_note: table.unknown_to_note,
            ..ReadOptions::default()
        });
        Self { reader, today }
    }

    pub(crate) fn next(&mut self, input: &mut &[u8]) -> Option<ImportEntry> {
        let entry = self.reader.next(input)?;
        Some(self.entry(entry))
    }

    pub(crate) fn finish(&mut self) -> Option<ImportEntry> {
        let entry = self.reader.finish()?;
        Some(self.entry(entry))
    }

    pub(crate) fn summary(&self) -> FileSummary {
        let layout = self.reader.layout();
        let columns = layout
            .iter()
            .flat_map(|layout| &layout.columns)
            .map(|column| FileColumn { name: column.name.clone(), field: column.field.map(|field| field.to_string()) });
        FileSummary {
            format: FileFormat::Csv,
            dialect: layout.map(|layout| layout.dialect.name()),
            charset: self.reader.charset().map(Charset::name),
            columns: columns.collect(),
        }
    }

    fn entry(&self, entry: Entry) -> ImportEntry {
        let Entry { index, line, contact } = entry;
        let (name, content) = match contact {
            Ok(contact) => (name_of(&contact.card), self.content(&contact)),
            Err(error) => (None, Err(EntryError::Unreadable(error.problem.to_string()))),
        };
        ImportEntry { index, line, name, content }
    }

    fn content(&self, contact: &Contact) -> Result<EntryContent, EntryError> {
        let Contact { card, warnings } = contact;
        let mut sieve = Sieve::new(self.today);
        warnings.iter().for_each(|warning| self.leave_out(warning, &mut sieve));
        let uid = uid_of(card, &mut sieve);
        let valid = valid_card_of(card, GoogleGroups::NONE, &mut sieve).map_err(EntryError::Invalid)?;
        let left_out = sieve.left_out();
        let needs_text = uid.is_some() || !left_out.is_empty();
        let text = needs_text.then(|| ReceivedText::new(CardVersion::V3_0, write(card, Version::V3_0)));
        let text = text.transpose().map_err(too_large)?;
        Ok(EntryContent::Contact(Box::new(ImportedContact {
            card: valid,
            uid,
            text,
            is_row: true,
            photo: None,
            left_out,
        })))
    }

    fn leave_out(&self, warning: &Warning, sieve: &mut Sieve) {
        let second = Invalid::TooLong { max: 1, unit: "value" };
        match warning {
            Warning::UnreadableBirthday { .. } => sieve.leave_out("/birthday".to_owned(), Invalid::NotABirthday),
            Warning::ExtraCells { .. } => {
                let max = self.reader.layout().map_or(0, |layout| layout.columns.len());
                sieve.leave_out(String::new(), Invalid::TooLong { max, unit: "cells" });
            }
            Warning::SecondValue { field, .. } => sieve.leave_out(format!("/{}", member_of(*field)), second),
            Warning::SecondAddressPart { address, part, .. } => {
                sieve.leave_out(format!("/addresses/{address}/{}", address_member_of(*part)), second);
            }
        }
    }
}

/// Returns the member of a contact that has the value of a field. A contact has the field once.
fn member_of(field: Field) -> String {
    match field {
        Field::FullName => "first_name".to_owned(),
        Field::BirthYear | Field::BirthMonth | Field::BirthDay => "birthday".to_owned(),
        other => other.to_string(),
    }
}

/// Returns the member of an address that has the value of a part.
fn address_member_of(part: AddressPart) -> &'static str {
    match part {
        AddressPart::PostBox | AddressPart::Extended | AddressPart::Street | AddressPart::Formatted => "street",
        AddressPart::City => "city",
        AddressPart::Region => "region",
        AddressPart::PostalCode => "postal_code",
        AddressPart::Country => "country",
    }
}
