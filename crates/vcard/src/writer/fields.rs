//! Writes the fields of a card as lines.

use super::lines::LineWriter;
use crate::{
    card::{Address, Birthday, Card, Labeled, Photo},
    property::Property,
    value::{ANNOTATION_LABEL, base64_text, data_uri, escape, escape_uri, types_of_label},
    version::Version,
};

/// Writes the lines of one property. A field without a value has none.
pub(crate) fn write_property(card: &Card, property: Property, writer: &mut LineWriter<'_>) {
    match property {
        Property::Uid => write_text(property, card.uid.as_deref(), writer),
        Property::Kind => write_text(property, card.kind.map(crate::card::Kind::as_str), writer),
        Property::Member => card.members.iter().for_each(|member| write_member(member, writer)),
        Property::FormattedName => write_escaped(property, &escape(&card.display_name(), writer.version()), writer),
        Property::Name => write_escaped(property, &structured(card.name.parts(), writer.version()), writer),
        Property::PhoneticFirstName => write_text(property, card.phonetic_first_name.as_deref(), writer),
        Property::PhoneticLastName => write_text(property, card.phonetic_last_name.as_deref(), writer),
        Property::Nickname => write_text(property, card.nickname.as_deref(), writer),
        Property::Organization => write_organization(card, writer),
        Property::JobTitle => write_text(property, card.job_title.as_deref(), writer),
        Property::Pronouns => write_text(property, card.pronouns.as_deref(), writer),
        Property::Email => card.emails.iter().for_each(|email| write_email(email, writer)),
        Property::Phone => card.phones.iter().for_each(|phone| write_phone(phone, writer)),
        Property::Address => card.addresses.iter().for_each(|address| write_address(address, writer)),
        Property::Url => card.urls.iter().for_each(|url| write_url(url, writer)),
        Property::Birthday => card.birthday.iter().for_each(|birthday| write_birthday(*birthday, writer)),
        Property::Note => write_text(property, card.note.as_deref(), writer),
        Property::Categories => write_categories(&card.categories, writer),
        Property::Favorite => write_text(property, card.favorite.then_some("true"), writer),
        Property::Photo => card.photo.iter().for_each(|photo| write_photo(photo, writer)),
        Property::Revision => write_text(property, card.revision.as_deref(), writer),
    }
}

pub(crate) fn write_member(member: &str, writer: &mut LineWriter<'_>) {
    write_escaped(Property::Member, &escape_uri(member), writer);
}

pub(crate) fn write_email(email: &Labeled<String>, writer: &mut LineWriter<'_>) {
    // Outlook requires the type, which is the default of vCard 3.0.
    let first = if writer.version() == Version::V4_0 { None } else { Some("INTERNET") };
    let value = escape(&email.value, writer.version());
    write_labeled(Property::Email, email.label.as_deref(), first, &value, writer);
}

pub(crate) fn write_phone(phone: &Labeled<String>, writer: &mut LineWriter<'_>) {
    let value = escape(&phone.value, writer.version());
    write_labeled(Property::Phone, phone.label.as_deref(), None, &value, writer);
}

pub(crate) fn write_url(url: &Labeled<String>, writer: &mut LineWriter<'_>) {
    write_labeled(Property::Url, url.label.as_deref(), None, &escape_uri(&url.value), writer);
}

pub(crate) fn write_address(address: &Labeled<Address>, writer: &mut LineWriter<'_>) {
    let value = format!(";;{}", structured(address.value.parts(), writer.version()));
    write_labeled(Property::Address, address.label.as_deref(), None, &value, writer);
}

/// Writes a list of categories in one line, because many programs read the first line only.
pub(crate) fn write_categories(categories: &[String], writer: &mut LineWriter<'_>) {
    if !categories.is_empty() {
        let escaped: Vec<String> = categories.iter().map(|category| escape(category, writer.version())).collect();
        write_escaped(Property::Categories, &escaped.join(","), writer);
    }
}

