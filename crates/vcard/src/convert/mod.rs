//! Changes the version of a text.
//!
//! `line.rs` converts one line, `parameters.rs` its parameters.

mod line;
mod parameters;

use self::line::converted;
use crate::{
    card::Card,
    error::ReadError,
    lexer::{CardText, ContentLine},
    limits::Limits,
    property::Property,
    reader::{LineReader, read_lines},
    version::Version,
    writer::{FreshGroups, LineWriter, write_property},
};

/// Converts the text of a card to 3.0 or 4.0. Does not change lines that mean the same in both versions, nor a text
/// of the same version. Never writes 2.1, because no program needs it.
///
/// # Errors
/// Those of [`CardText::parse`].
pub fn convert(received: &str, to: Version, limits: &Limits) -> Result<String, ReadError> {
    let text = CardText::parse(received, limits)?;
    if text.version() == to || to == Version::V2_1 {
        return Ok(received.to_owned());
    }
    let reader = LineReader::new(&text);
    let mut groups = FreshGroups::beside(&text);
    let mut writer = LineWriter::new(to, text.line_end(), &mut groups);
    text.before_body().iter().for_each(|line| writer.raw(line.raw()));
    if !text.body().any(|(_, line)| line.is("VERSION")) {
        writer.line(None, "VERSION", &[], to.as_str());
    }
    for (_, line) in text.body() {
        convert_line(line, &text, &reader, &mut writer);
    }
    write_required(&text, &mut writer);
    text.after_body().iter().for_each(|line| writer.raw(line.raw()));
    Ok(writer.finish())
}

fn convert_line(line: &ContentLine<'_>, text: &CardText<'_>, reader: &LineReader, writer: &mut LineWriter<'_>) {
    let mut card = Card::default();
    if let Some(Property::Birthday) = Property::of(line.name()) {
        reader.read(line, Property::Birthday, &mut card);
    }
    if line.is("VERSION") {
        writer.line(line.group(), "VERSION", &[], writer.version().as_str());
    } else if card.birthday.is_some() {
        write_property(&card, Property::Birthday, writer);
    } else if let Some(line) = converted(line, text.version(), writer.version()) {
        let params: Vec<&str> = line.params.iter().map(String::as_str).collect();
        writer.line(line.group.as_deref(), &line.name, &params, &line.value);
    } else {
        writer.raw(line.raw());
    }
}

/// Writes the lines that a version requires and that the text does not have.
fn write_required(text: &CardText<'_>, writer: &mut LineWriter<'_>) {
    let required: &[Property] = match writer.version() {
        Version::V4_0 => &[Property::FormattedName],
        Version::V2_1 | Version::V3_0 => &[Property::FormattedName, Property::Name],
    };
    let card = read_lines(text);
    for property in required {
        if !text.body().any(|(_, line)| Property::of(line.name()) == Some(*property)) {
            write_property(&card, *property, writer);
        }
    }
}
