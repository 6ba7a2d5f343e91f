//! Rows of CSV, as contacts.

use contact_files::{ColumnKey, ContactRows, Field, FileColumn, FileFormat};
use domain::{
    contact::{AddressLine, CardError, Label, LabeledAddress, LabeledLink, Link, Tag, import::EntryError},
    text::Invalid,
};
use testkit::samples;

use crate::files::{contact_of, entries, entry, options, read_pieces, stored};

#[test]
fn row_has_a_text_only_with_a_uid_or_values_that_are_left_out() {
    let text_of = |row: &str| {
        let file = format!("First Name,UID,Phone 1 - Value,Birthday\n{row}\n");
        contact_of(entry(file, FileFormat::Csv)).text.map(|text| text.as_str().to_owned())
    };
    assert_eq!(text_of("Lesia,,123,1990-02-28"), None);
    assert!(text_of("Lesia,u-1,123,").unwrap().contains("\r\nUID:u-1\r\n"));
    assert!(text_of("Lesia,,ask Eva,").unwrap().contains("\r\nTEL:ask Eva\r\n"));
}

#[test]
fn values_without_a_column_are_reported() {
    let contact = contact_of(entry("First Name,Birthday\nLesia,soon,more\n", FileFormat::Csv));
    let pointers: Vec<_> = contact.left_out.iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!(pointers, ["/birthday", ""]);
    let extra = Invalid::TooLong { max: 2, unit: "cells" };
    assert_eq!(contact.left_out[1], CardError { pointer: String::new(), reason: extra.into() });
}

#[test]
fn value_of_a_second_column_for_one_field_is_reported() {
    for (names, row, pointer) in [
        ("Company,Organization", "C1,O1", Some("/organization")),
        ("Company,Organization", "C1,C1", None),
        ("Company,Organization", "C1,", None),
        ("Organization,Company", ",C1", None),
        ("Company,Birthday,Birthday", "C1,1990-02-28,1991-02-28", Some("/birthday")),
        ("Company,Birth Year,Birth Month,Birth Day,Birth Year", "C1,1990,2,28,1991", Some("/birthday")),
        ("Company,UID,UID", "C1,u-1,u-2", Some("/uid")),
        ("Company,City,Town", "C1,Kyiv,Lviv", Some("/addresses/0/city")),
        ("Company,Zip,Zip Code", "C1,1,2", Some("/addresses/0/postal_code")),
        ("Company,Address,Address", "C1,a,b", Some("/addresses/0/street")),
    ] {
        let contact = contact_of(entry(format!("First Name,{names}\nA,{row}\n"), FileFormat::Csv));
        assert_eq!(contact.card.card().organization.clone().unwrap().as_str(), "C1", "{names}: {row}");
        let expected = pointer.map(|pointer| CardError {
            pointer: pointer.to_owned(),
            reason: Invalid::TooLong { max: 1, unit: "value" }.into(),
        });
        assert_eq!(contact.left_out, Vec::from_iter(expected), "{names}: {row}");
    }
    let contact = contact_of(entry("Name,Display Name\nLesia,Olena\n", FileFormat::Csv));
    assert_eq!(contact.card.card().first_name.clone().unwrap().as_str(), "Lesia");
    let pointers: Vec<_> = contact.left_out.iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!(pointers, ["/first_name"]);
}

#[test]
fn unreadable_row_is_an_error_and_the_others_are_read() {
    let file = "First Name,Notes\nLesia,a\nOleh,\"open\nIryna,c\n";
    let found = entries(file.as_bytes(), FileFormat::Csv);
    let names: Vec<_> = found.iter().map(|entry| entry.name.as_deref()).collect();
    assert_eq!(names, [Some("Lesia"), None, Some("Iryna")]);
    let sentence = "a cell begins with a quote that is not closed".to_owned();
    assert_eq!(found[1].content, Err(EntryError::Unreadable(sentence)));
}

#[test]
fn summary_has_the_columns_and_a_mapping_has_precedence() {
    let mut choice = options(FileFormat::Csv);
    choice.table.mapping = vec![(ColumnKey::Name("Colour".to_owned()), Field::Nickname)];
    let (entries, summary) = read_pieces(b"Given Name;Colour;Shoe size\nLesia;Red;38\n", choice, 3);
    let columns = [("Given Name", Some("first_name")), ("Colour", Some("nickname")), ("Shoe size", None)];
    let columns = columns.map(|(name, field)| FileColumn { name: name.to_owned(), field: field.map(str::to_owned) });
    assert_eq!(summary.columns, columns);
    assert_eq!((summary.dialect, summary.charset), (Some("other"), Some("UTF-8")));
    assert_eq!(contact_of(entries[0].clone()).card.card().nickname.clone().unwrap().as_str(), "Red");
}

#[test]
fn rows_have_fixed_columns_and_the_last_one_has_all_further_values() {
    let rows = ContactRows::default();
    let header = rows.header();
    assert!(header.starts_with("\u{feff}First Name,"));
    assert!(header.contains("E-mail 5 - Value,Phone 1 - Label") && header.contains("Website 3 - Value\r\n"));
    let mut card = samples::card("Lesia", "U");
    card.emails =
        (0..8).flat_map(|number| samples::full_card("a", "b", &format!("{number}@a.example"), "12").emails).collect();
    let model = samples::valid(card);
    let row = rows.row(&stored(&model, 1)).unwrap();
    assert!(row.contains(",4@a.example ::: 5@a.example ::: 6@a.example ::: 7@a.example,"), "{row}");
    assert_eq!(contact_of(entry(format!("{header}{row}"), FileFormat::Csv)).card, model);
}

#[test]
fn contact_with_separators_in_its_values_is_read_unchanged() {
    let mut card = samples::card("Lesia", "U");
    card.tags = vec![Tag::parse("a:::b").unwrap(), Tag::parse(r"c\").unwrap()];
    let street = Some(AddressLine::parse("s ::: 0").unwrap());
    card.addresses = vec![LabeledAddress { street, ..LabeledAddress::default() }];
    let label = Some(Label::parse("x ::: y").unwrap());
    card.urls = vec![LabeledLink { label, url: Link::parse("https://x.org/a:::b").unwrap() }];
    let (rows, model) = (ContactRows::default(), samples::valid(card));
    let row = rows.row(&stored(&model, 1)).unwrap();
    for cell in [r",a\:::b ::: c\,", r",s \::: 0,", r",x \::: y,https://x.org/a\:::b,"] {
        assert!(row.contains(cell), "{row}");
    }
    let contact = contact_of(entry(format!("{}{row}", rows.header()), FileFormat::Csv));
    assert_eq!((contact.card, contact.left_out), (model, vec![]));
}
