//! Properties with several values: one a line, or, for CATEGORIES, several in a line.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    hash::Hash,
    iter::repeat,
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
    /// Lines that keep their value.
    lines: usize,
}

/// A line that may change. Its position may get any value of the property.
struct Line<T> {
    index: usize,
    /// Value of the line. `None` when the model no longer has it.
    value: Option<T>,
}

/// Changes the lines of a property. No line moves, unless the values would be read in another order than that of the
/// model.
fn merge_list<T: Eq + Hash + Clone>(
    draft: &mut Draft<'_>,
    after: &Card,
    property: Property,
    values: impl Fn(&Card) -> &Vec<T>,
    write: impl Fn(&T, &mut LineWriter<'_>),
) {
    let after = values(after);
    if values(&draft.before) == after {
        return;
    }
    let lines = retained_lines(draft, property, &values, after);
    let sources = lines_with(after, &lines);
    let mut positions = positions_without_moves(&lines, &sources);
    if !are_in_order(&positions, after) {
        positions = lines.iter().map(|line| Some(line.index)).chain(repeat(None)).take(after.len()).collect();
    }
    for ((value, source), position) in after.iter().zip(sources).zip(positions.iter().copied()) {
        match source {
            Some(line) if position == Some(line) => {}
            Some(line) => draft.move_line(line, position),
            None => draft.replace(position, |writer| write(value, writer)),
        }
    }
    let used: HashSet<usize> = positions.into_iter().flatten().collect();
    for line in lines.iter().filter(|line| !used.contains(&line.index)) {
        draft.replace(Some(line.index), |_| {});
    }
}

/// Returns the lines whose value the model has retained. Of equal lines the first ones keep their value. A line that
/// the model has never retained is not among them, unless an equal value is removed: then this line is removed, too.
fn retained_lines<T: Eq + Hash + Clone>(
    draft: &Draft<'_>,
    property: Property,
    values: impl Fn(&Card) -> &Vec<T>,
    after: &[T],
) -> Vec<Line<T>> {
    let mut counts: HashMap<&T, Count> = HashMap::new();
    for value in values(&draft.before) {
        counts.entry(value).or_default().before += 1;
    }
    for value in after {
        counts.entry(value).or_default().after += 1;
    }
    let mut lines = Vec::new();
    for index in draft.lines_of(property) {
        let card = draft.retained(&draft.card_of(index, property));
        let Some(value) = values(&card).first() else { continue };
        let Some(count) = counts.get_mut(value) else { continue };
        if count.lines < count.before.min(count.after) {
            count.lines += 1;
            lines.push(Line { index, value: Some(value.clone()) });
        } else if count.after < count.before {
            lines.push(Line { index, value: None });
        }
    }
    lines
}

/// Returns the line that each value has already. Of equal values the first ones have the lines.
fn lines_with<T: Eq + Hash>(values: &[T], lines: &[Line<T>]) -> Vec<Option<usize>> {
    let mut by_value: HashMap<&T, VecDeque<usize>> = HashMap::new();
    for line in lines {
        if let Some(value) = &line.value {
            by_value.entry(value).or_default().push_back(line.index);
        }
    }
    values.iter().map(|value| by_value.get_mut(value)?.pop_front()).collect()
}

/// Returns the position of each value when no line moves: a new value replaces a removed one, or is appended.
fn positions_without_moves<T>(lines: &[Line<T>], sources: &[Option<usize>]) -> Vec<Option<usize>> {
    let mut free = lines.iter().filter(|line| line.value.is_none()).map(|line| line.index);
    sources.iter().map(|source| source.or_else(|| free.next())).collect()
}

/// Returns true when the values are read in their order from these positions. A value without a position is appended.
fn are_in_order<T: Eq>(positions: &[Option<usize>], values: &[T]) -> bool {
    let positions = positions.iter().map(|position| position.unwrap_or(usize::MAX));
    let mut placed: Vec<(usize, &T)> = positions.zip(values).collect();
    placed.sort_by_key(|(position, _)| *position);
    placed.into_iter().map(|(_, value)| value).eq(values)
}

/// Changes the lines with a removed category. New categories come to the first line. A single line gets the order of
/// the model. Several lines keep their order.
fn merge_categories(draft: &mut Draft<'_>, after: &Card) {
    if draft.before.categories == after.categories {
        return;
    }
    let before: HashSet<String> = draft.before.categories.iter().cloned().collect();
    let target: HashSet<String> = after.categories.iter().cloned().collect();
    let mut added: Vec<String> =
        after.categories.iter().filter(|category| !before.contains(*category)).cloned().collect();
    let lines = draft.lines_of(Property::Categories);
    for index in &lines {
        let received = draft.card_of(*index, Property::Categories).categories;
        let mut categories = received.clone();
        categories.retain(|category| {
            let retained = retained_category(draft, category);
            retained.is_none_or(|category| !before.contains(&category) || target.contains(&category))
        });
        categories.append(&mut added);
        if lines.len() == 1 {
            categories = in_order_of_model(draft, categories, &after.categories);
        }
        if categories != received {
            draft.replace(Some(*index), |writer| write_categories(&categories, writer));
        }
    }
    if !added.is_empty() {
        draft.replace(None, |writer| write_categories(&added, writer));
    }
}

/// Returns the form in which the model retains a category.
fn retained_category(draft: &Draft<'_>, category: &str) -> Option<String> {
    let card = Card { categories: vec![category.to_owned()], ..Card::default() };
    draft.retained(&card).categories.into_iter().next()
}

/// Returns the categories of a line so that the model reads them in the order of `after`. Those that the model does not
/// retain become the last ones.
fn in_order_of_model(draft: &Draft<'_>, categories: Vec<String>, after: &[String]) -> Vec<String> {
    let card = Card { categories, ..Card::default() };
    if draft.retained(&card).categories == after {
        return card.categories;
    }
    let mut by_value: HashMap<&str, VecDeque<String>> =
        after.iter().map(|value| (value.as_str(), VecDeque::new())).collect();
    let mut others = Vec::new();
    for category in card.categories {
        let retained = retained_category(draft, &category);
        match retained.and_then(|value| by_value.get_mut(value.as_str())) {
            Some(equal) => equal.push_back(category),
            None => others.push(category),
        }
    }
    let ordered = after.iter().map(|value| {
        let category = by_value.get_mut(value.as_str()).and_then(VecDeque::pop_front);
        category.unwrap_or_else(|| value.clone())
    });
    ordered.chain(others).collect()
}
