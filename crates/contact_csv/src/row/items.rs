//! E-mails, phones, links and addresses of a row.

use std::borrow::Cow;

use vcard::{Address, Card, Labeled};

use super::contact::Warning;
use crate::{
    field::{AddressPart, List},
    label,
    layout::{Item, Layout, Part},
    separator,
};

/// Maximum number of values that are read from one cell of Google. The last one has the rest of the cell.
const MAX_VALUES: usize = 100;

/// Position of an item, the part that a cell has of it, and the text.
type Cell = (usize, Part, String);

/// Cells of a row that belong to values of lists.
#[derive(Default)]
pub(super) struct Items {
    cells: Vec<Cell>,
}

impl Items {
    pub(super) fn add(&mut self, item: usize, part: Part, text: &str) {
        self.cells.push((item, part, text.to_owned()));
    }

    /// Adds the values to a card, in the order of their first columns, and a warning for each one that is left out.
    pub(super) fn add_to(&mut self, card: &mut Card, layout: &Layout, warnings: &mut Vec<Warning>) {
        // The sort is stable: of two cells for one part the first one stays first.
        self.cells.sort_by_key(|(item, part, _)| (*item, *part));
        for cells in self.cells.chunk_by(|(one, ..), (other, ..)| one == other) {
            let item = cells.first().and_then(|(item, ..)| layout.item(*item));
            if let Some(item) = item {
                warn_of_second_parts(cells, card.addresses.len(), warnings);
                add_item(item, cells, layout.dialect.is_google(), card);
            }
        }
    }
}

/// Adds a warning for each cell that has the part of an address that another cell has, with another text. Two cells of
/// another list are two values, see `Plan`.
fn warn_of_second_parts(cells: &[Cell], address: usize, warnings: &mut Vec<Warning>) {
    let is_known = |part: &Part| matches!(part, Part::Address(part, _) if *part != AddressPart::Formatted);
    let has_parts = cells.iter().any(|(_, part, _)| is_known(part));
    for same in cells.chunk_by(|(_, one, _), (_, other, _)| one == other) {
        let Some(((_, Part::Address(part, _), first), others)) = same.split_first() else { continue };
        // The whole address is not read beside its parts.
        if *part == AddressPart::Formatted && has_parts {
            continue;
        }
        for (_, _, value) in others.iter().filter(|(_, _, value)| value != first) {
            warnings.push(Warning::SecondAddressPart { address, part: *part, value: value.clone() });
        }
    }
}

/// Adds the values of the cells of an item, whose parts are in order.
fn add_item(item: Item, cells: &[Cell], is_google: bool, card: &mut Card) {
    let mut parts: Vec<(Part, Vec<Cow<'_, str>>)> =
        cells.iter().map(|(_, part, text)| (*part, split(text, is_google))).collect();
    // Of two cells for one part the first one counts.
    parts.dedup_by_key(|(part, _)| *part);
    let labels =
        parts.extract_if(.., |(part, _)| *part == Part::Label).flat_map(|(_, labels)| labels).collect::<Vec<_>>();
    let count = parts.iter().map(|(_, values)| values.len()).max().unwrap_or_default();
    for position in 0..count {
        // One label is the label of all values.
        let own = labels.get(position).or(labels.last()).and_then(|label| label::read(label));
        let label = own.or_else(|| item.label.map(str::to_owned));
        let values = parts.iter().filter_map(|(part, values)| {
            let value = values.get(position).filter(|value| !value.is_empty())?;
            Some((*part, &**value))
        });
        add_value(item.list, label, values, card);
    }
}

/// Returns the values of a cell. Only Google writes several ones.
fn split(text: &str, is_google: bool) -> Vec<Cow<'_, str>> {
    if is_google { separator::split(text, MAX_VALUES).collect() } else { vec![Cow::Borrowed(text)] }
}

fn add_value<'a>(list: List, label: Option<String>, mut parts: impl Iterator<Item = (Part, &'a str)>, card: &mut Card) {
    let values = match list {
        List::Address => {
            let address = address_of(parts);
            card.addresses.extend(address.map(|value| Labeled { label, value }));
            return;
        }
        List::Email => &mut card.emails,
        List::Phone => &mut card.phones,
        List::Url => &mut card.urls,
    };
    values.extend(parts.next().map(|(_, value)| Labeled { label, value: value.to_owned() }));
}

/// Returns the address of its parts, which are in order. Lines and the post office box are the street.
fn address_of<'a>(parts: impl Iterator<Item = (Part, &'a str)>) -> Option<Address> {
    let mut address = Address::default();
    let mut street = Vec::new();
    let mut formatted = Vec::new();
    for (part, value) in parts {
        let Part::Address(part, _) = part else { continue };
        match part {
            AddressPart::PostBox | AddressPart::Extended | AddressPart::Street => street.push(value),
            AddressPart::City => address.city = Some(value.to_owned()),
            AddressPart::Region => address.region = Some(value.to_owned()),
            AddressPart::PostalCode => address.postal_code = Some(value.to_owned()),
            AddressPart::Country => address.country = Some(value.to_owned()),
            AddressPart::Formatted => formatted.push(value),
        }
    }
    if street.is_empty() && address == Address::default() {
        street = formatted;
    }
    address.street = (!street.is_empty()).then(|| street.join(", "));
    (address != Address::default()).then_some(address)
}
