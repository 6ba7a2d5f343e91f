//! Filters of addressbook-query (RFC 6352, 8.6 and 10.5).

mod collation;
mod matching;
mod model;

pub use self::{
    collation::Collation,
    model::{
        Combination, Filter, MatchKind, ParameterCondition, ParameterFilter, PropertyCondition, PropertyFilter,
        TextMatch,
    },
};
