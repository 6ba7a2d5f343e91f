//! Puts the columns that describe one value together, such as `Phone 1 - Label` and `Phone 1 - Value`.

use std::collections::{HashMap, HashSet};

use crate::{
    field::{AddressPart, Field, List},
    headers::FoldedName,
};

/// Field of the values of a column in a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// A field that a contact has once.
    Single(Field),
    /// A part of a value of a list.
    Item {
        /// Position of the value, see [`Layout::item`](super::Layout::item).
        item: usize,
        /// The part.
        part: Part,
    },
    /// No field.
    Unknown,
}

/// Part of a value of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Part {
    Label,
    Value,
    /// Part of an address, with the number of its line.
    Address(AddressPart, usize),
}

/// A value of a list. It has a label of its own, or the label of its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Item {
    pub list: List,
    pub label: Option<&'static str>,
    /// Number in the names of its columns, from 1.
    number: usize,
}

/// Targets of all columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    targets: Vec<Target>,
    items: Vec<Item>,
}

impl Plan {
    pub(super) fn new(fields: &[Option<Field>], names: &[FoldedName]) -> Self {
        let mut builder = Builder::default();
        let targets = fields.iter().zip(names).map(|(field, name)| builder.target(*field, name)).collect();
        Self { targets, items: builder.items }
    }

    pub(super) fn target(&self, column: usize) -> Target {
        self.targets.get(column).copied().unwrap_or(Target::Unknown)
    }

    pub(super) fn item(&self, item: usize) -> Option<Item> {
        self.items.get(item).copied()
    }
}

#[derive(Default)]
struct Builder {
    items: Vec<Item>,
    positions: HashMap<Item, usize>,
    taken: HashSet<(Item, Part)>,
}

impl Builder {
    fn target(&mut self, field: Option<Field>, name: &FoldedName) -> Target {
        let number = name.numbers[0].unwrap_or(1);
        let (list, label, part) = match field {
            None => return Target::Unknown,
            Some(Field::Email(label)) => (List::Email, label, Part::Value),
            Some(Field::Phone(label)) => (List::Phone, label, Part::Value),
            Some(Field::Url(label)) => (List::Url, label, Part::Value),
            Some(Field::Label(list)) => (list, None, Part::Label),
            Some(Field::Address(label, part)) => {
                // The number is the one of the line in `Home Street 2`, and the one of the address in
                // `Address 2 - Street`.
                let is_line = label.is_some() || name.ends_with_number;
                let line = if is_line { number } else { name.numbers[1].unwrap_or(1) };
                let item = Item { list: List::Address, label, number: if is_line { 1 } else { number } };
                return self.item(item, Part::Address(part, line));
            }
            Some(single) => return Target::Single(single),
        };
        let mut item = Item { list, label, number };
        // Two columns with the same name are two values.
        while !self.taken.insert((item, part)) {
            item.number += 1;
        }
        self.item(item, part)
    }

    fn item(&mut self, item: Item, part: Part) -> Target {
        let next = self.items.len();
        let position = *self.positions.entry(item).or_insert(next);
        if position == next {
            self.items.push(item);
        }
        Target::Item { item: position, part }
    }
}
