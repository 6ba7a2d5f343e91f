//! JSON text that is written member by member. So a stored card is copied into it as it is.

use actix_web::web::Bytes;
use serde::Serialize;

use super::part_text::PartText;

/// Writer of one JSON text, which can be taken in several parts.
#[derive(Default)]
pub(crate) struct JsonWriter {
    text: Vec<u8>,
    needs_comma: bool,
}

impl PartText for JsonWriter {
    fn size(&self) -> usize {
        self.text.len()
    }

    fn take(&mut self) -> Bytes {
        std::mem::take(&mut self.text).into()
    }
}

impl JsonWriter {
    /// Returns the JSON of a value.
    pub(crate) fn of(value: &impl Serialize) -> Self {
        let mut json = Self::default();
        json.value(value);
        json
    }

    /// Allocates memory for more text.
    pub(crate) fn reserve(&mut self, bytes: usize) {
        self.text.reserve(bytes);
    }

    pub(crate) fn begin_object(&mut self) {
        self.begin(b'{');
    }

    pub(crate) fn end_object(&mut self) {
        self.end(b'}');
    }

    pub(crate) fn begin_list(&mut self) {
        self.begin(b'[');
    }

    pub(crate) fn end_list(&mut self) {
        self.end(b']');
    }

    /// Begins a member. Its value must follow.
    pub(crate) fn name(&mut self, name: &'static str) {
        self.separate();
        self.text.push(b'"');
        self.text.extend_from_slice(name.as_bytes());
        self.text.extend_from_slice(b"\":");
        self.needs_comma = false;
    }

    pub(crate) fn value(&mut self, value: &impl Serialize) {
        self.separate();
        // Serialization cannot fail: views consist of texts, numbers and lists.
        let _ = serde_json::to_writer(&mut self.text, value);
        self.needs_comma = true;
    }

    pub(crate) fn member(&mut self, name: &'static str, value: &impl Serialize) {
        self.name(name);
        self.value(value);
    }

    /// Writes a member whose text has no characters to escape, such as an id or a time.
    pub(crate) fn plain_member(&mut self, name: &'static str, text: &str) {
        self.name(name);
        self.text.push(b'"');
        self.text.extend_from_slice(text.as_bytes());
        self.text.push(b'"');
        self.needs_comma = true;
    }

    /// Copies the members of an object that is JSON already.
    pub(crate) fn written_members(&mut self, members: &str) {
        if !members.trim_ascii().is_empty() {
            self.separate();
            self.text.extend_from_slice(members.as_bytes());
            self.needs_comma = true;
        }
    }

    fn begin(&mut self, bracket: u8) {
        self.separate();
        self.text.push(bracket);
        self.needs_comma = false;
    }

    fn end(&mut self, bracket: u8) {
        self.text.push(bracket);
        self.needs_comma = true;
    }

    fn separate(&mut self) {
        if self.needs_comma {
            self.text.push(b',');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{JsonWriter, PartText as _};

    #[test]
    fn members_and_items_are_separated_across_parts() {
        let mut json = JsonWriter::default();
        json.begin_object();
        json.name("items");
        json.begin_list();
        json.begin_object();
        json.plain_member("id", "1");
        json.written_members(r#""a": [] , "b":{}"#);
        json.member("quoted", &"\"");
        json.end_object();
        let first = json.take();
        assert_eq!(json.size(), 0);
        json.begin_object();
        json.written_members(" ");
        json.end_object();
        json.end_list();
        json.name("none");
        json.begin_list();
        json.end_list();
        json.member("total", &2);
        json.end_object();
        let whole = [first, json.take()].concat();
        let expected = r#"{"items":[{"id":"1","a": [] , "b":{},"quoted":"\""},{}],"none":[],"total":2}"#;
        assert_eq!(String::from_utf8(whole).unwrap(), expected);
    }
}
