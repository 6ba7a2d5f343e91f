//! Invariants of all cards and all files.

use contact_csv::{AddressPart, Entry, Field, Limits, List, ListColumns, ReadOptions, Reader, Writer, read};
use proptest::prelude::*;
use vcard::Card;

use crate::cards;

/// Pieces of CSV syntax in a random order.
fn syntax() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("name,email,phone\n"),
        Just("First Name,Labels,E-mail 1 - Label,E-mail 1 - Value,Address 2 - Street 3\n"),
        Just("Birth Year;Birth Month;Birth Day;Titre;Titre\n"),
        Just("Company,Organization,Birthday,Birthday,City,Town\n"),
        Just("sep=;\n"),
        Just("\u{feff}"),
        Just("\""),
        Just("\"\""),
        Just(","),
        Just(";"),
        Just("\t"),
        Just("\r"),
        Just("\n"),
        Just("\r\n"),
        Just(" ::: "),
        Just("\\:::"),
        Just("* "),
        Just("'="),
        Just("0/0/00"),
        Just("12/28/1969"),
        Just("a@example.com"),
        Just("жé"),
        Just("\0"),
    ];
    proptest::collection::vec(prop_oneof![8 => piece.prop_map(str::to_owned), 1 => "\\PC{0,8}"], 0..60)
        .prop_map(|pieces| pieces.concat())
}

fn options(unknown_to_note: bool) -> ReadOptions {
    let limits = Limits { row_bytes: 200, cell_bytes: 60, columns: 8 };
    ReadOptions { unknown_to_note, limits, ..ReadOptions::default() }
}

/// Reads a file whole and in pieces, and writes what was read.
pub(crate) fn run_all(file: &[u8], size: usize) {
    for unknown_to_note in [false, true] {
        let entries: Vec<Entry> = read(file, options(unknown_to_note)).collect();
        let mut reader = Reader::new(options(unknown_to_note));
        let mut pieces = Vec::new();
        for mut piece in file.chunks(size) {
            pieces.extend(std::iter::from_fn(|| reader.next(&mut piece)));
        }
        pieces.extend(std::iter::from_fn(|| reader.finish()));
        assert_eq!(pieces, entries);
        assert!(entries.is_sorted_by_key(|entry| entry.line));
        let writer = Writer::new(ListColumns::default());
        entries.iter().flat_map(|entry| &entry.contact).for_each(|contact| drop(writer.row(&contact.card)));
    }
}

/// Writes cards, and reads them again.
fn rewritten(cards: &[Card], columns: ListColumns) -> Vec<Card> {
    let writer = Writer::new(columns);
    let rows = cards.iter().map(|card| writer.row(card));
    let file: String = std::iter::once(writer.header()).chain(rows).collect();
    let contacts = read(file.as_bytes(), ReadOptions::default()).map(|entry| entry.contact.unwrap());
    contacts.inspect(|contact| assert!(contact.warnings.is_empty(), "{file}")).map(|contact| contact.card).collect()
}

const PARTS: [AddressPart; 8] = [
    AddressPart::PostBox,
    AddressPart::Extended,
    AddressPart::Street,
    AddressPart::City,
    AddressPart::Region,
    AddressPart::PostalCode,
    AddressPart::Country,
    AddressPart::Formatted,
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn field_is_read_as_written(
        label in prop::option::of(prop::sample::select(vec!["home", "work", "mobile", "home fax", "telex"])),
        part in prop::sample::select(PARTS.to_vec()),
    ) {
        let labeled = [Field::Email(label), Field::Phone(label), Field::Url(label), Field::Address(label, part)];
        let labels = [List::Email, List::Phone, List::Url, List::Address].map(Field::Label);
        for field in labeled.into_iter().chain(labels).chain([Field::FirstName, Field::Birthday, Field::Ignored]) {
            prop_assert_eq!(field.to_string().parse::<Field>(), Ok(field));
        }
    }

    /// A field has one name. Only the case and the blanks of its label may differ.
    #[test]
    fn field_of_each_text_is_written_as_this_text(
        text in prop_oneof![
            any::<String>(),
            "(email|phone|address|first_name|ignored|Email)(_label|\\.(home|Work|work[ _]Fax|x)?){0,2}(\\.(city|x))?",
        ],
    ) {
        if let Ok(field) = text.parse::<Field>() {
            prop_assert_eq!(field.to_string(), text.to_ascii_lowercase().replace(' ', "_"));
        }
    }

    #[test]
    fn written_cards_are_read_unchanged(
        written in proptest::collection::vec(cards::card(), 1..5),
        most in 0_usize..6,
    ) {
        let mut columns = ListColumns::default();
        written.iter().for_each(|card| columns.include(card));
        columns.phones = columns.phones.min(most);
        columns.addresses = columns.addresses.min(most);
        prop_assert_eq!(rewritten(&written, columns), written);
    }

    #[test]
    fn values_of_colons_and_backslashes_are_read_unchanged(card in cards::card_of_colons(), most in 0_usize..6) {
        let columns = ListColumns { emails: most, phones: most, addresses: most, urls: most };
        let written = [card];
        prop_assert_eq!(rewritten(&written, columns), written);
    }

    /// Google escapes no separator.
    #[test]
    fn cell_without_an_escaped_separator_is_divided_at_each_separator(
        cell in "[:\\\\ a]{0,20}".prop_filter("an escaped separator", |cell| !cell.contains("\\:::")),
    ) {
        let file = format!("First Name,Labels,Phone 1 - Label\nA,{cell},\n");
        let contact = read(file.as_bytes(), ReadOptions::default()).next().unwrap().contact.unwrap();
        let tags: Vec<&str> = cell.split(":::").map(str::trim).filter(|tag| !tag.is_empty()).collect();
        prop_assert_eq!(contact.card.categories, tags);
    }

    #[test]
    fn rows_are_those_of_the_crate_csv(rows in proptest::collection::vec(
        proptest::collection::vec("[a-z\"\n, ж=']{0,6}", 2..5), 1..6,
    )) {
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        writer.write_record(["note", "first name", "last name", "nickname", "organization"]).unwrap();
        rows.iter().for_each(|row| writer.write_record(row).unwrap());
        let file = writer.into_inner().unwrap();
        let text = |cell: &String| {
            let cell = cell.trim();
            let cell = cell.strip_prefix('\'').filter(|rest| rest.trim_start_matches('\'').starts_with('=')).unwrap_or(cell);
            Some(cell.trim().to_owned()).filter(|cell| !cell.is_empty())
        };
        let expected: Vec<Vec<Option<String>>> = rows
            .iter()
            .map(|row| (0..5).map(|column| row.get(column).and_then(text)).collect::<Vec<_>>())
            .filter(|row| row.iter().any(Option::is_some))
            .collect();
        let found: Vec<Vec<Option<String>>> = read(&file, ReadOptions::default())
            .map(|entry| {
                let card = entry.contact.unwrap().card;
                vec![card.note, card.name.first, card.name.last, card.nickname, card.organization]
            })
            .collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn no_text_causes_a_panic(text in prop_oneof![syntax(), any::<String>()], size in 1_usize..50) {
        run_all(text.as_bytes(), size);
    }

    #[test]
    fn no_bytes_cause_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), size in 1_usize..50) {
        run_all(&bytes, size);
        run_all(&[b"name,email\n", bytes.as_slice()].concat(), size);
    }
}
