//! The columns of a file: names, mapping, unknown ones, and files without names.

use contact_csv::{
    AddressPart, ColumnKey, Delimiter, Dialect, Field, Language, List, Problem, ReadOptions, UnknownField, Warning,
};

use crate::samples::{EXCEL, GOOGLE, HEADERLESS, OUTLOOK_EN, lines, read, read_text, unknown};

fn fields(text: &str) -> Vec<Option<Field>> {
    read_text(text).layout().columns.iter().map(|column| column.field).collect()
}

#[test]
fn delimiter_is_the_most_frequent_one_outside_of_quotes() {
    for (text, delimiter) in [
        ("name,email;x,phone\n", Delimiter::Comma),
        ("name;\"e,m,a,i,l\";phone\n", Delimiter::Semicolon),
        ("name\tphone, all\tnote\n", Delimiter::Tab),
        ("name\n", Delimiter::Comma),
        ("\r\n\n;name;phone\na,b,c,d,e", Delimiter::Semicolon),
        ("sep=\t\nname,email,phone\tnote\n", Delimiter::Tab),
    ] {
        assert_eq!(read_text(text).layout().delimiter, delimiter, "{text:?}");
    }
    let options = ReadOptions { delimiter: Delimiter::from_name(";"), ..ReadOptions::default() };
    assert_eq!(read(b"sep=,\nname,x,y;phone\nA;1", options).layout().columns.len(), 2);
    assert_eq!(
        ["comma", "semicolon", "tab"].map(|name| Delimiter::from_name(name).unwrap().name()),
        ["comma", "semicolon", "tab"]
    );
    assert_eq!(Delimiter::from_name("|"), None);
}

#[test]
fn names_match_in_any_case_with_other_punctuation_and_without_accents() {
    let names =
        "FIRST_NAME,e-mail  address,Telefon (privat),ciudad de TRABAJO,Rückmeldung\u{a0},Prenom,імʼя,Straße privat";
    let expected = [
        Field::FirstName,
        Field::Email(None),
        Field::Phone(Some("home")),
        Field::Address(Some("work"), AddressPart::City),
        Field::Phone(Some("callback")),
        Field::FirstName,
        Field::FirstName,
        Field::Address(Some("home"), AddressPart::Street),
    ];
    assert_eq!(fields(&format!("{names}\n")), expected.map(Some));
    // The accents are characters of their own.
    assert_eq!(fields("Pre\u{301}nom,Українськии\u{306}\n"), [Some(Field::FirstName), None]);
}

#[test]
fn title_is_the_prefix_beside_a_job_title_and_in_outlook() {
    assert_eq!(fields("Title,Name\n")[0], Some(Field::JobTitle));
    assert_eq!(fields("Title,Name,Job Title\n")[0], Some(Field::Prefix));
    assert_eq!(fields("Title,Home Phone,Business Phone,Mobile Phone,Pager\n")[0], Some(Field::Prefix));
    let twice = fields("Titre,Prénom,Nom,Titre,Titre\n");
    assert_eq!([twice[0], twice[3], twice[4]], [Some(Field::Prefix), Some(Field::JobTitle), None]);
}

#[test]
fn location_is_a_city_only_in_tables_without_one() {
    assert_eq!(fields("Name,Ort\n")[1], Some(Field::Address(None, AddressPart::City)));
    assert_eq!(fields("Name,Ort,Stadt\n")[1], None);
    assert_eq!(fields("Name,Location,Home Phone,Business Phone,Mobile Phone,Pager\n")[1], None);
}

#[test]
fn columns_of_one_value_are_found_by_their_numbers() {
    let file = read_text(
        "name,Phone 2 - Value,Phone 1 - Value,Phone 1 - Label,Phone 2 - Label,Street,Street 2,City,\
         Address 2 - Street,Address 2 - Street 2,Address 2 - City,Phone,Phone\n\
         A,222,111,Home,Work,Road 1,Floor 2,Kyiv,Lane 3,Floor 4,Lviv,333,444\n",
    );
    let expected = [
        "N:;A;;;",
        "TEL;TYPE=work:222",
        "TEL;TYPE=home:111",
        "TEL:333",
        "TEL:444",
        "ADR:;;Road 1\\, Floor 2;Kyiv;;;",
        "ADR:;;Lane 3\\, Floor 4;Lviv;;;",
    ];
    assert_eq!(lines(file.contact()), expected);
}

