//! `mailto:` and `tel:` URIs.

use super::hex::decode_hex;

/// Returns a URI without its scheme and with decoded `%41`. Returns `None` for another text.
pub(crate) fn without_scheme(uri: &str, scheme: &str) -> Option<String> {
    let (start, rest) = uri.split_at_checked(scheme.len())?;
    let rest = rest.trim();
    (start.eq_ignore_ascii_case(scheme) && !rest.is_empty()).then(|| decoded(rest))
}

/// Returns the text unchanged when the decoded bytes are not UTF-8.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    decode_hex(text, b'%', &mut bytes);
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}
