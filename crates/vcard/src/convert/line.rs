//! Converts a content line.

use super::parameters::Parameters;
use crate::{
    card::Photo,
    lexer::{ContentLine, Encoding},
    property::Property,
    value::{base64_text, data_uri, decoded_text, escape, is_data_uri, photo_of, without_scheme},
    version::Version,
};

/// Parts of a line in the new version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Converted {
    pub group: Option<String>,
    pub name: String,
    pub params: Vec<String>,
    pub value: String,
}

/// Converts a line. Returns `None` for a line that stays as it is.
pub(super) fn converted(line: &ContentLine<'_>, from: Version, to: Version) -> Option<Converted> {
    // An AGENT of vCard 2.1 has a whole card in it.
    if line.name().is_empty() || line.is("AGENT") {
        return None;
    }
    let binary = picture_of(line);
    if binary.is_none() && line.encoding() == Some(Encoding::Base64) {
        return None;
    }
    let property = Property::of(line.name());
    let name = match property {
        Some(property @ (Property::Kind | Property::Member)) => property.name(to).to_owned(),
        _ => line.name().to_owned(),
    };
    let parameters = Parameters::of(line);
    let mut new_parameters = parameters.in_version(to);
    let value = match binary {
        Some(photo) => {
            new_parameters.set_binary(&photo, to);
            if to == Version::V4_0 { data_uri(&photo) } else { base64_text(&photo.bytes) }
        }
        None => value(line, property, &mut new_parameters, from, to),
    };
    let is_same = name == line.name() && new_parameters == parameters && value == line.value();
    let group = line.group().map(str::to_owned);
    (!is_same).then(|| Converted { group, name, params: new_parameters.into_texts(), value })
}

/// Returns the picture of a PHOTO or a LOGO. Other values in base64 stay as they are.
fn picture_of(line: &ContentLine<'_>) -> Option<Photo> {
    let is_inline = line.encoding() == Some(Encoding::Base64) || is_data_uri(line.raw_value());
    if is_inline && (line.is("PHOTO") || line.is("LOGO")) { photo_of(line) } else { None }
}

fn value(
    line: &ContentLine<'_>,
    property: Option<Property>,
    parameters: &mut Parameters,
    from: Version,
    to: Version,
) -> String {
    let decoded = match line.encoding() {
        Some(_) => decoded_text(line).replace('\n', "\\n"),
        None => line.value().into_owned(),
    };
    let text = if from == Version::V2_1 && has_text(line, property) { with_escaped_commas(&decoded) } else { decoded };
    if line.is("GEO") {
        return geo(&text, to);
    }
    if property == Some(Property::Phone) && to == Version::V3_0 && parameters.remove("VALUE", "uri") {
        return without_scheme(&text, "tel:").map_or(text, |phone| escape(&phone, to));
    }
    text
}

/// Returns true for a property whose commas were plain text in vCard 2.1.
fn has_text(line: &ContentLine<'_>, property: Option<Property>) -> bool {
    let is_text = matches!(
        property,
        Some(
            Property::FormattedName
                | Property::Name
                | Property::Nickname
                | Property::Organization
                | Property::JobTitle
                | Property::Address
                | Property::Note
        )
    );
    is_text || line.is("ROLE") || line.is("LABEL")
}

fn with_escaped_commas(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut is_escaped = false;
    for character in text.chars() {
        if character == ',' && !is_escaped {
            escaped.push('\\');
        }
        is_escaped = character == '\\' && !is_escaped;
        escaped.push(character);
    }
    escaped
}

/// Converts `50.45;30.52` of vCard 3.0 to `geo:50.45,30.52` and back.
fn geo(value: &str, to: Version) -> String {
    match (to, value.split_once(';'), without_scheme(value, "geo:")) {
        (Version::V4_0, Some((latitude, longitude)), None) => format!("geo:{latitude},{longitude}"),
        (Version::V2_1 | Version::V3_0, _, Some(position)) => position.replace(',', ";"),
        _ => value.to_owned(),
    }
}
