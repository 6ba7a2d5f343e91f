//! The element `filter` of addressbook-query (RFC 6352, 10.5).

use crate::{
    card_property::CardProperty,
    error::RequestError,
    filter::{
        Collation, Combination, Filter, MatchKind, ParameterCondition, ParameterFilter, PropertyCondition,
        PropertyFilter, TextMatch,
    },
    limits::MAX_CONDITIONS,
    precondition::Precondition,
    xml::{Element, Elements},
};

const WITHOUT_NAME: RequestError =
    RequestError::Unexpected("prop-filter and param-filter must have the attribute name");

/// Reader of a filter. It counts the conditions.
struct FilterReader {
    conditions: usize,
}

/// Reads the element.
pub(super) fn read_filter(elements: &mut Elements<'_>, element: &Element) -> Result<Filter, RequestError> {
    let mut reader = FilterReader { conditions: 0 };
    let mut properties = Vec::new();
    elements.for_each_child(|elements, child| {
        if !child.name.is_carddav("prop-filter") {
            return Err(unsupported());
        }
        properties.push(reader.read_property(elements, child)?);
        Ok(())
    })?;
    Ok(Filter { combination: combination_of(element)?, properties })
}

impl FilterReader {
    fn count(&mut self) -> Result<(), RequestError> {
        self.conditions += 1;
        if self.conditions > MAX_CONDITIONS { Err(unsupported()) } else { Ok(()) }
    }

    fn read_property(
        &mut self,
        elements: &mut Elements<'_>,
        element: &Element,
    ) -> Result<PropertyFilter, RequestError> {
        self.count()?;
        let (mut texts, mut parameters, mut is_defined) = (Vec::new(), Vec::new(), true);
        elements.for_each_child(|elements, child| {
            if child.name.is_carddav("is-not-defined") {
                is_defined = false;
            } else if child.name.is_carddav("text-match") {
                texts.push(self.read_text(elements, child)?);
            } else if child.name.is_carddav("param-filter") {
                parameters.push(self.read_parameter(elements, child)?);
            } else {
                return Err(unsupported());
            }
            Ok(())
        })?;
        let condition = match (is_defined, texts.is_empty() && parameters.is_empty()) {
            (true, true) => PropertyCondition::Defined,
            (true, false) => PropertyCondition::Line { combination: combination_of(element)?, texts, parameters },
            (false, true) => PropertyCondition::NotDefined,
            (false, false) => return Err(unsupported()),
        };
        let name = element.attribute("name").ok_or(WITHOUT_NAME)?;
        Ok(PropertyFilter { property: CardProperty::new(name), condition })
    }

    fn read_parameter(
        &mut self,
        elements: &mut Elements<'_>,
        element: &Element,
    ) -> Result<ParameterFilter, RequestError> {
        self.count()?;
        let mut condition = ParameterCondition::Defined;
        elements.for_each_child(|elements, child| {
            if condition != ParameterCondition::Defined {
                return Err(unsupported());
            }
            condition = if child.name.is_carddav("is-not-defined") {
                ParameterCondition::NotDefined
            } else if child.name.is_carddav("text-match") {
                ParameterCondition::Text(self.read_text(elements, child)?)
            } else {
                return Err(unsupported());
            };
            Ok(())
        })?;
        let name = element.attribute("name").ok_or(WITHOUT_NAME)?;
        Ok(ParameterFilter { name: name.trim().to_owned(), condition })
    }

    fn read_text(&mut self, elements: &mut Elements<'_>, element: &Element) -> Result<TextMatch, RequestError> {
        self.count()?;
        let collation = element.attribute("collation").map_or(Some(Collation::default()), Collation::of);
        let collation = collation.ok_or(RequestError::Precondition(Precondition::SupportedCollation))?;
        let kind = match element.attribute("match-type") {
            None | Some("contains") => MatchKind::Contains,
            Some("equals") => MatchKind::Equals,
            Some("starts-with") => MatchKind::StartsWith,
            Some("ends-with") => MatchKind::EndsWith,
            Some(_) => return Err(unsupported()),
        };
        let is_negated = match element.attribute("negate-condition") {
            None | Some("no") => false,
            Some("yes") => true,
            Some(_) => return Err(unsupported()),
        };
        Ok(TextMatch::new(&elements.text()?, collation, kind, is_negated))
    }
}

fn combination_of(element: &Element) -> Result<Combination, RequestError> {
    match element.attribute("test") {
        None | Some("anyof") => Ok(Combination::AnyOf),
        Some("allof") => Ok(Combination::AllOf),
        Some(_) => Err(unsupported()),
    }
}

/// Error of a filter that has unknown conditions. To ignore them would find other cards.
fn unsupported() -> RequestError {
    RequestError::Precondition(Precondition::SupportedFilter)
}
