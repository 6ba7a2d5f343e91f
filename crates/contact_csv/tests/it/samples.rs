//! Samples of the programs that people use. The people are invented.

use contact_csv::{Contact, Dialect, Entry, Language, Layout, ReadOptions, Reader};
use vcard::{Version, write};

pub(crate) const GOOGLE: &[u8] = include_bytes!("../samples/google.csv");
pub(crate) const OUTLOOK_EN: &[u8] = include_bytes!("../samples/outlook_en.csv");
pub(crate) const OUTLOOK_UK: &[u8] = include_bytes!("../samples/outlook_uk.csv");
pub(crate) const THUNDERBIRD_JA: &[u8] = include_bytes!("../samples/thunderbird_ja.csv");
pub(crate) const THUNDERBIRD_UTF16: &[u8] = include_bytes!("../samples/thunderbird_utf16.csv");
pub(crate) const EXCEL: &[u8] = include_bytes!("../samples/excel.csv");
pub(crate) const HEADERLESS: &[u8] = include_bytes!("../samples/headerless.csv");
pub(crate) const BROKEN: &[u8] = include_bytes!("../samples/broken.csv");

/// A file that was read.
pub(crate) struct File {
    pub entries: Vec<Entry>,
    pub layout: Option<Layout>,
    pub charset: &'static str,
}

impl File {
    pub(crate) fn layout(&self) -> &Layout {
        self.layout.as_ref().unwrap()
    }

    /// Returns the only contact.
    pub(crate) fn contact(&self) -> &Contact {
        assert_eq!(self.entries.len(), 1);
        self.entries.first().unwrap().contact.as_ref().unwrap()
    }
}

/// Reads a file.
pub(crate) fn read(file: &[u8], options: ReadOptions) -> File {
    let mut reader = Reader::new(options);
    let mut rest = file;
    let entries: Vec<Entry> = std::iter::from_fn(|| reader.next(&mut rest).or_else(|| reader.finish())).collect();
    assert!(entries.iter().enumerate().all(|(index, entry)| entry.index == index));
    File { entries, layout: reader.layout().cloned(), charset: reader.charset().unwrap().name() }
}

/// Reads a text.
pub(crate) fn read_text(text: &str) -> File {
    read(text.as_bytes(), ReadOptions::default())
}

/// Returns the properties of a contact as lines of a vCard.
pub(crate) fn lines(contact: &Contact) -> Vec<String> {
    let text = write(&contact.card, Version::V4_0).replace("\r\n ", "");
    let is_value =
        |line: &&str| !["BEGIN:", "END:", "VERSION:", "FN:", "N:;;;;"].iter().any(|start| line.starts_with(start));
    text.lines().filter(is_value).map(str::to_owned).collect()
}

/// Names of columns without a field.
pub(crate) fn unknown(layout: &Layout) -> Vec<&str> {
    layout.columns.iter().filter(|column| column.field.is_none()).map(|column| column.name.as_str()).collect()
}

pub(crate) fn check(file: &[u8], dialect: Dialect, language: Language, charset: &str, contacts: &[&[&str]]) {
    let file = read(file, ReadOptions::default());
    assert_eq!((file.layout().dialect, file.layout().language), (dialect, Some(language)));
    assert_eq!(file.charset, charset);
    let read: Vec<Vec<String>> = file.entries.iter().map(|entry| lines(entry.contact.as_ref().unwrap())).collect();
    assert_eq!(read, contacts);
    assert!(file.entries.iter().all(|entry| entry.contact.as_ref().unwrap().warnings.is_empty()));
}
