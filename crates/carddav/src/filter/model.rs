//! A filter and its conditions.

use super::collation::Collation;
use crate::card_property::CardProperty;

/// Condition of a card. Without property filters, which is the default, every card matches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Combination of the property filters.
    pub combination: Combination,
    /// Conditions of single properties.
    pub properties: Vec<PropertyFilter>,
}

/// Combination of conditions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Combination {
    /// `anyof`: at least one condition.
    #[default]
    AnyOf,
    /// `allof`: every condition.
    AllOf,
}

/// Condition of one property of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertyFilter {
    /// Name of the property.
    pub property: CardProperty,
    /// Condition of its lines.
    pub condition: PropertyCondition,
}

/// Condition of the lines with a property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PropertyCondition {
    /// The card has such a line.
    Defined,
    /// The card has no such line.
    NotDefined,
    /// One line fulfils the conditions.
    Line {
        /// Combination of the conditions.
        combination: Combination,
        /// Conditions of the value.
        texts: Vec<TextMatch>,
        /// Conditions of the parameters.
        parameters: Vec<ParameterFilter>,
    },
}

/// Condition of one parameter of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterFilter {
    /// Name of the parameter, in any case.
    pub name: String,
    /// Condition of its values.
    pub condition: ParameterCondition,
}

/// Condition of the values of a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParameterCondition {
    /// The line has the parameter.
    Defined,
    /// The line does not have the parameter.
    NotDefined,
    /// One value matches.
    Text(TextMatch),
}

/// Condition of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextMatch {
    /// Text of the request in the form of the collation.
    pub(super) text: String,
    pub(super) collation: Collation,
    pub(super) kind: MatchKind,
    pub(super) is_negated: bool,
}

/// Part of a text that is compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MatchKind {
    /// The whole text.
    Equals,
    /// Any part of the text.
    #[default]
    Contains,
    /// The start of the text.
    StartsWith,
    /// The end of the text.
    EndsWith,
}

impl TextMatch {
    /// Creates a condition.
    #[must_use]
    pub fn new(text: &str, collation: Collation, kind: MatchKind, is_negated: bool) -> Self {
        Self { text: collation.form_of(text).into_owned(), collation, kind, is_negated }
    }
}
