//! Bytes written as a mark and two hexadecimal digits: `=D0` in quoted-printable, `%D0` in a URI.

/// Decodes a text, and appends the bytes. A mark without two digits stays as it is.
pub(super) fn decode_hex(text: &str, mark: u8, into: &mut Vec<u8>) {
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if let [high, low, after @ ..] = after
            && *byte == mark
            && let (Some(high), Some(low)) = (digit(*high), digit(*low))
        {
            into.push(high * 16 + low);
            rest = after;
        } else {
            into.push(*byte);
        }
    }
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
