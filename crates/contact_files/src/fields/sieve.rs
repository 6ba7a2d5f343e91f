//! Checks single values, and collects those that are left out.

use std::borrow::Cow;

use chrono::NaiveDate;
use domain::{
    contact::{AddressLine, CardError, ContactCard, Label},
    text::Invalid,
};
use vcard::Labeled;

/// Values of one card that are left out.
///
/// Their pointers are those of the JSON form of a contact. An index counts the values of the file: the 21st e-mail is
/// `/emails/20/address`.
pub(crate) struct Sieve {
    today: NaiveDate,
    left_out: Vec<CardError>,
}

type Parse<T> = fn(&str) -> Result<T, Invalid>;

impl Sieve {
    pub(crate) fn new(today: NaiveDate) -> Self {
        Self { today, left_out: Vec::new() }
    }

    /// Returns the latest valid date of birth.
    pub(crate) fn today(&self) -> NaiveDate {
        self.today
    }

    /// Returns the values that are left out, at most [`CardError::MAX_REPORTED`].
    pub(crate) fn left_out(&mut self) -> Vec<CardError> {
        std::mem::take(&mut self.left_out)
    }

    pub(crate) fn leave_out(&mut self, pointer: String, reason: Invalid) {
        if self.left_out.len() < CardError::MAX_REPORTED {
            self.left_out.push(CardError { pointer, reason: reason.into() });
        }
    }

    /// Returns a valid value, and leaves out another one.
    pub(crate) fn taken<T>(&mut self, pointer: &str, value: Result<T, Invalid>) -> Option<T> {
        value.map_err(|invalid| self.leave_out(pointer.to_owned(), invalid)).ok()
    }

    /// Takes a member, with its lines as they are.
    pub(super) fn text<T>(&mut self, member: &str, value: Option<&str>, parse: Parse<T>) -> Option<T> {
        let parsed = parse(value?);
        parsed.map_err(|invalid| self.leave_out(format!("/{member}"), invalid)).ok()
    }

    /// Takes a member, with its lines joined to one.
    pub(super) fn line<T>(&mut self, member: &str, value: Option<&str>, parse: Parse<T>) -> Option<T> {
        self.text(member, Some(&one_line(value?, " ")), parse)
    }

    /// Takes the value of an item of a list.
    fn item<T>(&mut self, pointer: &str, member: &str, value: &str, parse: Parse<T>) -> Option<T> {
        let parsed = parse(&one_line(value, " "));
        parsed.map_err(|invalid| self.leave_out(format!("{pointer}/{member}"), invalid)).ok()
    }

    /// Takes a part of an address. Its lines are separated by commas.
    pub(super) fn part(&mut self, pointer: &str, member: &str, value: Option<&str>) -> Option<AddressLine> {
        self.item(pointer, member, &one_line(value?, ", "), AddressLine::parse)
    }

    /// Takes the items of a list of texts.
    pub(super) fn texts<V, T>(
        &mut self,
        (list, member): (&str, &str),
        values: &[Labeled<String>],
        parse: Parse<V>,
        make: fn(Option<Label>, V) -> T,
    ) -> Vec<T> {
        self.list((list, member), values, |sieve, pointer, label, value| {
            Some(make(label, sieve.item(pointer, member, value, parse)?))
        })
    }

    /// Takes the items of a list. `take` returns an item, or leaves it out. `member` is the required one of an item, or
    /// empty.
    pub(super) fn list<V, T>(
        &mut self,
        (list, member): (&str, &str),
        values: &[Labeled<V>],
        take: impl Fn(&mut Self, &str, Option<Label>, &V) -> Option<T>,
    ) -> Vec<T> {
        const MAX: usize = ContactCard::MAX_VALUES;
        let mut taken = Vec::new();
        for (index, Labeled { label, value }) in values.iter().enumerate() {
            let pointer = format!("/{list}/{index}");
            if taken.len() == MAX {
                let pointer = format!("{pointer}/{member}");
                let pointer = pointer.trim_end_matches('/').to_owned();
                self.leave_out(pointer, Invalid::TooLong { max: MAX, unit: "items" });
                continue;
            }
            let label = label.as_deref().map(|label| Label::parse(&one_line(label, " ")));
            let (label, error) = label.transpose().map_or_else(|error| (None, Some(error)), |label| (label, None));
            let item = take(self, &pointer, label, value);
            if let Some(error) = error.filter(|_| item.is_some()) {
                self.leave_out(format!("{pointer}/label"), error);
            }
            taken.extend(item);
        }
        taken
    }
}

/// Returns a text of several lines as one line. A tab becomes a space.
pub(super) fn one_line<'a>(text: &'a str, separator: &str) -> Cow<'a, str> {
    if !text.contains(['\n', '\r', '\t']) {
        return Cow::Borrowed(text);
    }
    let lines = text.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty());
    Cow::Owned(lines.collect::<Vec<_>>().join(separator).replace('\t', " "))
}
