//! Checks a card against a filter.
//!
//! The lines of a card are read once, for all property filters. Values are decoded only for a filter of their property.

use std::{borrow::Cow, cell::OnceCell};

use vcard::{ContentLine, Lexer, decoded_value};

use super::{
    collation::Collation,
    model::{
        Combination, Filter, MatchKind, ParameterCondition, ParameterFilter, PropertyCondition, PropertyFilter,
        TextMatch,
    },
};

/// Value of a line in the forms of the collations. Each form is made once for all conditions, and only when needed.
struct Value<'l> {
    line: &'l ContentLine<'l>,
    decoded: OnceCell<Cow<'l, str>>,
    ascii: OnceCell<String>,
    unicode: OnceCell<String>,
}

impl Filter {
    /// Returns true when a card matches. The text need not be a valid card.
    #[must_use]
    pub fn matches(&self, card: &str) -> bool {
        if self.properties.is_empty() {
            return true;
        }
        // True for each filter with a line that has the property, and that fulfils the conditions of a line.
        let mut found = vec![false; self.properties.len()];
        for line in Lexer::new(card) {
            let value = Value::of(&line);
            for (filter, found) in self.properties.iter().zip(&mut found) {
                *found = *found || filter.is_fulfilled_by(&line, &value);
            }
            if self.is_decided(&found) {
                break;
            }
        }
        let results = self.properties.iter().zip(found).map(|(filter, found)| found != filter.rejects_lines());
        self.combination.of(results)
    }

    /// Returns true when a condition concerns a property with this name.
    #[must_use]
    pub fn concerns(&self, name: &str) -> bool {
        self.properties.iter().any(|filter| filter.property.name().eq_ignore_ascii_case(name))
    }

    /// Returns true when no further line can change the result.
    fn is_decided(&self, found: &[bool]) -> bool {
        let mut filters = self.properties.iter().zip(found);
        match self.combination {
            Combination::AnyOf => filters.any(|(filter, found)| *found && !filter.rejects_lines()),
            Combination::AllOf => filters.all(|(filter, found)| *found && !filter.rejects_lines()),
        }
    }
}

impl Combination {
    /// Combines the results of conditions. Without conditions both tests are fulfilled.
    fn of(self, mut results: impl Iterator<Item = bool>) -> bool {
        match self {
            Self::AllOf => results.all(|result| result),
            Self::AnyOf => {
                let Some(first) = results.next() else { return true };
                first || results.any(|result| result)
            }
        }
    }
}

impl<'l> Value<'l> {
    fn of(line: &'l ContentLine<'l>) -> Self {
        Self { line, decoded: OnceCell::new(), ascii: OnceCell::new(), unicode: OnceCell::new() }
    }

    fn in_form_of(&self, collation: Collation) -> &str {
        let decoded = self.decoded.get_or_init(|| decoded_value(self.line));
        let form = match collation {
            Collation::Octet => return decoded,
            Collation::AsciiCasemap => &self.ascii,
            Collation::UnicodeCasemap => &self.unicode,
        };
        form.get_or_init(|| collation.form_of(decoded).into_owned())
    }
}

impl PropertyFilter {
    fn rejects_lines(&self) -> bool {
        self.condition == PropertyCondition::NotDefined
    }

    fn is_fulfilled_by(&self, line: &ContentLine<'_>, value: &Value<'_>) -> bool {
        if !self.property.is_in(line) {
            return false;
        }
        let PropertyCondition::Line { combination, texts, parameters } = &self.condition else { return true };
        let texts = texts.iter().map(|text| text.matches(value.in_form_of(text.collation)));
        combination.of(texts.chain(parameters.iter().map(|parameter| parameter.is_fulfilled_by(line))))
    }
}

impl ParameterFilter {
    fn is_fulfilled_by(&self, line: &ContentLine<'_>) -> bool {
        // A bare word of vCard 2.1 is a type: `TEL;CELL`.
        let is_own = |name: &str| {
            name.eq_ignore_ascii_case(&self.name) || (name.is_empty() && self.name.eq_ignore_ascii_case("TYPE"))
        };
        let mut own = line.params().filter(|parameter| is_own(parameter.name));
        match &self.condition {
            ParameterCondition::Defined => own.next().is_some(),
            ParameterCondition::NotDefined => own.next().is_none(),
            ParameterCondition::Text(text) => {
                own.any(|parameter| parameter.values().any(|value| text.matches(&text.collation.form_of(value))))
            }
        }
    }
}

impl TextMatch {
    /// Compares a text in the form of the collation.
    fn matches(&self, value: &str) -> bool {
        let text = self.text.as_str();
        let is_match = match self.kind {
            MatchKind::Equals => value == text,
            MatchKind::Contains => value.contains(text),
            MatchKind::StartsWith => value.starts_with(text),
            MatchKind::EndsWith => value.ends_with(text),
        };
        is_match != self.is_negated
    }
}
