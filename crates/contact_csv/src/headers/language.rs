//! Languages of files.

/// Language of the names of the columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    English,
    /// German.
    German,
    /// French.
    French,
    /// Spanish.
    Spanish,
    /// Italian.
    Italian,
    /// Polish.
    Polish,
    /// Ukrainian.
    Ukrainian,
    /// Japanese.
    Japanese,
}

impl Language {
    /// Returns the code, such as `de`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
            Self::Italian => "it",
            Self::Polish => "pl",
            Self::Ukrainian => "uk",
            Self::Japanese => "ja",
        }
    }
}
