//! The columns of a file, and the fields of their values in a contact.

mod guess;
mod plan;

use std::collections::{HashMap, HashSet};

pub(crate) use self::plan::{Item, Part, Target};
use self::{guess::guess, plan::Plan};
use crate::{
    delimiter::Delimiter,
    dialect::Dialect,
    field::{AddressPart, Field, List},
    headers::{FoldedName, Language, Meaning, fold, meaning_of},
    options::{ColumnKey, DateOrder, ReadOptions},
    records::Record,
};

/// The columns of a file, as a preview shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Dialect of the file.
    pub dialect: Dialect,
    /// Language of most names. `None` for a file without known names.
    pub language: Option<Language>,
    /// Character between two cells.
    pub delimiter: Delimiter,
    /// True if the first row has the names of the columns. Otherwise the columns are guessed by the first row.
    pub has_header: bool,
    /// Order of month and day in dates with slashes.
    pub date_order: DateOrder,
    /// The columns, in the order of the file.
    pub columns: Vec<Column>,
    plan: Plan,
}

/// A column of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Name in the file. Without names the position, from 1.
    pub name: String,
    /// Field of its values. Values of a column without a field are not read.
    pub field: Option<Field>,
}

impl Layout {
    pub(crate) fn new(first: &Record, delimiter: Delimiter, options: &ReadOptions) -> Self {
        let cells: Vec<&str> = first.cells().map(str::trim).collect();
        let names: Vec<FoldedName> = cells.iter().map(|name| fold(name)).collect();
        let has_header = options.has_header.unwrap_or_else(|| guess::is_header(&cells, &names));
        let meanings: Vec<_> = names.iter().map(|name| meaning_of(name).filter(|_| has_header)).collect();
        let letters: HashSet<&str> = names.iter().map(|name| name.letters.as_str()).collect();
        let given = Given::new(&options.mapping);
        let mut fields: Vec<Option<Field>> = meanings
            .iter()
            .enumerate()
            .map(|(position, meaning)| {
                let name = cells.get(position).filter(|_| has_header);
                given.field(position, name).or_else(|| certain(*meaning))
            })
            .collect();
        let dialect = if has_header { Dialect::of(&letters, &fields) } else { Dialect::Other };
        if has_header {
            resolve_titles(&mut fields, &meanings, dialect);
            resolve_cities(&mut fields, &meanings, dialect);
            resolve_birthdays(&mut fields);
            ignore_types_of_outlook(&mut fields, &names, &letters);
        } else {
            guess(&cells, &mut fields);
        }
        let language = language_of(&meanings);
        let date_order = options.date_order.unwrap_or(match language {
            None | Some(Language::English) => DateOrder::MonthFirst,
            Some(_) => DateOrder::DayFirst,
        });
        let plan = Plan::new(&fields, &names);
        let name =
            |(position, cell): (usize, &&str)| if has_header { (*cell).to_owned() } else { (position + 1).to_string() };
        let columns =
            cells.iter().enumerate().map(name).zip(fields).map(|(name, field)| Column { name, field }).collect();
        Self { dialect, language, delimiter, has_header, date_order, columns, plan }
    }

    /// Returns the field of the values of a column.
    pub(crate) fn target(&self, column: usize) -> Target {
        self.plan.target(column)
    }

    /// Returns a value of a list.
    pub(crate) fn item(&self, item: usize) -> Option<Item> {
        self.plan.item(item)
    }
}

/// Fields that the user has given to columns. Of two for one column the first one counts.
struct Given {
    /// By names in lower case.
    by_name: HashMap<String, Field>,
    by_position: HashMap<usize, Field>,
}

impl Given {
    fn new(mapping: &[(ColumnKey, Field)]) -> Self {
        let mut given = Self { by_name: HashMap::new(), by_position: HashMap::new() };
        for (key, field) in mapping {
            match key {
                ColumnKey::Name(name) => given.by_name.entry(name.trim().to_lowercase()).or_insert(*field),
                ColumnKey::Position(position) => given.by_position.entry(*position).or_insert(*field),
            };
        }
        given
    }

    /// Returns the field of a column, the one of its position before the one of its name.
    fn field(&self, position: usize, name: Option<&&str>) -> Option<Field> {
        self.by_position.get(&position).or_else(|| self.by_name.get(&name?.to_lowercase())).copied()
    }
}

fn certain(meaning: Option<(Meaning, Language)>) -> Option<Field> {
    match meaning {
        Some((Meaning::Is(field), _)) => Some(field),
        _ => None,
    }
}

type Meanings = [Option<(Meaning, Language)>];

/// Gives the columns called Title a field that the user has not given. Of two the first one is the prefix. One alone
/// is the prefix beside a job title and in Outlook, else the job title.
fn resolve_titles(fields: &mut [Option<Field>], meanings: &Meanings, dialect: Dialect) {
    let is_title = |meaning: &Option<(Meaning, Language)>| matches!(meaning, Some((Meaning::Title, _)));
    let count = meanings.iter().filter(|meaning| is_title(meaning)).count();
    let has_job_title = fields.contains(&Some(Field::JobTitle));
    let is_outlook = matches!(dialect, Dialect::Outlook | Dialect::OutlookCom);
    let first = if count > 1 || has_job_title || is_outlook { Field::Prefix } else { Field::JobTitle };
    let titles = fields.iter_mut().zip(meanings).filter(|(_, meaning)| is_title(meaning)).map(|(field, _)| field);
    for (field, value) in titles.zip([first, Field::JobTitle]) {
        field.get_or_insert(value);
    }
}

/// Makes the column Location or Ort a city, if there is no other one. Outlook has it beside cities.
fn resolve_cities(fields: &mut [Option<Field>], meanings: &Meanings, dialect: Dialect) {
    let is_city = |field: &Option<Field>| matches!(field, Some(Field::Address(_, AddressPart::City)));
    if dialect == Dialect::Other && !fields.iter().any(is_city) {
        let mut columns = fields.iter_mut().zip(meanings);
        if let Some((field, _)) = columns.find(|(_, meaning)| matches!(meaning, Some((Meaning::Location, _)))) {
            field.get_or_insert(Field::Address(None, AddressPart::City));
        }
    }
}

/// Thunderbird calls the day of birth as others call the whole date, `Birth Day` or `Geburtstag`, beside a month.
fn resolve_birthdays(fields: &mut [Option<Field>]) {
    let has = |fields: &[Option<Field>], field| fields.contains(&Some(field));
    if has(fields, Field::BirthMonth) && !has(fields, Field::BirthDay) {
        for field in fields.iter_mut().filter(|field| **field == Some(Field::Birthday)) {
            *field = Some(Field::BirthDay);
        }
    }
}

/// `E-mail 2 Type` is a label in Google's files, and the protocol SMTP in Outlook's.
fn ignore_types_of_outlook(fields: &mut [Option<Field>], names: &[FoldedName], letters: &HashSet<&str>) {
    if letters.contains("emailaddress") {
        for (field, name) in fields.iter_mut().zip(names) {
            if name.letters == "emailtype" && *field == Some(Field::Label(List::Email)) {
                *field = Some(Field::Ignored);
            }
        }
    }
}

/// Returns the language of most names, the first one of equal ones.
fn language_of(meanings: &Meanings) -> Option<Language> {
    let mut counts: Vec<(Language, usize)> = Vec::new();
    for (_, language) in meanings.iter().flatten() {
        match counts.iter_mut().find(|(own, _)| own == language) {
            Some((_, count)) => *count += 1,
            None => counts.push((*language, 1)),
        }
    }
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map(|(language, _)| language)
}
