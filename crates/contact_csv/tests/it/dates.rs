//! Dates of birth.

use contact_csv::{DateOrder, ReadOptions, Warning};

use crate::samples::{lines, read, read_text};

/// Returns the birthday of a value as in vCard 4.0, or the value of the warning.
fn birthday(names: &str, value: &str) -> String {
    let file = read_text(&format!("{names}\nA,{value}\n"));
    let contact = file.contact();
    let date = lines(contact).into_iter().find_map(|line| line.strip_prefix("BDAY:").map(str::to_owned));
    match (date, contact.warnings.as_slice()) {
        (Some(date), []) => date,
        (None, [Warning::UnreadableBirthday { value }]) => format!("unreadable {value}"),
        (None, []) => "none".to_owned(),
        other => format!("{other:?}"),
    }
}

#[test]
fn dates_of_all_programs_are_read() {
    for (value, expected) in [
        ("1990-02-28", "19900228"),
        ("--02-28", "--0228"),
        ("'--02-28", "--0228"),
        ("19900228", "19900228"),
        ("1604-02-29", "--0229"),
        ("1990-02-28 00:00:00", "19900228"),
        ("28.02.1990", "19900228"),
        ("28.2.90", "19900228"),
        ("28.02.", "--0228"),
        ("12/28/1969", "19691228"),
        ("12/28/1969 12:00 AM", "19691228"),
        ("02/03/1990", "19900203"),
        ("28/12/1969", "19691228"),
        ("2/3/05", "20050203"),
        ("2/3/00", "20000203"),
        ("2/3/30", "19300203"),
        ("2/3", "--0203"),
        ("1990/02/03", "19900203"),
        ("0/0/00", "none"),
        ("0/0/0000", "none"),
        ("0000-00-00", "none"),
        ("2/30/1990", "unreadable 2/30/1990"),
        ("1990", "unreadable 1990"),
        ("spring", "unreadable spring"),
        ("1/2/3/4", "unreadable 1/2/3/4"),
        ("/", "unreadable /"),
    ] {
        assert_eq!(birthday("Name,Birthday", value), expected, "{value}");
    }
}

#[test]
fn day_is_first_in_languages_other_than_english() {
    assert_eq!(birthday("Prénom,Anniversaire", "02/03/1990"), "19900302");
    let options = ReadOptions { date_order: Some(DateOrder::DayFirst), ..ReadOptions::default() };
    let file = read(b"Name,Birthday\nA,02/03/1990\n", options);
    assert_eq!(lines(file.contact())[1], "BDAY:19900302");
}

#[test]
fn date_is_read_from_three_columns() {
    const NAMES: &str = "Name,Birth Year,Birth Month,Birth Day";
    assert_eq!(birthday(NAMES, "1972,1,3"), "19720103");
    assert_eq!(birthday(NAMES, ",2,29"), "--0229");
    assert_eq!(birthday(NAMES, ",,"), "none");
    assert_eq!(birthday(NAMES, "0,0,0"), "none");
    assert_eq!(birthday(NAMES, "1972,,"), "unreadable 1972--");
    assert_eq!(birthday(NAMES, "1973,2,29"), "unreadable 1973-2-29");
}
