//! Writes contacts in the columns of Google.

use std::borrow::Cow;

use vcard::{Address, Birthday, Card, Labeled};

use crate::{
    formula::{guard, guard_phone},
    label, separator,
};

/// Columns before the lists, in the order of Google. Birthday and Labels are among them.
const SINGLE: [&str; 19] = [
    "First Name",
    "Middle Name",
    "Last Name",
    "Phonetic First Name",
    "Phonetic Middle Name",
    "Phonetic Last Name",
    "Name Prefix",
    "Name Suffix",
    "Nickname",
    "File As",
    "Organization Name",
    "Organization Title",
    "Organization Department",
    "Birthday",
    "Notes",
    "Photo",
    "Labels",
    "Pronouns",
    "UID",
];

/// Columns of an address, in the order of Google, after its label.
const ADDRESS: [&str; 8] =
    ["Formatted", "Street", "City", "PO Box", "Region", "Postal Code", "Country", "Extended Address"];

/// Numbers of columns for the values of lists.
///
/// A table has the same columns in all rows, so they must be known before the first row. Two passes over the contacts
/// find the numbers that are needed ([`ListColumns::include`]); a stream takes the most that it allows. A contact with
/// more values loses none: the last columns have the rest, with ` ::: ` between the values, as Google writes several
/// values with one label. [`Reader`](crate::Reader) reads up to 100 of them from a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListColumns {
    /// Columns of e-mails. There is at least one, and so for the other lists.
    pub emails: usize,
    /// Columns of telephone numbers.
    pub phones: usize,
    /// Columns of addresses.
    pub addresses: usize,
    /// Columns of links.
    pub urls: usize,
}

impl Default for ListColumns {
    /// One column for each list.
    fn default() -> Self {
        Self { emails: 1, phones: 1, addresses: 1, urls: 1 }
    }
}

impl ListColumns {
    /// Adds columns until the contact has a column for each value.
    pub fn include(&mut self, card: &Card) {
        self.emails = self.emails.max(card.emails.len());
        self.phones = self.phones.max(card.phones.len());
        self.addresses = self.addresses.max(card.addresses.len());
        self.urls = self.urls.max(card.urls.len());
    }
}

/// Writer of one file: UTF-8, with commas and CRLF.
///
/// The columns hold everything of a [`Card`] but the kind, the members, the picture and the revision. Cells that a
/// spreadsheet would run as a formula begin with an apostrophe, which [`Reader`](crate::Reader) removes. It also removes
/// the backslash before each `:::` inside of a tag, of a label, or of a value of a list. It reads a usual label such as
/// `HOME` in lower case.
#[derive(Debug, Clone, Copy)]
pub struct Writer {
    columns: ListColumns,
}

impl Writer {
    /// Creates a writer with these columns.
    #[must_use]
    pub fn new(columns: ListColumns) -> Self {
        let ListColumns { emails, phones, addresses, urls } = columns;
        let columns = ListColumns {
            emails: emails.max(1),
            phones: phones.max(1),
            addresses: addresses.max(1),
            urls: urls.max(1),
        };
        Self { columns }
    }

    /// Returns the first row, after the byte order mark by which spreadsheets recognize UTF-8.
    #[must_use]
    pub fn header(&self) -> String {
        let mut row = Row::default();
        SINGLE.iter().for_each(|name| row.push(name));
        let lists: [(&str, usize, &[&str]); 4] = [
            ("E-mail", self.columns.emails, &["Value"]),
            ("Phone", self.columns.phones, &["Value"]),
            ("Address", self.columns.addresses, &ADDRESS),
            ("Website", self.columns.urls, &["Value"]),
        ];
        for (list, count, parts) in lists {
            for number in 1..=count {
                for part in ["Label"].iter().chain(parts) {
                    row.push(&format!("{list} {number} - {part}"));
                }
            }
        }
        format!("\u{feff}{}", row.finish())
    }

