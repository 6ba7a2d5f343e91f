//! Values of content lines: encodings, escapes, labels.

mod decode;
mod escape;
mod hex;
mod label;
mod photo;
mod quoted_printable;
mod uri;

pub use self::decode::decoded_value;
pub(crate) use self::{
    decode::{clean, decoded_text},
    escape::{components, escape, escape_uri, list, unescape},
    label::{ANNOTATION_LABEL, android_label, annotates, apple_label, label_of_types, types_of_label},
    photo::{base64_text, data_uri, is_data_uri, photo_of},
    quoted_printable::encode_quoted_printable,
    uri::without_scheme,
};
