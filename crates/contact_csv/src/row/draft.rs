//! The contact while its row is read.

use vcard::Card;

use super::{
    contact::{Contact, Warning},
    date,
    items::Items,
};
use crate::{
    field::Field,
    label::{Group, read_group},
    layout::Layout,
    separator,
};

pub(super) struct Draft<'a> {
    layout: &'a Layout,
    unknown_to_note: bool,
    card: Card,
    pub(super) items: Items,
    full_name: Option<String>,
    /// Year, month and day of birth.
    birth: [Option<String>; 3],
    unknown: Vec<(usize, String)>,
    warnings: Vec<Warning>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(layout: &'a Layout, unknown_to_note: bool) -> Self {
        Self {
            layout,
            unknown_to_note,
            card: Card::default(),
            items: Items::default(),
            full_name: None,
            birth: [None, None, None],
            unknown: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Sets a field. Of several columns with one field the first value counts, and another one is left out with a
    /// warning; notes and tags add up.
    pub(super) fn set(&mut self, field: Field, text: &str) {
        let Self { card, birth: [year, month, day], .. } = self;
        let value = match field {
            Field::Prefix => &mut card.name.prefix,
            Field::FirstName => &mut card.name.first,
            Field::MiddleName => &mut card.name.middle,
            Field::LastName => &mut card.name.last,
            Field::Suffix => &mut card.name.suffix,
            Field::FullName => &mut self.full_name,
            Field::PhoneticFirstName => &mut card.phonetic_first_name,
            Field::PhoneticLastName => &mut card.phonetic_last_name,
            Field::Nickname => &mut card.nickname,
            Field::Organization => &mut card.organization,
            Field::Department => &mut card.department,
            Field::JobTitle => &mut card.job_title,
            Field::Pronouns => &mut card.pronouns,
            Field::Uid => &mut card.uid,
            Field::BirthYear => year,
            Field::BirthMonth => month,
            Field::BirthDay => day,
            Field::Birthday => return self.set_birthday(text),
            Field::Note => return self.add_to_note(text),
            Field::Categories => return self.add_groups(text),
            Field::Favorite => {
                card.favorite |= ["1", "true", "yes", "x"].iter().any(|word| word.eq_ignore_ascii_case(text));
                return;
            }
            // Fields of lists are items, see `Plan`.
            Field::Email(_)
            | Field::Phone(_)
            | Field::Url(_)
            | Field::Address(..)
            | Field::Label(_)
            | Field::Ignored => {
                return;
            }
        };
        let first = value.get_or_insert_with(|| text.to_owned());
        if first.as_str() != text {
            self.warnings.push(Warning::SecondValue { field, value: text.to_owned() });
        }
    }

    pub(super) fn add_unknown(&mut self, column: usize, text: &str) {
        self.unknown.push((column, text.to_owned()));
    }

    /// Returns the contact. `None` when no value is read.
    pub(super) fn finish(mut self) -> Option<Contact> {
        self.items.add_to(&mut self.card, self.layout, &mut self.warnings);
        self.finish_birthday();
        self.finish_unknown();
        self.finish_name();
        (self.card != Card::default()).then_some(Contact { card: self.card, warnings: self.warnings })
    }

    fn set_birthday(&mut self, text: &str) {
        if date::is_none(text) {
            return;
        }
        let birthday = date::parse(text, self.layout.date_order);
        let value = text.to_owned();
        if self.card.birthday.is_some() {
            if self.card.birthday != birthday {
                self.warnings.push(Warning::SecondValue { field: Field::Birthday, value });
            }
        } else if birthday.is_some() {
            self.card.birthday = birthday;
        } else {
            self.warnings.push(Warning::UnreadableBirthday { value });
        }
    }

    fn finish_birthday(&mut self) {
        let [year, month, day] = std::mem::take(&mut self.birth).map(Option::unwrap_or_default);
        let value = [year.as_str(), &month, &day].join("-");
        if value == "--" || date::is_none(&value) {
            return;
        }
        if let Some(birthday) = self.card.birthday {
            if date::contradict([&year, &month, &day], birthday) {
                self.warnings.push(Warning::SecondValue { field: Field::Birthday, value });
            }
            return;
        }
        self.card.birthday = date::of_parts(&year, &month, &day);
        if self.card.birthday.is_none() {
            self.warnings.push(Warning::UnreadableBirthday { value });
        }
    }

    fn finish_name(&mut self) {
        if self.card.name.is_empty() {
            let name = self.full_name.take();
            self.card.name.first = name.filter(|name| *name != self.card.display_name());
        } else {
            // The whole name is not read beside its parts.
            self.warnings.retain(|warning| !matches!(warning, Warning::SecondValue { field: Field::FullName, .. }));
        }
    }

    fn add_to_note(&mut self, text: &str) {
        let note = self.card.note.get_or_insert_default();
        if !note.is_empty() {
            note.push('\n');
        }
        note.push_str(text);
    }

    fn add_groups(&mut self, text: &str) {
        if !self.layout.dialect.is_google() {
            let separator = if text.contains(';') { ';' } else { ',' };
            let tags = text.split(separator).map(str::trim).filter(|tag| !tag.is_empty());
            self.card.categories.extend(tags.map(str::to_owned));
            return;
        }
        for group in separator::split(text, usize::MAX).filter(|group| !group.is_empty()) {
            match read_group(&group) {
                Group::Favorites => self.card.favorite = true,
                Group::Tag(tag) => self.card.categories.push(tag),
                Group::Everyone => {}
            }
        }
    }

    /// Appends unknown values to the note if the user wants so. Google's pairs, such as `Relation 1 - Label` and
    /// `Relation 1 - Value`, are one line.
    fn finish_unknown(&mut self) {
        let unknown = std::mem::take(&mut self.unknown);
        let count = unknown.iter().filter(|(column, _)| *column >= self.layout.columns.len()).count();
        if count > 0 && !self.unknown_to_note {
            self.warnings.push(Warning::ExtraCells { count });
        }
        if !self.unknown_to_note {
            return;
        }
        let mut label: Option<(&str, String)> = None;
        for (column, text) in unknown {
            let name = self.layout.columns.get(column).map_or("", |column| column.name.as_str());
            if let Some(start) = name.strip_suffix(" - Label").or_else(|| name.strip_suffix(" - Type")) {
                label = Some((start, text));
                continue;
            }
            let start = name.strip_suffix(" - Value");
            let line = match label.take().filter(|(own, _)| Some(*own) == start) {
                Some((_, label)) => format!("{label}: {text}"),
                None if name.is_empty() => text,
                None => format!("{}: {text}", start.unwrap_or(name)),
            };
            self.add_to_note(&line);
        }
    }
}