fn write_text(property: Property, text: Option<&str>, writer: &mut LineWriter<'_>) {
    if let Some(text) = text {
        write_escaped(property, &escape(text, writer.version()), writer);
    }
}

fn write_escaped(property: Property, value: &str, writer: &mut LineWriter<'_>) {
    writer.line(None, property.name(writer.version()), &[], value);
}

/// Writes a value with its label: as types, or in X-ABLabel of a new group if no types have this label.
fn write_labeled(
    property: Property,
    label: Option<&str>,
    first_type: Option<&'static str>,
    value: &str,
    writer: &mut LineWriter<'_>,
) {
    let name = property.name(writer.version());
    let types = label.map_or_else(|| Some(Vec::new()), types_of_label);
    let params: Vec<String> =
        first_type.into_iter().chain(types.iter().flatten().copied()).map(|word| type_param(word, writer)).collect();
    let params: Vec<&str> = params.iter().map(String::as_str).collect();
    match label.filter(|_| types.is_none()) {
        None => writer.line(None, name, &params, value),
        Some(label) => {
            let group = writer.fresh_group();
            let label = escape(label, writer.version());
            writer.line(Some(&group), name, &params, value);
            writer.line(Some(&group), ANNOTATION_LABEL, &[], &label);
        }
    }
}

fn type_param(word: &str, writer: &LineWriter<'_>) -> String {
    match writer.version() {
        Version::V2_1 => word.to_owned(),
        Version::V3_0 => format!("TYPE={word}"),
        Version::V4_0 => format!("TYPE={}", word.to_ascii_lowercase()),
    }
}

fn structured(parts: [&Option<String>; 5], version: Version) -> String {
    parts.map(|part| part.as_ref().map(|part| escape(part, version)).unwrap_or_default()).join(";")
}

fn write_organization(card: &Card, writer: &mut LineWriter<'_>) {
    let version = writer.version();
    let organization = escape(card.organization.as_deref().unwrap_or_default(), version);
    let value = match &card.department {
        Some(department) => format!("{organization};{}", escape(department, version)),
        None => organization,
    };
    if !value.is_empty() {
        write_escaped(Property::Organization, &value, writer);
    }
}

/// Writes a birthday. In 2.1 and 3.0 there is no form without a year, so Apple's form is written.
fn write_birthday(birthday: Birthday, writer: &mut LineWriter<'_>) {
    let (month, day) = (birthday.month(), birthday.day());
    let unknown = Birthday::APPLE_UNKNOWN_YEAR;
    let (params, value) = match (writer.version(), birthday.year()) {
        (Version::V4_0, Some(year)) => (None, format!("{year:04}{month:02}{day:02}")),
        (Version::V4_0, None) => (None, format!("--{month:02}{day:02}")),
        (_, Some(year)) => (None, format!("{year:04}-{month:02}-{day:02}")),
        (_, None) => (Some(format!("X-APPLE-OMIT-YEAR={unknown}")), format!("{unknown}-{month:02}-{day:02}")),
    };
    let params: Vec<&str> = params.iter().map(String::as_str).collect();
    writer.line(None, Property::Birthday.name(writer.version()), &params, &value);
}

fn write_photo(photo: &Photo, writer: &mut LineWriter<'_>) {
    let name = Property::Photo.name(writer.version());
    let subtype = photo.media_type.as_deref().and_then(|media_type| media_type.strip_prefix("image/"));
    let declared = subtype.map(|subtype| type_param(&subtype.to_ascii_uppercase(), writer));
    let encoding = match writer.version() {
        Version::V4_0 => return writer.line(None, name, &[], &data_uri(photo)),
        Version::V3_0 => "ENCODING=b",
        Version::V2_1 => "ENCODING=BASE64",
    };
    let params: Vec<&str> = std::iter::once(encoding).chain(declared.as_deref()).collect();
    writer.line(None, name, &params, &base64_text(&photo.bytes));
}