#[test]
fn second_column_of_a_field_with_another_value_is_a_warning() {
    let second = |field, value: &str| Some(Warning::SecondValue { field, value: value.to_owned() });
    let in_address = |part, value: &str| {
        let value = value.to_owned();
        Some(Warning::SecondAddressPart { address: 0, part, value })
    };
    for (names, row, line, warning) in [
        ("Company,Organization", "C1,O1", "ORG:C1", second(Field::Organization, "O1")),
        ("Company,Organization", "C1,C1", "ORG:C1", None),
        ("Company,Organization", "C1,", "ORG:C1", None),
        ("Company,Organization", ",O1", "ORG:O1", None),
        ("Organization 1 - Name,Organization 2 - Name", "C1,O1", "ORG:C1", second(Field::Organization, "O1")),
        ("Birthday,Birthday", "1990-02-28,1991-02-28", "BDAY:19900228", second(Field::Birthday, "1991-02-28")),
        ("Birthday,Birthday", "1990-02-28,soon", "BDAY:19900228", second(Field::Birthday, "soon")),
        ("Birthday,Birthday", "1990-02-28,28.02.1990", "BDAY:19900228", None),
        ("Birthday,Birthday", "1990-02-28,0/0/00", "BDAY:19900228", None),
        ("Birthday,Birth Year", "1990-02-28,1991", "BDAY:19900228", second(Field::Birthday, "1991--")),
        ("Birthday,Birth Year", "1990-02-28,1990", "BDAY:19900228", None),
        ("City,Town", "Kyiv,Lviv", "ADR:;;;Kyiv;;;", in_address(AddressPart::City, "Lviv")),
        ("City,Town", "Kyiv,Kyiv", "ADR:;;;Kyiv;;;", None),
        ("City,Town", ",Lviv", "ADR:;;;Lviv;;;", None),
        ("Address,Address", "Road 1,Road 2", "ADR:;;Road 1;;;;", in_address(AddressPart::Formatted, "Road 2")),
        ("Note,Comment", "a,b", "NOTE:a\\nb", None),
    ] {
        let file = read_text(&format!("First Name,{names}\nA,{row}\n"));
        assert_eq!(lines(file.contact())[1..], [line], "{names}: {row}");
        assert_eq!(file.contact().warnings, Vec::from_iter(warning), "{names}: {row}");
    }
    let file = read_text("Home City,Home City,City,Town\nKyiv,Kyiv,Lviv,Odesa\n");
    let value = "Odesa".to_owned();
    let expected = Warning::SecondAddressPart { address: 1, part: AddressPart::City, value };
    assert_eq!(file.contact().warnings, [expected]);
}

#[test]
fn second_column_is_no_warning_when_the_field_is_not_read() {
    let warnings = |names: &str| read_text(&format!("{names}\na,b,c\n")).contact().warnings.clone();
    assert_eq!(warnings("First Name,Name,Display Name"), []);
    let second = Warning::SecondValue { field: Field::FullName, value: "b".to_owned() };
    assert_eq!(warnings("Name,Display Name,Note"), [second]);
    // The whole address, beside a part of it.
    assert_eq!(warnings("Address,Address,City"), []);
}

#[test]
fn mapping_has_precedence_over_names() {
    let name = |name: &str| ColumnKey::Name(name.to_owned());
    let mapping = vec![
        (name(" e-mail"), Field::Ignored),
        (name("Розмір"), Field::Note),
        (name("№"), Field::Uid),
        (ColumnKey::Position(0), Field::LastName),
        (ColumnKey::Position(3), Field::Phone(None)),
        (name("phone"), Field::Label(List::Phone)),
    ];
    let options = ReadOptions { mapping, ..ReadOptions::default() };
    let file = read("First Name,E-Mail,розмір,?,phone,#,№\nBlack,b@example.com,38,123,Car,x,7\n".as_bytes(), options);
    assert_eq!(lines(file.contact()), ["UID:7", "N:Black;;;;", "TEL;TYPE=car:123", "NOTE:38"]);
    assert_eq!(unknown(file.layout()), ["#"]);
}

#[test]
fn fields_have_a_text_form() {
    for (name, field) in [
        ("first_name", Field::FirstName),
        ("email", Field::Email(None)),
        ("phone.work_fax", Field::Phone(Some("work fax"))),
        ("url.home", Field::Url(Some("home"))),
        ("address.city", Field::Address(None, AddressPart::City)),
        ("address.home.postal_code", Field::Address(Some("home"), AddressPart::PostalCode)),
        ("email_label", Field::Label(List::Email)),
        ("ignored", Field::Ignored),
    ] {
        assert_eq!((name.parse(), field.to_string().as_str()), (Ok(field), name));
    }
    for name in ["", "name", "email.", "email.x", "email.home.work", "address", "address.home", "x_label", "Email"] {
        assert_eq!(name.parse::<Field>(), Err(UnknownField), "{name}");
    }
}

#[test]
fn unknown_columns_are_reported_and_go_to_the_note_only_if_asked() {
    let file = read(GOOGLE, ReadOptions::default());
    let names = [
        "Phonetic Middle Name",
        "Relation 1 - Label",
        "Relation 1 - Value",
        "Event 1 - Label",
        "Event 1 - Value",
        "Custom Field 1 - Label",
        "Custom Field 1 - Value",
    ];
    assert_eq!(unknown(file.layout()), names);
    let note = |file: &[u8], unknown_to_note| {
        let file = read(file, ReadOptions { unknown_to_note, ..ReadOptions::default() });
        file.entries[0].contact.as_ref().unwrap().card.note.clone().unwrap_or_default()
    };
    let own = "Перший рядок\nдругий, з комою";
    assert_eq!(note(GOOGLE, false), own);
    assert_eq!(note(GOOGLE, true), format!("{own}\nSpouse: Ivan\nAnniversary: 2015-06-01"));
    assert_eq!(note(OUTLOOK_EN, true), "Likes rye\nand wheat\nAnniversary: 0/0/00\nGender: Unspecified\nSpouse: Anne");
    assert_eq!(note(EXCEL, true), "Розмір взуття: 38");
}

