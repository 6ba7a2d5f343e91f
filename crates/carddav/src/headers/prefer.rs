//! The header Prefer (RFC 7240, RFC 8144).

/// Wishes of a client for the form of an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Preferences {
    /// `return=minimal`: the answer leaves out what a resource does not have.
    pub minimal: bool,
    /// `depth-noroot`: an answer of depth 1 leaves out the collection itself.
    pub without_root: bool,
}

impl Preferences {
    /// Reads the values of the headers Prefer. Unknown preferences are ignored.
    pub fn parse<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let mut preferences = Self::default();
        for preference in values.into_iter().flat_map(|value| value.split(',')) {
            // Parameters follow after a semicolon.
            let token = preference.split(';').next().unwrap_or_default();
            let (name, value) = token.split_once('=').unwrap_or((token, ""));
            let is = |own: &str| name.trim().eq_ignore_ascii_case(own);
            let is_minimal = value.trim().trim_matches('"').eq_ignore_ascii_case("minimal");
            // Apple's programs use the name of a draft, too.
            preferences.minimal |= (is("return") && is_minimal) || is("return-minimal");
            preferences.without_root |= is("depth-noroot");
        }
        preferences
    }
}
