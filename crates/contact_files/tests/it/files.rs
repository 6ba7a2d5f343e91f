//! Files of the tests, and what is read from them.

use chrono::NaiveDate;
use contact_files::{FileFormat, FileOptions, FileReader, FileSummary, TableOptions};
use domain::{
    contact::{
        ChangeNumber, Contact, ValidCard,
        import::{EntryContent, ImportEntry, ImportedContact},
        received::{CardUid, ReceivedCard},
    },
    ids::{ContactId, UserId},
};
use testkit::samples;

/// Samples of programs with one contact each.
pub(crate) const SAMPLES: [&[u8]; 10] = [
    include_bytes!("../../../vcard/tests/samples/ios.vcf"),
    include_bytes!("../../../vcard/tests/samples/macos_company.vcf"),
    include_bytes!("../../../vcard/tests/samples/google.vcf"),
    include_bytes!("../../../vcard/tests/samples/outlook_21.vcf"),
    include_bytes!("../../../vcard/tests/samples/thunderbird.vcf"),
    include_bytes!("../../../vcard/tests/samples/nextcloud.vcf"),
    include_bytes!("../../../vcard/tests/samples/android_21.vcf"),
    include_bytes!("../../../vcard/tests/samples/nokia.vcf"),
    include_bytes!("../../../vcard/tests/samples/dav_client.vcf"),
    include_bytes!("../../../vcard/tests/samples/text_birthday.vcf"),
];

pub(crate) fn today() -> NaiveDate {
    samples::now().date_naive()
}

pub(crate) fn options(format: FileFormat) -> FileOptions {
    FileOptions { format, charset: None, locale: None, table: TableOptions::default(), today: today() }
}

/// Reads a file in pieces of `size` bytes.
pub(crate) fn read_pieces(file: &[u8], options: FileOptions, size: usize) -> (Vec<ImportEntry>, FileSummary) {
    let mut reader = FileReader::new(options);
    let mut entries = Vec::new();
    for mut piece in file.chunks(size) {
        entries.extend(std::iter::from_fn(|| reader.next(&mut piece)));
    }
    entries.extend(std::iter::from_fn(|| reader.finish()));
    (entries, reader.summary())
}

pub(crate) fn entries(file: &[u8], format: FileFormat) -> Vec<ImportEntry> {
    read_pieces(file, options(format), 1000).0
}

/// Returns the only entry of a file.
pub(crate) fn entry(file: impl AsRef<[u8]>, format: FileFormat) -> ImportEntry {
    let mut entries = entries(file.as_ref(), format);
    assert_eq!(entries.len(), 1, "{entries:?}");
    entries.remove(0)
}

/// Returns the contact of an entry.
pub(crate) fn contact_of(entry: ImportEntry) -> ImportedContact {
    match entry.content {
        Ok(EntryContent::Contact(contact)) => *contact,
        other => panic!("no contact: {other:?}"),
    }
}

/// Returns the contact of a file with one vCard.
pub(crate) fn vcard(file: impl AsRef<[u8]>) -> ImportedContact {
    contact_of(entry(file, FileFormat::Vcard))
}

/// Returns a vCard with these lines.
pub(crate) fn with_lines(version: &str, lines: &[&str]) -> String {
    format!("BEGIN:VCARD\r\nVERSION:{version}\r\n{}\r\nEND:VCARD\r\n", lines.join("\r\n"))
}

/// Returns a contact with this card after a change.
pub(crate) fn stored(card: &ValidCard, change: i64) -> Contact {
    Contact::new(ContactId(samples::id()), UserId(samples::id()), card, ChangeNumber(change), samples::now())
}

/// Returns the received card of a contact, stored by a change.
pub(crate) fn received(contact: &Contact, imported: &ImportedContact, change: i64) -> ReceivedCard {
    let uid = imported.uid.clone().unwrap_or_else(|| CardUid::of_contact(contact.id));
    let text = imported.text.clone().expect("the contact has a text");
    ReceivedCard { contact: contact.id, uid, change: ChangeNumber(change), text }
}
