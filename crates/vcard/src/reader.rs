//! Reads the values of a card.

use std::collections::HashMap;

use crate::{
    card::{Address, Birthday, Card, Kind, Labeled, Name},
    error::ReadError,
    lexer::{CardText, ContentLine},
    limits::Limits,
    property::Property,
    value::{
        ANNOTATION_LABEL, android_label, apple_label, clean, components, decoded_text, label_of_types, list, photo_of,
        unescape, without_scheme,
    },
    version::Version,
};

/// Reads the text of one card. Ignores lines that [`Card`] has no field for.
///
/// # Errors
/// Those of [`CardText::parse`].
pub fn read(text: &str, limits: &Limits) -> Result<Card, ReadError> {
    Ok(read_lines(&CardText::parse(text, limits)?))
}

/// Reads the content lines of a card.
#[must_use]
pub fn read_lines(text: &CardText<'_>) -> Card {
    let reader = LineReader::new(text);
    let mut card = Card::default();
    let mut formatted_name = None;
    for (_, line) in text.body() {
        match Property::of(line.name()) {
            Some(Property::FormattedName) if formatted_name.is_none() => formatted_name = plain_text(line),
            Some(property) => reader.read(line, property, &mut card),
            None => {}
        }
    }
    if card.name.is_empty() && formatted_name.as_ref().is_some_and(|name| *name != card.display_name()) {
        card.name.first = formatted_name;
    }
    card
}

/// Reader of single lines of a card.
pub(crate) struct LineReader {
    version: Version,
    /// Labels of the groups, by the name of the group in lower case.
    labels: HashMap<String, String>,
}

impl LineReader {
    pub(crate) fn new(text: &CardText<'_>) -> Self {
        let mut labels = HashMap::new();
        for (_, line) in text.body().filter(|(_, line)| line.is(ANNOTATION_LABEL)) {
            if let (Some(group), Some(label)) = (line.group(), plain_text(line).as_deref().and_then(apple_label)) {
                labels.entry(group.to_ascii_lowercase()).or_insert(label);
            }
        }
        Self { version: text.version(), labels }
    }

    /// Adds the value of a line to a card. Where a card has one value only, the first one counts.
    pub(crate) fn read(&self, line: &ContentLine<'_>, property: Property, card: &mut Card) {
        match property {
            Property::Uid => set(&mut card.uid, || plain_text(line)),
            Property::Kind => set(&mut card.kind, || Kind::of(plain_text(line)?.as_str())),
            Property::Member => card.members.extend(plain_text(line)),
            // A card without N has it as first name, see `read_lines`.
            Property::FormattedName => {}
            Property::Name if card.name.is_empty() => card.name = self.name(line),
            Property::Name => {}
            Property::PhoneticFirstName => set(&mut card.phonetic_first_name, || plain_text(line)),
            Property::PhoneticLastName => set(&mut card.phonetic_last_name, || plain_text(line)),
            Property::Nickname => set(&mut card.nickname, || self.component(&decoded_text(line))),
            Property::Organization => self.read_organization(line, card),
            Property::JobTitle => set(&mut card.job_title, || plain_text(line)),
            Property::Pronouns => set(&mut card.pronouns, || plain_text(line)),
            Property::Email => card.emails.extend(self.labeled(line, plain_text(line).map(without_mailto))),
            Property::Phone => card.phones.extend(self.labeled(line, plain_text(line).map(without_tel))),
            Property::Address => card.addresses.extend(self.labeled(line, self.address(line))),
            Property::Url => card.urls.extend(self.labeled(line, plain_text(line))),
            Property::Birthday => set(&mut card.birthday, || birthday(line)),
            Property::Note => set(&mut card.note, || plain_text(line)),
            Property::Categories => {
                let value = decoded_text(line);
                let free = Limits::CATEGORIES.saturating_sub(card.categories.len());
                card.categories.extend(list(&value).filter_map(text_of).take(free));
            }
            Property::Favorite => card.favorite |= is_true(line),
            Property::Photo => set(&mut card.photo, || photo_of(line)),
            Property::Revision => set(&mut card.revision, || plain_text(line)),
        }
    }

