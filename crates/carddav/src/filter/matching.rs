//! Checks a card against a filter.
//!
//! The lines of a card are read once, for all property filters, and so are the parameters of a line. Values are decoded only
//! for a filter of their property.

use std::{borrow::Cow, cell::OnceCell};

use vcard::{ContentLine, Lexer, decoded_value};

use super::{
    collation::Collation,
    model::{
        Combination, Filter, MatchKind, ParameterCondition, ParameterFilter, PropertyCondition, PropertyFilter,
        TextMatch,
    },
};

/// Text in the forms of the collations. Each form is made once for all conditions, and only when needed.
struct Forms<'t> {
    text: Cow<'t, str>,
    ascii: OnceCell<String>,
    unicode: OnceCell<String>,
}

/// Value of a line. It is decoded once for all conditions, and only when needed.
struct Value<'l> {
    line: &'l ContentLine<'l>,
    decoded: OnceCell<Forms<'l>>,
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
            let filters = self.properties.iter().zip(&mut found);
            check(&line, filters.filter(|(filter, found)| !**found && filter.property.is_in(&line)).collect());
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

/// Checks the conditions of a line. `filters` are those of its property that no line has fulfilled yet.
fn check(line: &ContentLine<'_>, filters: Vec<(&PropertyFilter, &mut bool)>) {
    let parameters: Vec<&ParameterFilter> = filters.iter().flat_map(|(filter, _)| filter.parameters()).collect();
    let mut results = check_parameters(line, &parameters).into_iter();
    let value = Value { line, decoded: OnceCell::new() };
    for (filter, found) in filters {
        let own: Vec<bool> = results.by_ref().take(filter.parameters().len()).collect();
        *found = filter.is_fulfilled_by(&value, own);
    }
}

/// Returns the result of each condition. A line can have as many parameters as bytes, so they are read once for all
/// conditions, and not stored.
fn check_parameters(line: &ContentLine<'_>, filters: &[&ParameterFilter]) -> Vec<bool> {
    let mut found = vec![false; filters.len()];
    for parameter in line.params() {
        for value in parameter.values() {
            let value = Forms::of(Cow::Borrowed(value));
            for (filter, found) in filters.iter().zip(&mut found) {
                *found = *found || filter.is_fulfilled_by(parameter.name, &value);
            }
        }
    }
    filters.iter().zip(found).map(|(filter, found)| found != filter.rejects_parameters()).collect()
}

impl<'t> Forms<'t> {
    fn of(text: Cow<'t, str>) -> Self {
        #[cfg(test)]
        super::linear_time_tests::count_steps(text.len());
        Self { text, ascii: OnceCell::new(), unicode: OnceCell::new() }
    }

    fn in_form_of(&self, collation: Collation) -> &str {
        let form = match collation {
            Collation::Octet => return &self.text,
            Collation::AsciiCasemap => &self.ascii,
            Collation::UnicodeCasemap => &self.unicode,
        };
        form.get_or_init(|| collation.form_of(&self.text).into_owned())
    }
}

impl Value<'_> {
    fn in_form_of(&self, collation: Collation) -> &str {
        self.decoded.get_or_init(|| Forms::of(decoded_value(self.line))).in_form_of(collation)
    }
}

impl PropertyFilter {
    fn rejects_lines(&self) -> bool {
        self.condition == PropertyCondition::NotDefined
    }

    fn parameters(&self) -> &[ParameterFilter] {
        match &self.condition {
            PropertyCondition::Line { parameters, .. } => parameters,
            PropertyCondition::Defined | PropertyCondition::NotDefined => &[],
        }
    }

    /// Returns true when a line of the property fulfils the conditions. `parameters` has the results of those of its
    /// parameters.
    fn is_fulfilled_by(&self, value: &Value<'_>, parameters: Vec<bool>) -> bool {
        let PropertyCondition::Line { combination, texts, .. } = &self.condition else { return true };
        let texts = texts.iter().map(|text| text.matches(value.in_form_of(text.collation)));
        combination.of(texts.chain(parameters))
    }
}

impl ParameterFilter {
    fn rejects_parameters(&self) -> bool {
        self.condition == ParameterCondition::NotDefined
    }

    /// Returns true when a parameter with this name and value is one that the condition describes.
    fn is_fulfilled_by(&self, name: &str, value: &Forms<'_>) -> bool {
        // A bare word of vCard 2.1 is a type: `TEL;CELL`.
        let is_own =
            name.eq_ignore_ascii_case(&self.name) || (name.is_empty() && self.name.eq_ignore_ascii_case("TYPE"));
        is_own
            && match &self.condition {
                ParameterCondition::Defined | ParameterCondition::NotDefined => true,
                ParameterCondition::Text(text) => text.matches(value.in_form_of(text.collation)),
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
