//! Links: the operations on a resource that a response contains (OpenAPI 3.1, Link Object). They are made from the paths,
//! so that a new operation has its links too.

use serde_json::{Value, json};
use utoipa::{
    Modify,
    openapi::{
        OpenApi, RefOr, Response,
        link::LinkBuilder,
        path::{Operation, ParameterIn},
    },
};

/// End of the path of one resource.
const ID: &str = "/{id}";
/// The condition of a write, and the header of a response that has its value.
const IF_MATCH: &str = "If-Match";
const ETAG: &str = "ETag";

/// Operations that continue with a value that each such response has: the source and its status, the target, the parameter
/// and its value. A list of sessions has at least the current one.
const CONTINUATIONS: [(&str, &str, &str, &str, &str); 6] = [
    ("delete_contact", "204", "restore_contact", "id", "$request.path.id"),
    ("delete_contact", "204", "purge_contact", "id", "$request.path.id"),
    ("list_trash", "200", "list_trash", "cursor", "$response.body#/next_cursor"),
    ("list_contacts", "200", "list_contacts", "cursor", "$response.body#/next_cursor"),
    ("list_changes", "200", "list_changes", "since", "$response.body#/next"),
    ("list_sessions", "200", "end_session", "id", "$response.body#/items/0/id"),
];

/// Adds the links of every operation.
pub(super) struct Links;

impl Modify for Links {
    fn modify(&self, document: &mut OpenApi) {
        let targets: Vec<Target> = targets(document);
        for (path, item) in &mut document.paths.paths {
            let methods = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
            for operation in methods.into_iter().flatten() {
                add(path, operation, &targets);
            }
        }
    }
}

/// An operation that a link may lead to.
struct Target {
    id: String,
    /// The path of its resource, up to and with the id.
    resource: Option<String>,
    /// True when it has the parameter `If-Match`.
    is_conditional: bool,
}

fn targets(document: &OpenApi) -> Vec<Target> {
    let described = |path: &str, operation: &Operation| {
        let is_conditional = operation.parameters.iter().flatten().any(|parameter| {
            matches!(parameter, RefOr::T(parameter)
                if parameter.name == IF_MATCH && parameter.parameter_in == ParameterIn::Header)
        });
        Some(Target { id: operation.operation_id.clone()?, resource: resource(path), is_conditional })
    };
    let items = document.paths.paths.iter();
    items
        .flat_map(|(path, item)| {
            let methods = [&item.get, &item.post, &item.put, &item.patch, &item.delete];
            methods.into_iter().flatten().filter_map(move |operation| described(path, operation))
        })
        .collect()
}

/// Returns the path of the resource that an operation has as its parameter `id`.
fn resource(path: &str) -> Option<String> {
    path.split_once(ID).map(|(collection, _)| format!("{collection}{ID}"))
}

fn add(path: &str, operation: &mut Operation, targets: &[Target]) {
    let source = operation.operation_id.clone().unwrap_or_default();
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        if status == "201" {
            link_resource(response, targets, &source, &format!("{path}{ID}"), "$response.body#/id");
        } else if let Some(resource) = resource(path)
            && response.headers.contains_key(ETAG)
            && status == "200"
        {
            link_resource(response, targets, &source, &resource, "$request.path.id");
        }
        for (_, _, target, parameter, value) in
            CONTINUATIONS.iter().filter(|(from, on, ..)| *from == source && on == status)
        {
            link(response, target, vec![(*parameter, json!(value))]);
        }
    }
}

/// Links all other operations of a resource whose id is `id`. A conditional one gets the entity tag of the response.
fn link_resource(response: &mut Response, targets: &[Target], source: &str, resource: &str, id: &str) {
    for target in targets.iter().filter(|target| target.id != source && target.resource.as_deref() == Some(resource)) {
        let mut parameters = vec![("id", json!(id))];
        if target.is_conditional && response.headers.contains_key(ETAG) {
            parameters.push((IF_MATCH, json!("$response.header.ETag")));
        }
        link(response, &target.id, parameters);
    }
}

fn link(response: &mut Response, target: &str, parameters: Vec<(&str, Value)>) {
    let link = LinkBuilder::new().operation_id(target);
    let link = parameters.into_iter().fold(link, |link, (name, value)| link.parameter(name, value));
    response.links.insert(target.to_owned(), RefOr::T(link.build()));
}
