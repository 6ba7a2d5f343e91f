//! E-mails, phones, links and addresses of a row.

use vcard::{Address, Card, Labeled};

use crate::{
    field::{AddressPart, List},
    label::{self, SEPARATOR},
    layout::{Item, Layout, Part},
};

/// Maximum number of values that are read from one cell of Google. The last one has the rest of the cell.
const MAX_VALUES: usize = 100;

/// Cells of a row that belong to values of lists.
#[derive(Default)]
pub(super) struct Items {
    cells: Vec<(usize, Part, String)>,
}

impl Items {
    pub(super) fn add(&mut self, item: usize, part: Part, text: &str) {
        self.cells.push((item, part, text.to_owned()));
    }

    /// Adds the values to a card, in the order of their first columns.
    pub(super) fn add_to(&mut self, card: &mut Card, layout: &Layout) {
        // The sort is stable: of two cells for one part the first one stays first.
        self.cells.sort_by_key(|(item, part, _)| (*item, *part));
        for cells in self.cells.chunk_by(|(one, ..), (other, ..)| one == other) {
            let item = cells.first().and_then(|(item, ..)| layout.item(*item));
            if let Some(item) = item {
                add_item(item, cells, layout.dialect.is_google(), card);
            }
        }
    }
}

/// Adds the values of the cells of an item, whose parts are in order.
fn add_item(item: Item, cells: &[(usize, Part, String)], is_google: bool, card: &mut Card) {
    let mut parts: Vec<(Part, Vec<&str>)> =
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
            Some((*part, *value))
        });
        add_value(item.list, label, values, card);
    }
}

/// Returns the values of a cell. Only Google writes several ones.
fn split(text: &str, is_google: bool) -> Vec<&str> {
    if is_google { text.splitn(MAX_VALUES, SEPARATOR).map(str::trim).collect() } else { vec![text] }
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
