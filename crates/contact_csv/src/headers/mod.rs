//! Names of columns, in the files of all programs and languages.

mod english;
mod fold;
mod french;
mod german;
mod italian;
mod japanese;
mod language;
mod meaning;
mod polish;
mod spanish;
mod ukrainian;

use std::{collections::HashMap, sync::LazyLock};

pub use self::language::Language;
use self::meaning::Names;
pub(crate) use self::{
    fold::{FoldedName, fold},
    meaning::Meaning,
};

/// The first language of a name counts.
const TABLES: [(Language, Names); 8] = [
    (Language::English, english::NAMES),
    (Language::German, german::NAMES),
    (Language::French, french::NAMES),
    (Language::Spanish, spanish::NAMES),
    (Language::Italian, italian::NAMES),
    (Language::Polish, polish::NAMES),
    (Language::Ukrainian, ukrainian::NAMES),
    (Language::Japanese, japanese::NAMES),
];

/// Meanings by folded names.
static MEANINGS: LazyLock<HashMap<String, (Meaning, Language)>> = LazyLock::new(|| {
    let mut meanings = HashMap::new();
    for (language, names) in TABLES {
        for (name, meaning) in names {
            meanings.entry(fold(name).letters).or_insert((*meaning, language));
        }
    }
    meanings
});

/// Returns the meaning of a name, and the language that has it.
pub(crate) fn meaning_of(name: &FoldedName) -> Option<(Meaning, Language)> {
    MEANINGS.get(&name.letters).copied()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{TABLES, fold};

    #[test]
    fn no_language_has_a_name_twice() {
        for (language, names) in TABLES {
            let mut seen = HashSet::new();
            for (name, _) in names {
                assert!(seen.insert(fold(name).letters), "{language:?}: {name}");
            }
        }
    }
}
