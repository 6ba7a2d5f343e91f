//! Properties with one value.

use super::draft::Draft;
use crate::{
    card::Card,
    property::Property,
    writer::{ORDER, write_property},
};

pub(super) fn merge(draft: &mut Draft<'_>, after: &Card) {
    for property in ORDER {
        if has_same_value(property, &draft.before, after) {
            continue;
        }
        let line = line_with_value(draft, property);
        if line.is_some() || !is_empty(property, after) {
            draft.replace(line, |writer| write_property(after, property, writer));
        }
        if is_empty(property, after) {
            remove_other_values(draft, property, line);
        }
    }
}

/// Removes the other lines with a value that the model would retain: the next one would be read in place of the removed
/// value.
fn remove_other_values(draft: &mut Draft<'_>, property: Property, removed: Option<usize>) {
    for index in draft.lines_of(property) {
        let retained = draft.retained(&draft.card_of(index, property));
        // Alone, FN has no value: it is that of a card without N.
        let has_value = property == Property::FormattedName || !is_empty(property, &retained);
        if Some(index) != removed && has_value {
            draft.replace(Some(index), |_| {});
        }
    }
}

/// Returns the line that a reader takes the value from: the first one with a value. Empty lines of FN and N count, too.
fn line_with_value(draft: &Draft<'_>, property: Property) -> Option<usize> {
    let lines = draft.lines_of(property);
    let has_value = |index: &usize| !has_same_value(property, &draft.card_of(*index, property), &Card::default());
    match property {
        Property::FormattedName => lines.first().copied(),
        Property::Name => lines.iter().copied().find(has_value).or(lines.first().copied()),
        _ => lines.iter().copied().find(has_value),
    }
}

fn is_empty(property: Property, card: &Card) -> bool {
    has_same_value(property, card, &Card::default())
}

fn has_same_value(property: Property, one: &Card, other: &Card) -> bool {
    match property {
        Property::Uid => one.uid == other.uid,
        Property::Kind => one.kind == other.kind,
        Property::FormattedName => one.display_name() == other.display_name(),
        Property::Name => one.name == other.name,
        Property::PhoneticFirstName => one.phonetic_first_name == other.phonetic_first_name,
        Property::PhoneticLastName => one.phonetic_last_name == other.phonetic_last_name,
        Property::Nickname => one.nickname == other.nickname,
        Property::Pronouns => one.pronouns == other.pronouns,
        Property::Organization => one.organization == other.organization && one.department == other.department,
        Property::JobTitle => one.job_title == other.job_title,
        Property::Birthday => one.birthday == other.birthday,
        Property::Note => one.note == other.note,
        Property::Favorite => one.favorite == other.favorite,
        Property::Photo => one.photo == other.photo,
        Property::Revision => one.revision == other.revision,
        // Lists are merged in `lists.rs`.
        Property::Member
        | Property::Email
        | Property::Phone
        | Property::Address
        | Property::Url
        | Property::Categories => true,
    }
}