    fn name(&self, line: &ContentLine<'_>) -> Name {
        let value = decoded_text(line);
        let mut parts = components(&value).map(|part| self.component(part));
        let mut next = || parts.next().flatten();
        Name { last: next(), first: next(), middle: next(), prefix: next(), suffix: next() }
    }

    fn read_organization(&self, line: &ContentLine<'_>, card: &mut Card) {
        if card.organization.is_some() || card.department.is_some() {
            return;
        }
        let value = decoded_text(line);
        let mut parts = components(&value).map(text_of);
        card.organization = parts.next().flatten();
        card.department = joined(parts.flatten());
    }

    fn address(&self, line: &ContentLine<'_>) -> Option<Address> {
        let value = decoded_text(line);
        let mut parts = components(&value).map(|part| self.component(part));
        let street = joined(parts.by_ref().take(3).flatten());
        let mut next = || parts.next().flatten();
        let address = Address { street, city: next(), region: next(), postal_code: next(), country: next() };
        (address != Address::default()).then_some(address)
    }

    /// Returns a component with several elements as one text. In vCard 2.1 a comma separates nothing.
    fn component(&self, raw: &str) -> Option<String> {
        if self.version == Version::V2_1 { text_of(raw) } else { joined(list(raw).filter_map(text_of)) }
    }

    fn labeled<T>(&self, line: &ContentLine<'_>, value: Option<T>) -> Option<Labeled<T>> {
        let of_group = line.group().and_then(|group| self.labels.get(&group.to_ascii_lowercase()));
        Some(Labeled { value: value?, label: of_group.cloned().or_else(|| label_of(line)) })
    }
}

/// Returns the label of the types of a line. A line of vCard 2.1 has them as bare words.
fn label_of(line: &ContentLine<'_>) -> Option<String> {
    const MAX_TYPES: usize = 16;
    let params = line.params().filter(|param| param.name.is_empty() || param.name.eq_ignore_ascii_case("TYPE"));
    let types: Vec<&str> = params.flat_map(|param| param.values()).take(MAX_TYPES).collect();
    let is_encoding = |word: &str| ["QUOTED-PRINTABLE", "BASE64"].iter().any(|own| own.eq_ignore_ascii_case(word));
    let types: Vec<&str> = types.into_iter().filter(|word| !is_encoding(word)).collect();
    label_of_types(&types).or_else(|| line.params().find_map(|param| android_label(param.name, param.raw_value)))
}

fn set<T>(field: &mut Option<T>, value: impl FnOnce() -> Option<T>) {
    if field.is_none() {
        *field = value();
    }
}

/// Returns the whole value of a line as one text.
fn plain_text(line: &ContentLine<'_>) -> Option<String> {
    text_of(&decoded_text(line))
}

/// Returns a part of a value without escapes, trimmed. Returns `None` for an empty one.
pub(crate) fn text_of(raw: &str) -> Option<String> {
    let text = clean(unescape(raw));
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn joined(parts: impl Iterator<Item = String>) -> Option<String> {
    let mut all = String::new();
    for part in parts {
        if !all.is_empty() {
            all.push_str(", ");
        }
        all.push_str(&part);
    }
    (!all.is_empty()).then_some(all)
}

fn without_mailto(email: String) -> String {
    without_scheme(&email, "mailto:").unwrap_or(email)
}

fn without_tel(phone: String) -> String {
    without_scheme(&phone, "tel:").unwrap_or(phone)
}

fn is_true(line: &ContentLine<'_>) -> bool {
    ["1", "true", "yes"].iter().any(|word| word.eq_ignore_ascii_case(line.value().trim()))
}

fn birthday(line: &ContentLine<'_>) -> Option<Birthday> {
    if line.param("VALUE").is_some_and(|kind| kind.eq_ignore_ascii_case("text")) {
        return None;
    }
    let omitted = line.param("X-APPLE-OMIT-YEAR").and_then(|year| year.parse().ok());
    Birthday::parse(&decoded_text(line), omitted)
}
