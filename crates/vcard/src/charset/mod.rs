//! Charsets: finds the one of a text, and decodes it.

mod decoder;
mod encoding;
mod locale;
mod stream;

pub(crate) use self::decoder::Decoder;
pub use self::{
    encoding::{Charset, CharsetChoice},
    stream::StreamDecoder,
};