#[test]
fn excel_table_with_a_declared_delimiter_is_read() {
    let file = read(EXCEL, ReadOptions::default());
    assert_eq!(unknown(file.layout()), ["Розмір взуття"]);
    assert_eq!((file.layout().dialect, file.layout().language), (Dialect::Other, Some(Language::Ukrainian)));
    let contacts: Vec<_> = file.entries.iter().map(|entry| (entry.line, entry.contact.as_ref())).collect();
    let (line, first) = contacts[0];
    let expected = ["N:;Оксана Мельник;;;", "TEL:067 555 00 01", "EMAIL:oksana@example.com", "BDAY:19691228"];
    assert_eq!((line, lines(first.unwrap())), (3, expected.map(str::to_owned).to_vec()));
    let (line, second) = contacts[1];
    assert_eq!((line, lines(second.unwrap())), (5, vec!["N:;Петро;;;".to_owned(), "TEL:+380675550002".to_owned()]));
    let unreadable = Warning::UnreadableBirthday { value: "весна 1990".to_owned() };
    assert_eq!(second.unwrap().warnings, [unreadable, Warning::ExtraCells { count: 1 }]);
    assert_eq!(contacts[2].1.unwrap().card.phones[0].value, "нічого");
    assert_eq!((contacts[3].0, contacts[3].1.unwrap_err().problem), (7, Problem::NoValue));
    assert_eq!(contacts.len(), 4);
}

#[test]
fn file_without_names_is_reported_and_its_columns_are_guessed() {
    let file = read(HEADERLESS, ReadOptions::default());
    assert!(!file.layout().has_header);
    assert_eq!(file.layout().columns[0].name, "1");
    assert_eq!(unknown(file.layout()), ["7"]);
    let contacts: Vec<_> = file.entries.iter().map(|entry| lines(entry.contact.as_ref().unwrap())).collect();
    let first = [
        "N:Франко;Іван;;;",
        "TEL:+380 44 555 00 01",
        "EMAIL:ivan@example.com",
        "URL:https://ivan.example.com",
        "BDAY:19900228",
    ];
    assert_eq!(contacts, [&first[..], &["N:;Леся;;;", "TEL:+380 44 555 00 02", "EMAIL:lesia@example.com"]]);
    assert_eq!(file.entries[0].line, 1);
}

#[test]
fn header_is_recognized_by_its_values() {
    for (text, has_header) in [
        ("Name,Phone\n", true),
        ("Etunimi;Sukunimi\n", true),
        ("Anna,1234567\n", false),
        ("Anna,02.03.1990\n", false),
        ("Anna,www.example.com\n", false),
        ("Email,a@example.com\n", false),
        ("Phone,0671112233\n", true),
    ] {
        assert_eq!(read_text(text).layout().has_header, has_header, "{text}");
    }
    let options = |has_header| ReadOptions { has_header: Some(has_header), ..ReadOptions::default() };
    let file = read(b"Name,Phone\nA,1\n", options(false));
    assert_eq!((file.layout().has_header, file.entries.len()), (false, 2));
    assert_eq!(
        read(b"a@example.com\nb@example.com\n", options(true)).entries[0].contact,
        Err(contact_csv::RowError { line: 2, problem: Problem::NoValue })
    );
}

#[test]
fn one_column_is_read() {
    let file = read_text("E-mail\na@example.com\n\nb@example.com\n");
    assert_eq!(file.entries.iter().map(|entry| entry.line).collect::<Vec<_>>(), [2, 4]);
    assert_eq!(lines(file.entries[1].contact.as_ref().unwrap()), ["EMAIL:b@example.com"]);
    let file = read_text("a@example.com\nb@example.com");
    assert_eq!((file.layout().has_header, file.entries.len()), (false, 2));
}

#[test]
fn five_hundred_columns_are_read() {
    let names: Vec<String> = (1..=250).map(|number| format!("Phone {number} - Label,Phone {number} - Value")).collect();
    let values: Vec<String> = (1..=250).map(|number| format!("Car,{number}")).collect();
    let file = read_text(&format!("{}\n{}\n", names.join(","), values.join(",")));
    let phones = &file.contact().card.phones;
    assert_eq!((phones.len(), phones[249].value.as_str(), phones[249].label.as_deref()), (250, "250", Some("car")));
    let same = format!("{}\n{}\n", vec!["Phone"; 500].join(","), vec!["1"; 500].join(","));
    assert_eq!(read_text(&same).contact().card.phones.len(), 500);
}