    /// Returns the row of a contact.
    #[must_use]
    pub fn row(&self, card: &Card) -> String {
        let mut row = Row::default();
        for cell in single_cells(card) {
            row.push(&cell);
        }
        let ListColumns { emails, phones, addresses, urls } = self.columns;
        push_list(&mut row, &card.emails, emails, guard, |email| [email.clone()]);
        push_list(&mut row, &card.phones, phones, guard_phone, |phone| [phone.clone()]);
        push_list(&mut row, &card.addresses, addresses, guard, address_cells);
        push_list(&mut row, &card.urls, urls, guard, |url| [url.clone()]);
        row.finish()
    }
}

/// Returns the cells of the columns [`SINGLE`], guarded except for the date: Google reads `--02-28`, but not with an
/// apostrophe.
fn single_cells(card: &Card) -> [Cow<'_, str>; 19] {
    let (name, empty) = (&card.name, Cow::Borrowed(""));
    [
        guarded(&name.first),
        guarded(&name.middle),
        guarded(&name.last),
        guarded(&card.phonetic_first_name),
        empty.clone(),
        guarded(&card.phonetic_last_name),
        guarded(&name.prefix),
        guarded(&name.suffix),
        guarded(&card.nickname),
        empty.clone(),
        guarded(&card.organization),
        guarded(&card.job_title),
        guarded(&card.department),
        Cow::Owned(card.birthday.map(date).unwrap_or_default()),
        guarded(&card.note),
        empty,
        Cow::Owned(guard(&groups(card)).into_owned()),
        guarded(&card.pronouns),
        guarded(&card.uid),
    ]
}

fn guarded(value: &Option<String>) -> Cow<'_, str> {
    value.as_deref().map_or(Cow::Borrowed(""), guard)
}

fn date(birthday: Birthday) -> String {
    let (month, day) = (birthday.month(), birthday.day());
    match birthday.year() {
        Some(year) => format!("{year:04}-{month:02}-{day:02}"),
        None => format!("--{month:02}-{day:02}"),
    }
}

fn groups(card: &Card) -> String {
    let tags = card.categories.iter().map(|tag| label::write_tag(tag));
    separator::join(tags.chain(card.favorite.then(|| label::STARRED.to_owned())))
}

/// Returns the cells of the columns [`ADDRESS`].
fn address_cells(address: &Address) -> [String; 8] {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    [
        String::new(),
        text(&address.street),
        text(&address.city),
        String::new(),
        text(&address.region),
        text(&address.postal_code),
        text(&address.country),
        String::new(),
    ]
}

/// Writes the values of a list in `count` columns. The last one has all values that are left.
fn push_list<T, const N: usize>(
    row: &mut Row,
    values: &[Labeled<T>],
    count: usize,
    guard: fn(&str) -> Cow<'_, str>,
    cells: impl Fn(&T) -> [String; N],
) {
    for position in 0..count {
        let is_last = position + 1 == count;
        let end = if is_last { values.len() } else { position + 1 };
        let values = values.get(position..end).unwrap_or_default();
        let labels = values.iter().map(|value| value.label.as_deref().map(label::write).unwrap_or_default());
        row.push(&crate::formula::guard(&separator::join(labels)));
        let cells: Vec<[String; N]> = values.iter().map(|value| cells(&value.value)).collect();
        for part in 0..N {
            let parts = cells.iter().map(|cells| cells.get(part).cloned().unwrap_or_default());
            row.push(&guard(&separator::join(parts)));
        }
    }
}

/// A row that is written.
#[derive(Default)]
struct Row {
    text: String,
    is_started: bool,
}

impl Row {
    fn push(&mut self, cell: &str) {
        if std::mem::replace(&mut self.is_started, true) {
            self.text.push(',');
        }
        let is_quoted = cell.contains([',', '"', '\n', '\r', ';', '\t']) || cell.trim() != cell;
        if is_quoted {
            self.text.push('"');
            self.text.push_str(&cell.replace('"', "\"\""));
            self.text.push('"');
        } else {
            self.text.push_str(cell);
        }
    }

    fn finish(mut self) -> String {
        self.text.push_str("\r\n");
        self.text
    }
}
