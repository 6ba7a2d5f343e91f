//! Error responses by reference: most operations share them, and repeated they are most of the document.

use utoipa::{
    Modify,
    openapi::{OpenApi, Ref, RefOr, Response},
};

use crate::dto::bounds::operations;
use crate::problem::PROBLEM_JSON;

/// Moves each error response into the components. Its name has the codes of its examples, like `busy.unavailable`.
pub(super) struct ErrorReferences;

impl Modify for ErrorReferences {
    fn modify(&self, document: &mut OpenApi) {
        let mut responses = document.components.take().unwrap_or_default();
        for operation in operations(document) {
            for response in operation.responses.responses.values_mut() {
                let Some(name) = name_of(response) else { continue };
                let known = responses.responses.entry(name.clone()).or_insert_with(|| response.clone());
                if known == response {
                    *response = RefOr::Ref(Ref::from_response_name(name));
                }
            }
        }
        document.components = Some(responses);
    }
}

/// Returns the codes of a problem response. `None` for other responses.
fn name_of(response: &RefOr<Response>) -> Option<String> {
    let RefOr::T(response) = response else { return None };
    let RefOr::T(content) = response.content.get(PROBLEM_JSON)? else { return None };
    let codes: Vec<&str> = content.examples.keys().map(String::as_str).collect();
    Some(codes.join(".")).filter(|name| !name.is_empty())
}
