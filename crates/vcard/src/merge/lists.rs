//! Properties with several values: one a line, or, for CATEGORIES, several in a line.

use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
};

use super::draft::Draft;
use crate::{
    card::Card,
    property::Property,
    writer::{LineWriter, write_address, write_categories, write_email, write_member, write_phone, write_url},
};

pub(super) fn merge(draft: &mut Draft<'_>, after: &Card) {
    merge_list(draft, after, Property::Phone, |card| &card.phones, write_phone);
    merge_list(draft, after, Property::Email, |card| &card.emails, write_email);
    merge_list(draft, after, Property::Address, |card| &card.addresses, write_address);
    merge_list(draft, after, Property::Url, |card| &card.urls, write_url);
    merge_list(draft, after, Property::Member, |card| &card.members, |member, writer| write_member(member, writer));
    merge_categories(draft, after);
}

/// Numbers of equal values.
#[derive(Default)]
struct Count {
    /// In the model before the change.
    before: usize,
    /// In the model after the change.
    after: usize,
    /// Lines that stay, or new ones.
    written: usize,
}

fn merge_list<T: Eq + Hash + Clone>(
    draft: &mut Draft<'_>,
    after: &Card,
    property: Property,
    values: impl Fn(&Card) -> &Vec<T>,
    write: impl Fn(&T, &mut LineWriter<'_>),
) {
    if values(&draft.before) == values(after) {
        return;
    }
    let mut counts: HashMap<T, Count> = HashMap::new();
    for value in values(&draft.before) {
        counts.entry(value.clone()).or_default().before += 1;
    }
    for value in values(after) {
        counts.entry(value.clone()).or_default().after += 1;
    }
    let mut free_lines = lines_to_remove(draft, property, &values, &mut counts).into_iter();
    for value in values(after) {
        let Some(count) = counts.get_mut(value).filter(|count| count.before + count.written < count.after) else {
            continue;
        };
        count.written += 1;
        draft.replace(free_lines.next(), |writer| write(value, writer));
    }
    for line in free_lines {
        draft.replace(Some(line), |_| {});
    }
}

/// Returns the lines whose value is no longer in the model. Of equal lines the first ones stay. Lines that the model
/// has never retained stay.
fn lines_to_remove<T: Eq + Hash>(
    draft: &Draft<'_>,
    property: Property,
    values: impl Fn(&Card) -> &Vec<T>,
    counts: &mut HashMap<T, Count>,
) -> Vec<usize> {
    let mut removed = Vec::new();
    for index in draft.lines_of(property) {
        let card = draft.retained(&draft.card_of(index, property));
        let count = values(&card).first().and_then(|value| counts.get_mut(value));
        let Some(count) = count.filter(|count| count.after < count.before) else { continue };
        if count.written < count.after {
            count.written += 1;
        } else {
            removed.push(index);
        }
    }
    removed
}

/// Changes the lines with a removed category. New categories come to the first line.
fn merge_categories(draft: &mut Draft<'_>, after: &Card) {
    let before: HashSet<String> = draft.before.categories.iter().cloned().collect();
    let target: HashSet<String> = after.categories.iter().cloned().collect();
    let mut added: Vec<String> =
        after.categories.iter().filter(|category| !before.contains(*category)).cloned().collect();
    if added.is_empty() && before.is_subset(&target) {
        return;
    }
    for index in draft.lines_of(Property::Categories) {
        let mut categories = draft.card_of(index, Property::Categories).categories;
        let number = categories.len();
        categories.retain(|category| {
            let card = Card { categories: vec![category.clone()], ..Card::default() };
            let retained = draft.retained(&card).categories;
            retained.first().is_none_or(|category| !before.contains(category) || target.contains(category))
        });
        if categories.len() < number || !added.is_empty() {
            categories.append(&mut added);
            draft.replace(Some(index), |writer| write_categories(&categories, writer));
        }
    }
    if !added.is_empty() {
        draft.replace(None, |writer| write_categories(&added, writer));
    }
}
