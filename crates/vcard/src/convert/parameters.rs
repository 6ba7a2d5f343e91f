//! Converts parameters.

use crate::{
    card::Photo,
    lexer::{ContentLine, Encoding},
    version::Version,
};

/// Parameters of a line: names and values as they are written. A bare word of vCard 2.1 has no name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub(super) fn of(line: &ContentLine<'_>) -> Self {
        Self(line.params().map(|param| (param.name.to_owned(), param.raw_value.to_owned())).collect())
    }

    /// Returns the parameters in a version: words become types, encodings of texts and charsets are removed, and the
    /// preference is `TYPE=PREF` or `PREF=1`.
    pub(super) fn in_version(&self, to: Version) -> Self {
        let mut parameters: Vec<(String, String)> = Vec::new();
        for (name, value) in &self.0 {
            let is = |other: &str| name.eq_ignore_ascii_case(other);
            let is_encoding = (name.is_empty() || is("ENCODING")) && names_encoding(value);
            if is("CHARSET") || is_encoding {
                continue;
            }
            if name.is_empty() || is("TYPE") {
                parameters.extend(types(name, value, to));
            } else if is("PREF") && value == "1" && to == Version::V3_0 {
                parameters.push(("TYPE".to_owned(), "PREF".to_owned()));
            } else {
                parameters.push((name.clone(), value.clone()));
            }
        }
        Self(parameters)
    }

    /// Removes a parameter with this value. Returns true if there was one.
    pub(super) fn remove(&mut self, name: &str, value: &str) -> bool {
        let number = self.0.len();
        self.0.retain(|(own, other)| !(own.eq_ignore_ascii_case(name) && other.eq_ignore_ascii_case(value)));
        self.0.len() < number
    }

    /// Sets the parameters of a picture or of other bytes.
    pub(super) fn set_binary(&mut self, binary: &Photo, to: Version) {
        self.0.retain(|(name, _)| !["TYPE", "VALUE", "MEDIATYPE"].iter().any(|own| own.eq_ignore_ascii_case(name)));
        if to == Version::V4_0 {
            return;
        }
        self.0.push(("ENCODING".to_owned(), "b".to_owned()));
        if let Some((_, subtype)) = binary.media_type.as_deref().and_then(|media_type| media_type.split_once('/')) {
            self.0.push(("TYPE".to_owned(), subtype.to_ascii_uppercase()));
        }
    }

    pub(super) fn into_texts(self) -> Vec<String> {
        self.0.into_iter().map(|(name, value)| format!("{name}={value}")).collect()
    }
}

fn names_encoding(value: &str) -> bool {
    Encoding::of(value).is_some() || ["8BIT", "7BIT"].iter().any(|other| other.eq_ignore_ascii_case(value))
}

/// Converts types. Without a preference among them they stay as they are.
fn types(name: &str, value: &str, to: Version) -> Vec<(String, String)> {
    let is_preference = |word: &str| word.eq_ignore_ascii_case("PREF");
    let words: Vec<&str> = value.trim_matches('"').split(',').collect();
    let has_preference = to == Version::V4_0 && words.iter().any(|word| is_preference(word));
    let name = if name.is_empty() { "TYPE" } else { name };
    if !has_preference {
        return vec![(name.to_owned(), value.to_owned())];
    }
    let others: Vec<&str> = words.into_iter().filter(|word| !is_preference(word)).collect();
    let mut parameters = vec![("PREF".to_owned(), "1".to_owned())];
    if !others.is_empty() {
        parameters.push((name.to_owned(), others.join(",")));
    }
    parameters
}
