//! Collations: the forms in which texts are compared (RFC 4790).

use std::borrow::Cow;

use icu_casemap::CaseMapper;
use icu_normalizer::DecomposingNormalizerBorrowed;

/// A collation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Collation {
    /// `i;octet`: bytes.
    Octet,
    /// `i;ascii-casemap`: the case of ASCII letters is ignored.
    AsciiCasemap,
    /// `i;unicode-casemap`: the case of all letters is ignored (RFC 5051). The one of a filter without a collation.
    #[default]
    UnicodeCasemap,
}

impl Collation {
    /// Collations with their names in requests and answers.
    pub(crate) const NAMES: [(Self, &'static str); 3] = [
        (Self::AsciiCasemap, "i;ascii-casemap"),
        (Self::Octet, "i;octet"),
        (Self::UnicodeCasemap, "i;unicode-casemap"),
    ];

    /// Returns the collation with this name. `default` is the one of the server (RFC 6352, 8.3).
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        if name == "default" {
            return Some(Self::default());
        }
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(collation, _)| *collation)
    }

    /// Returns the form of a text that is compared.
    pub(super) fn form_of(self, text: &str) -> Cow<'_, str> {
        #[cfg(test)]
        super::linear_time_tests::count_steps(text.len());
        match self {
            Self::Octet => Cow::Borrowed(text),
            Self::AsciiCasemap => Cow::Owned(text.to_ascii_uppercase()),
            Self::UnicodeCasemap if text.is_ascii() => Cow::Owned(text.to_ascii_uppercase()),
            Self::UnicodeCasemap => {
                let cases = CaseMapper::new();
                let titlecase: String = text.chars().map(|character| cases.simple_titlecase(character)).collect();
                Cow::Owned(DecomposingNormalizerBorrowed::new_nfkd().normalize(&titlecase).into_owned())
            }
        }
    }
}
