//! Files without names of columns: recognizes them, and guesses their columns by the first row.

use vcard::Birthday;

use crate::{
    field::Field,
    headers::{FoldedName, meaning_of},
};

/// Returns true for a first row of names. A row with an e-mail is a contact. So is a row with a number or a date, if it
/// has no known name.
pub(super) fn is_header(cells: &[&str], names: &[FoldedName]) -> bool {
    let has = |is_value: fn(&str) -> bool| cells.iter().any(|cell| is_value(cell));
    let has_name = names.iter().any(|name| meaning_of(name).is_some());
    !has(is_email) && (has_name || !(has(is_phone) || has(is_url) || has(is_date)))
}

/// Gives the columns a field by the values of the first row. The first texts are the first and the last name.
pub(super) fn guess(cells: &[&str], fields: &mut [Option<Field>]) {
    let is_text = |cell: &str| cell.chars().any(char::is_alphabetic);
    let is_other = |cell: &&str| is_text(cell) && !is_email(cell) && !is_url(cell) && !is_phone(cell) && !is_date(cell);
    // A name has one or two cells before the first value of another kind.
    let leading = cells.iter().take_while(|cell| is_other(cell)).count();
    let names: &[Field] = if leading == 1 { &[Field::FullName] } else { &[Field::FirstName, Field::LastName] };
    let mut names = names.iter().copied();
    for (cell, field) in cells.iter().zip(fields) {
        let guessed = match cell {
            cell if is_email(cell) => Some(Field::Email(None)),
            cell if is_url(cell) => Some(Field::Url(None)),
            cell if is_date(cell) => Some(Field::Birthday),
            cell if is_phone(cell) => Some(Field::Phone(None)),
            cell if is_other(cell) => names.next(),
            _ => None,
        };
        *field = field.or(guessed);
    }
}

fn is_email(cell: &str) -> bool {
    let domain = cell.rsplit_once('@').map(|(_, domain)| domain);
    domain.is_some_and(|domain| domain.contains('.')) && !cell.contains(char::is_whitespace)
}

fn is_url(cell: &str) -> bool {
    ["http://", "https://", "www."].iter().any(|start| cell.starts_with(start))
}

fn is_phone(cell: &str) -> bool {
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    digits >= 7 && cell.chars().all(|character| character.is_ascii_digit() || " +-().,/'".contains(character))
}

fn is_date(cell: &str) -> bool {
    const LONGEST: usize = 10;
    let has_separator = cell.contains(['-', '.']);
    has_separator && cell.len() <= LONGEST && Birthday::parse(cell, None).is_some()
}
