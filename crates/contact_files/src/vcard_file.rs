//! A file of vCards.

use chrono::NaiveDate;
use domain::{
    contact::{
        Tag,
        import::{EntryContent, EntryError, ImportEntry, ImportedContact, ImportedGroup},
        received::CardUid,
    },
    text::Invalid,
};
use vcard::{
    Card, CardText, Charset, CharsetChoice, Entry, Kind, Limits, ReadError, Received, Splitter, Version, read_lines,
};

use crate::{
    fields::{Sieve, name_of, uid_of, valid_card_of},
    google_groups::GoogleGroups,
    options::{FileFormat, FileOptions},
    received_text::{picture_of, received_text_of, too_large},
    summary::FileSummary,
};

pub(crate) struct VcardFile {
    splitter: Splitter,
    today: NaiveDate,
    charset: Option<Charset>,
    version: Option<Version>,
}

impl VcardFile {
    pub(crate) fn new(options: FileOptions) -> Self {
        let charset = CharsetChoice { declared: options.charset, locale: options.locale };
        let splitter = Splitter::new(Limits::default(), &charset);
        Self { splitter, today: options.today, charset: None, version: None }
    }

    pub(crate) fn next(&mut self, input: &mut &[u8]) -> Option<ImportEntry> {
        let entry = self.splitter.next(input)?;
        Some(self.entry(entry))
    }

    pub(crate) fn finish(&mut self) -> Option<ImportEntry> {
        let entry = self.splitter.finish()?;
        Some(self.entry(entry))
    }

    pub(crate) fn summary(&self) -> FileSummary {
        FileSummary {
            format: FileFormat::Vcard,
            dialect: self.version.map(Version::as_str),
            charset: self.charset.map(Charset::name),
            columns: Vec::new(),
        }
    }

    fn entry(&mut self, entry: Entry) -> ImportEntry {
        let Entry { index, line, card } = entry;
        let read =
            card.map_err(|error| (None, unreadable(error, line))).and_then(|received| self.read(&received, line));
        let (name, content) = match read {
            Ok((name, content)) => (name, Ok(content)),
            Err((name, error)) => (name, Err(error)),
        };
        ImportEntry { index, line, name, content }
    }

    /// Returns the name and the content of a card, or its name and its error.
    fn read(
        &mut self,
        received: &Received,
        line: usize,
    ) -> Result<(Option<String>, EntryContent), (Option<String>, EntryError)> {
        // A card of ASCII has the charset UTF-8, so another charset names the file better.
        self.charset = self.charset.filter(|charset| *charset != Charset::UTF_8).or(Some(received.charset));
        let text = CardText::parse(&received.text, &Limits::default())
            .map_err(|error| (None, unreadable(error.in_file(line), line)))?;
        self.version.get_or_insert(text.version());
        let mut card = read_lines(&text);
        let name = name_of(&card);
        match self.content(&text, &mut card) {
            Ok(content) => Ok((name, content)),
            Err(error) => Err((name, error)),
        }
    }

    fn content(&self, text: &CardText<'_>, card: &mut Card) -> Result<EntryContent, EntryError> {
        if card.kind == Some(Kind::Group) {
            return group_of(card).map(EntryContent::Group);
        }
        let mut sieve = Sieve::new(self.today);
        let photo = picture_of(text, card, &mut sieve);
        if card.birthday.is_none() && has_birthday(text) {
            sieve.leave_out("/birthday".to_owned(), Invalid::NotABirthday);
        }
        let uid = uid_of(card, &mut sieve);
        let valid = valid_card_of(card, GoogleGroups::of(&card.categories), &mut sieve).map_err(EntryError::Invalid)?;
        let text = Some(received_text_of(text).map_err(too_large)?);
        let left_out = sieve.left_out();
        Ok(EntryContent::Contact(Box::new(ImportedContact { card: valid, uid, text, is_row: false, photo, left_out })))
    }
}

/// Returns the sentence of an error. It names the line only if this is not the first line of the card.
fn unreadable(error: ReadError, first_line: usize) -> EntryError {
    let sentence = if error.line == first_line { error.problem.to_string() } else { error.to_string() };
    EntryError::Unreadable(sentence)
}

/// Returns true for a card with a birthday, also one of a form that a contact cannot have: a year alone, or a word.
fn has_birthday(text: &CardText<'_>) -> bool {
    text.body().any(|(_, line)| line.is("BDAY") && !line.raw_value().trim().is_empty())
}

fn group_of(card: &Card) -> Result<ImportedGroup, EntryError> {
    let name = card.display_name();
    let tag =
        Tag::parse(&name).map_err(|invalid| EntryError::Unreadable(format!("the name of the group {invalid}")))?;
    let members = card.members.iter().filter_map(|member| CardUid::parse(member).ok()).collect();
    Ok(ImportedGroup { tag, members })
}
