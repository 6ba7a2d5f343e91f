//! Decodes a whole text file as a stream.

use chardetng::EncodingDetector;

use super::{
    encoding::{Charset, CharsetChoice},
    locale::domain_of,
};

/// Decoder of a text file in one charset: UTF-16 or UTF-8 by their marks, the declared charset, UTF-8 if the bytes are
/// valid, else the most probable one. It stores at most 64 KiB of the file.
///
/// ```
/// # use vcard::{CharsetChoice, StreamDecoder};
/// let mut decoder = StreamDecoder::new(&CharsetChoice::default());
/// let mut text = decoder.decode(b"name,email\n");
/// text += &decoder.decode("Леся,lesia@example.com".as_bytes());
/// text += &decoder.finish();
/// assert_eq!(text, "name,email\nЛеся,lesia@example.com");
/// ```
pub struct StreamDecoder {
    choice: CharsetChoice,
    /// Bytes until the charset is known.
    sample: Vec<u8>,
    is_start: bool,
    found: Option<(Charset, encoding_rs::Decoder)>,
}

impl StreamDecoder {
    /// Creates a decoder of one file.
    #[must_use]
    pub fn new(choice: &CharsetChoice) -> Self {
        Self { choice: choice.clone(), sample: Vec::new(), is_start: true, found: None }
    }

    /// Returns the charset as soon as it is known. It is UTF-8 for a file of ASCII.
    #[must_use]
    pub fn charset(&self) -> Option<Charset> {
        self.found.as_ref().map(|(charset, _)| *charset)
    }

    /// Decodes the next bytes. The text is late by at most 64 KiB. Wrong bytes become U+FFFD.
    pub fn decode(&mut self, bytes: &[u8]) -> String {
        if let Some((_, decoder)) = &mut self.found {
            return text_of(decoder, bytes, false);
        }
        self.sample.extend_from_slice(bytes);
        if self.sample.len() < Charset::SAMPLE { String::new() } else { self.decode_sample(false) }
    }

    /// Ends the file, and decodes what is left.
    pub fn finish(&mut self) -> String {
        let mut text = if self.found.is_none() { self.decode_sample(true) } else { String::new() };
        let (_, decoder) = self.found.get_or_insert_with(|| with_decoder(Charset::UTF_8));
        text += &text_of(decoder, &[], true);
        // For a call after the end: a decoder must not be used again.
        self.found = self.charset().map(with_decoder);
        text
    }

    /// Decodes the sample. A sample of ASCII decides nothing.
    fn decode_sample(&mut self, is_last: bool) -> String {
        let sample = std::mem::take(&mut self.sample);
        let is_ascii = sample.iter().all(|byte| byte.is_ascii() && !matches!(byte, 0 | 0x1b));
        let is_start = std::mem::take(&mut self.is_start);
        if is_ascii && self.choice.declared.is_none() && !is_last {
            return String::from_utf8(sample).unwrap_or_default();
        }
        let (_, decoder) = self.found.insert(with_decoder(self.choose(&sample, is_start, is_last)));
        text_of(decoder, &sample, false)
    }

    fn choose(&self, sample: &[u8], is_start: bool, is_last: bool) -> Charset {
        let declared = self.choice.declared;
        let utf_16 = if is_start { Charset::utf_16_of(sample, declared) } else { None };
        if let Some(utf_16) = utf_16 {
            return utf_16;
        }
        if is_start && sample.starts_with(b"\xef\xbb\xbf") {
            return Charset::UTF_8;
        }
        declared.unwrap_or_else(|| {
            let has_escapes = sample.contains(&0x1b);
            if is_utf_8(sample, is_last) && !has_escapes { Charset::UTF_8 } else { self.guess(sample, is_last) }
        })
    }

    fn guess(&self, sample: &[u8], is_last: bool) -> Charset {
        let mut detector: EncodingDetector = Charset::new_detector();
        detector.feed(sample, is_last);
        Charset::guess_of(&detector, self.choice.locale.as_deref().and_then(domain_of))
    }
}

fn with_decoder(charset: Charset) -> (Charset, encoding_rs::Decoder) {
    (charset, charset.stream_decoder())
}

/// Returns true for valid UTF-8. A sample may end inside of a character.
fn is_utf_8(sample: &[u8], is_last: bool) -> bool {
    match str::from_utf8(sample) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none() && !is_last,
    }
}

fn text_of(decoder: &mut encoding_rs::Decoder, bytes: &[u8], is_last: bool) -> String {
    // There is a length: the bytes of a part are far fewer than the address space.
    let capacity = decoder.max_utf8_buffer_length(bytes.len()).unwrap_or_default();
    let mut text = String::with_capacity(capacity);
    let _ = decoder.decode_to_string(bytes, &mut text, is_last);
    text
}
