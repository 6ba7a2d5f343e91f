//! Extractors of path and query parameters.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use deserr::Deserr;
use domain::contact::pointer_token;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::body_errors::BodyErrors;
use crate::problem::{FieldError, Problem};

/// Query parameters of a route.
pub(crate) trait Parameters: Deserr<BodyErrors> {
    /// The query of the domain.
    type Query;

    /// Returns the query, or a problem when the parameters contradict each other.
    fn into_query(self) -> Result<Self::Query, Problem>;
}

/// The query that the parameters make. Repeated and unknown ones are rejected: a misspelt filter must not return all
/// contacts.
pub(crate) struct QueryOf<T: Parameters>(pub(crate) T::Query);

impl<T: Parameters> FromRequest for QueryOf<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read_query::<T>(request.query_string()).and_then(T::into_query).map(Self))
    }
}

fn read_query<T: Deserr<BodyErrors>>(query: &str) -> Result<T, Problem> {
    let mut object = Map::new();
    let mut errors = Vec::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let pointer = format!("/{}", pointer_token(&name));
        if object.insert(name.into_owned(), Value::String(value.into_owned())).is_some() {
            // One error for each name, even if it is repeated often.
            let error = FieldError::new(pointer, "repeated", "must be given only once".to_owned());
            if !errors.contains(&error) && errors.len() < BodyErrors::MAX {
                errors.push(error);
            }
        }
    }
    match deserr::deserialize::<T, Value, BodyErrors>(Value::Object(object)) {
        Ok(query) if errors.is_empty() => Ok(query),
        Ok(_) => Err(Problem::parameters(errors)),
        Err(more) => {
            errors.extend(more.into_errors());
            Err(Problem::parameters(errors))
        }
    }
}

/// The `{id}` of the path: a UUID in its usual form.
pub(crate) struct Id(pub(crate) Uuid);

impl Id {
    /// The detail of the error for an invalid text.
    pub(crate) const EXPECTED: &str = "must be an id like 0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27";

    /// Parses an id. Other forms of a UUID, for example without hyphens, are rejected.
    pub(crate) fn parse(text: &str) -> Option<Uuid> {
        Uuid::try_parse(text).ok().filter(|_| text.len() == 36)
    }
}

impl FromRequest for Id {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().get("id").unwrap_or_default();
        ready(Self::parse(text).map(Self).ok_or_else(|| {
            Problem::parameters(vec![FieldError::new("/id".to_owned(), "invalid-id", Self::EXPECTED.to_owned())])
        }))
    }
}
