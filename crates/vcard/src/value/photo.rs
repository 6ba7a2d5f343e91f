//! Pictures inside a card.

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use crate::{
    card::Photo,
    lexer::{ContentLine, Encoding},
};

/// Decoder that accepts what programs write: without padding, and with bits that are not zero at the end.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Decodes base64 with line breaks and blanks. Returns `None` for another text and for an empty one.
pub(crate) fn decode_base64(raw: &str) -> Option<Vec<u8>> {
    let compact: Vec<u8> = raw.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    LENIENT.decode(compact).ok().filter(|bytes| !bytes.is_empty())
}

/// Encodes bytes as base64.
pub(crate) fn base64_text(bytes: &[u8]) -> String {
    LENIENT.encode(bytes)
}

/// Returns a picture as `data:` URI (RFC 2397).
pub(crate) fn data_uri(photo: &Photo) -> String {
    let media_type = photo.media_type.as_deref().unwrap_or_default();
    format!("data:{media_type};base64,{}", base64_text(&photo.bytes))
}

/// Returns the picture of a PHOTO line. A link to a picture is none.
pub(crate) fn photo_of(line: &ContentLine<'_>) -> Option<Photo> {
    let raw = line.raw_value();
    if !is_data_uri(raw) {
        let is_encoded = line.encoding() == Some(Encoding::Base64);
        let bytes = decode_base64(raw).filter(|_| is_encoded)?;
        return Some(Photo { media_type: declared_type(line), bytes });
    }
    let (head, base64) = raw.trim_start().split_once(',')?;
    let head: String = head.chars().skip(5).filter(|character| !character.is_whitespace()).collect();
    let (media_type, _) = head.split_once(';').filter(|(_, encoding)| encoding.ends_with("base64"))?;
    let media_type = (!media_type.is_empty()).then(|| media_type.to_ascii_lowercase());
    Some(Photo { media_type: media_type.or_else(|| declared_type(line)), bytes: decode_base64(base64)? })
}

/// Returns true for a `data:` URI.
pub(crate) fn is_data_uri(value: &str) -> bool {
    value.trim_start().get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"))
}

/// Returns the media type of the parameter TYPE or MEDIATYPE, or of a bare word.
fn declared_type(line: &ContentLine<'_>) -> Option<String> {
    let names_type =
        |name: &str| name.is_empty() || ["TYPE", "MEDIATYPE"].iter().any(|own| own.eq_ignore_ascii_case(name));
    let mut words = line.params().filter(|param| names_type(param.name)).flat_map(|param| param.values());
    words.find_map(|word| {
        let word = word.to_ascii_lowercase();
        match word.strip_prefix("image/").unwrap_or(&word) {
            "jpeg" | "jpg" => Some("image/jpeg".to_owned()),
            known @ ("png" | "gif" | "bmp" | "tiff" | "webp" | "heic" | "avif") => Some(format!("image/{known}")),
            _ => None,
        }
    })
}
