//! The format of an imported file.

use actix_multipart::Field;
use actix_web::mime::Mime;
use contact_files::{Charset, FileFormat};

/// Returns the format of a media type.
pub(super) fn of_media_type(media_type: &str) -> Option<FileFormat> {
    match media_type.to_ascii_lowercase().as_str() {
        "text/vcard" | "text/x-vcard" | "text/directory" => Some(FileFormat::Vcard),
        "text/csv" => Some(FileFormat::Csv),
        _ => None,
    }
}

/// Returns the charset of a media type. An unknown one is found in the file, as if there were none.
pub(super) fn charset_of(media_type: &Mime) -> Option<Charset> {
    Charset::from_label(media_type.get_param("charset")?.as_str())
}

/// Returns the format of a part of a form: by its media type, else by the end of its file name, else by its content.
pub(super) fn of_part(part: &Field, first_piece: &[u8]) -> FileFormat {
    let by_media_type = part.content_type().and_then(|media_type| of_media_type(media_type.essence_str()));
    let name = part.content_disposition().and_then(|disposition| disposition.get_filename());
    by_media_type.or_else(|| of_name(name?)).unwrap_or_else(|| of_content(first_piece))
}

fn of_name(name: &str) -> Option<FileFormat> {
    let (_, ending) = name.rsplit_once('.')?;
    match ending.to_ascii_lowercase().as_str() {
        "vcf" | "vcard" => Some(FileFormat::Vcard),
        "csv" | "tsv" => Some(FileFormat::Csv),
        _ => None,
    }
}

/// A vCard begins with `BEGIN:VCARD`, in any case and charset.
fn of_content(first_piece: &[u8]) -> FileFormat {
    const BEGIN: &[u8] = b"BEGIN:VCARD";

    // In UTF-16 a zero is beside each letter.
    let letters = first_piece.iter().filter(|byte| byte.is_ascii_graphic()).map(u8::to_ascii_uppercase);
    if letters.take(BEGIN.len()).eq(BEGIN.iter().copied()) { FileFormat::Vcard } else { FileFormat::Csv }
}

#[cfg(test)]
mod tests {
    use contact_files::FileFormat;

    use super::{of_content, of_media_type, of_name};

    #[test]
    fn format_is_found_by_media_type_name_or_content() {
        for media_type in ["text/vcard", "text/x-vcard", "TEXT/Directory"] {
            assert_eq!(of_media_type(media_type), Some(FileFormat::Vcard), "{media_type}");
        }
        assert_eq!(of_media_type("text/csv"), Some(FileFormat::Csv));
        assert_eq!(of_media_type("application/octet-stream"), None);
        assert_eq!([of_name("A.VCF"), of_name("a.b.csv")], [Some(FileFormat::Vcard), Some(FileFormat::Csv)]);
        assert_eq!([of_name("contacts"), of_name("a.vcf.zip")], [None, None]);
        let utf16: Vec<u8> = "\u{feff}begin:vcard\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for vcard in [&b"\xef\xbb\xbf\r\nBEGIN:VCARD\r\n"[..], &utf16] {
            assert_eq!(of_content(vcard), FileFormat::Vcard, "{vcard:?}");
        }
        for other in ["", "First Name,Last Name", "BEGIN:VCAL", "NOTE:BEGIN:VCARD"] {
            assert_eq!(of_content(other.as_bytes()), FileFormat::Csv, "{other}");
        }
    }
}
