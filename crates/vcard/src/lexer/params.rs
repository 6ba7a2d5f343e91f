//! Parameters of a content line.

/// Iterator over parameters. It reads the head again each time, and stores nothing.
#[derive(Debug, Clone)]
pub struct Params<'a> {
    rest: &'a str,
}

/// A parameter: `NAME=value,value`, or a bare word of vCard 2.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Param<'a> {
    /// Name as received; empty for a bare word.
    pub name: &'a str,
    /// Text after the `=`, with its quotes; the bare word itself.
    pub raw_value: &'a str,
}

impl<'a> Params<'a> {
    /// Creates an iterator from the head after the name of the property: empty, or a text that begins with `;`.
    pub(super) fn new(rest: &'a str) -> Self {
        Self { rest }
    }
}

impl<'a> Iterator for Params<'a> {
    type Item = Param<'a>;

    fn next(&mut self) -> Option<Param<'a>> {
        let rest = self.rest.strip_prefix(';')?;
        let end = unquoted(rest, b';').unwrap_or(rest.len());
        let (param, rest) = rest.split_at_checked(end).unwrap_or((rest, ""));
        self.rest = rest;
        let (name, raw_value) = param.split_once('=').unwrap_or(("", param));
        Some(Param { name: name.trim(), raw_value: raw_value.trim() })
    }
}

impl<'a> Param<'a> {
    /// Returns the values, without quotes.
    pub fn values(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let mut rest = Some(self.raw_value);
        std::iter::from_fn(move || {
            let text = rest?;
            let value = match unquoted(text, b',').and_then(|end| text.split_at_checked(end)) {
                Some((value, after)) => {
                    rest = after.strip_prefix(',');
                    value
                }
                None => {
                    rest = None;
                    text
                }
            };
            Some(without_quotes(value.trim()))
        })
        // TYPE="home,work" is one quoted value, but programs mean two.
        .flat_map(|value| value.split(','))
    }
}

fn without_quotes(value: &str) -> &str {
    value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value)
}

/// Returns the position of the first separator outside of quotes.
fn unquoted(text: &str, separator: u8) -> Option<usize> {
    let mut is_quoted = false;
    text.bytes().position(|byte| {
        is_quoted ^= byte == b'"';
        byte == separator && !is_quoted
    })
}
