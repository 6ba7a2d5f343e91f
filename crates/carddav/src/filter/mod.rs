//! Filters of addressbook-query (RFC 6352, 8.6 and 10.5).

mod collation;
#[cfg(test)]
mod linear_time_tests;
mod matching;
mod model;

pub use self::{
    collation::Collation,
    model::{
        Combination, Filter, MatchKind, ParameterCondition, ParameterFilter, PropertyCondition, PropertyFilter,
        TextMatch,
    },
};
