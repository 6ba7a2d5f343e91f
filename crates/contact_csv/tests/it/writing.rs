//! The writer.

use contact_csv::{Dialect, ListColumns, ReadOptions, Writer};
use vcard::{Address, Birthday, Card, Labeled, Name};

use crate::samples::read;

fn labeled<T>(label: &str, value: T) -> Labeled<T> {
    Labeled { label: (!label.is_empty()).then(|| label.to_owned()), value }
}

fn text(value: &str) -> Option<String> {
    Some(value.to_owned())
}

fn card() -> Card {
    Card {
        name: Name { first: text("=Anna"), prefix: text("Dr."), ..Name::default() },
        pronouns: text("she/her"),
        note: text("two\nlines, \"quoted\""),
        birthday: Birthday::new(None, 2, 28),
        favorite: true,
        categories: vec!["@friends".to_owned(), "* own".to_owned()],
        emails: vec![labeled("home", "a@example.com".to_owned())],
        phones: vec![
            labeled("work fax", "+380671112233".to_owned()),
            labeled("", "=1+1".to_owned()),
            labeled("*My", "+HYPERLINK(1)".to_owned()),
        ],
        addresses: vec![labeled("Dacha", Address { city: text("Kyiv"), ..Address::default() })],
        uid: text("u1"),
        ..Card::default()
    }
}

/// Reads the cells of a written file by another reader.
fn cells(file: &str) -> Vec<Vec<String>> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).from_reader(file.trim_start_matches('\u{feff}').as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn columns_of_google_are_written_as_often_as_needed() {
    let mut columns = ListColumns::default();
    columns.include(&Card::default());
    columns.include(&card());
    assert_eq!(columns, ListColumns { emails: 1, phones: 3, addresses: 1, urls: 1 });
    let header = Writer::new(columns).header();
    assert!(header.starts_with("\u{feff}First Name,Middle Name,Last Name,Phonetic First Name,Phonetic Middle Name,"));
    assert!(header.ends_with("Address 1 - Extended Address,Website 1 - Label,Website 1 - Value\r\n"));
    assert!(header.contains(",Labels,Pronouns,UID,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,"));
    assert!(header.contains("Phone 3 - Value,Address 1 - Label,Address 1 - Formatted,Address 1 - Street,"));
}

#[test]
fn formulas_are_guarded_and_phones_are_not() {
    let writer = Writer::new(ListColumns { phones: 3, ..ListColumns::default() });
    let rows = cells(&(writer.header() + &writer.row(&card())));
    let cell = |name: &str| rows[1][rows[0].iter().position(|own| own == name).unwrap()].as_str();
    for (name, value) in [
        ("First Name", "'=Anna"),
        ("Name Prefix", "Dr."),
        ("Birthday", "--02-28"),
        ("Notes", "two\nlines, \"quoted\""),
        ("Labels", "'@friends ::: * * own ::: * starred"),
        ("Pronouns", "she/her"),
        ("UID", "u1"),
        ("E-mail 1 - Label", "Home"),
        ("Phone 1 - Label", "Work Fax"),
        ("Phone 1 - Value", "+380671112233"),
        ("Phone 2 - Label", ""),
        ("Phone 2 - Value", "'=1+1"),
        ("Phone 3 - Label", "* *My"),
        ("Phone 3 - Value", "'+HYPERLINK(1)"),
        ("Address 1 - Label", "Dacha"),
        ("Address 1 - City", "Kyiv"),
        ("Website 1 - Value", ""),
    ] {
        assert_eq!(cell(name), value, "{name}");
    }
    assert_eq!(rows[0].len(), rows[1].len());
}

#[test]
fn values_above_the_number_of_columns_are_in_the_last_one() {
    let writer = Writer::new(ListColumns { phones: 2, emails: 0, ..ListColumns::default() });
    let file = writer.header() + &writer.row(&card());
    let rows = cells(&file);
    assert!(rows[1].contains(&"'=1+1 ::: +HYPERLINK(1)".to_owned()) && rows[1].contains(&" ::: * *My".to_owned()));
    let read = read(file.as_bytes(), ReadOptions::default());
    assert_eq!(read.layout().dialect, Dialect::Own);
    assert_eq!(read.contact().card, card());
}

#[test]
fn separator_inside_of_a_value_has_a_backslash_and_is_read_unchanged() {
    let card = Card {
        name: Name { first: text("A ::: B"), ..Name::default() },
        note: text(r"a\:::b"),
        favorite: true,
        categories: ["a:::b", "::::", r"c\:::", ":", "* :::", r"d\"].map(str::to_owned).to_vec(),
        phones: vec![labeled("", "+380:::1".to_owned())],
        addresses: vec![
            labeled("x ::: y", Address { street: text("s ::: 0"), city: text(r"\:::"), ..Address::default() }),
            labeled("", Address { city: text(":"), ..Address::default() }),
        ],
        urls: vec![labeled("", "https://x.org/a:::b".to_owned()), labeled(":::", r"\".to_owned())],
        ..Card::default()
    };
    let writer = Writer::new(ListColumns { urls: 2, ..ListColumns::default() });
    let file = writer.header() + &writer.row(&card);
    let rows = cells(&file);
    let cell = |name: &str| rows[1][rows[0].iter().position(|own| own == name).unwrap()].as_str();
    for (name, value) in [
        ("First Name", "A ::: B"),
        ("Notes", r"a\:::b"),
        ("Labels", r"a\:::b ::: \:::: ::: c\\::: ::: : ::: * * \::: ::: d\ ::: * starred"),
        ("Phone 1 - Value", r"'+380\:::1"),
        ("Address 1 - Label", r"x \::: y ::: "),
        ("Address 1 - Street", r"s \::: 0 ::: "),
        ("Address 1 - City", r"\\::: ::: :"),
        ("Website 1 - Value", r"https://x.org/a\:::b"),
        ("Website 2 - Label", r"\:::"),
        ("Website 2 - Value", r"\"),
    ] {
        assert_eq!(cell(name), value, "{name}");
    }
    assert_eq!(read(file.as_bytes(), ReadOptions::default()).contact().card, card);
}

#[test]
fn every_column_that_is_written_is_read() {
    let file = Writer::new(ListColumns::default()).header() + "x\r\n";
    let read = read(file.as_bytes(), ReadOptions::default());
    assert_eq!(crate::samples::unknown(read.layout()), ["Phonetic Middle Name"]);
}
