//! Inputs of the documented operations: query parameters, headers, and ids in bodies. A new one must be listed here.
//! Either it can name something of a user, and `references` has a request with what another user has, or it cannot.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::documentation::{document, parts, schemas};

/// Inputs that can name something of a user, by operation. An id in a body has the name of its schema and property.
pub(super) const REFERENCES: [(&str, &str); 9] = [
    ("GET /api/contacts", "cursor"),
    ("GET /api/contacts/changes", "since"),
    ("GET /api/contacts/trash", "cursor"),
    ("POST /api/contacts", "Idempotency-Key"),
    ("POST /api/contacts/batch", "BatchDelete.id"),
    ("POST /api/contacts/batch", "BatchUpdate.id"),
    ("POST /api/contacts/batch", "Idempotency-Key"),
    ("POST /api/contacts/import", "Idempotency-Key"),
    ("PUT /api/contacts/{id}", "ContactReplacement.id"),
];

/// Inputs that cannot name something of a user, with the reason.
const NOT_REFERENCES: [(&str, &[&str]); 5] = [
    ("compares values of the own contacts", &["q", "first_name", "last_name", "email", "phone", "tag", "favorite"]),
    ("is an order, a number or a time zone", &["sort", "skip", "limit", "days", "timezone"]),
    ("describes the file of the answer", &["format", "version", "photos"]),
    (
        "describes the file of the request, or how to import it",
        &["mode", "dry_run", "charset", "delimiter", "mapping", "has_header", "date_order", "unknown_to_note"],
    ),
    ("is a version of what the path names", &["If-Match", "If-None-Match"]),
];

#[test]
fn each_documented_input_is_listed() {
    let is_listed = |name: &str| NOT_REFERENCES.iter().any(|(_, names)| names.contains(&name));
    let references: BTreeSet<(String, String)> = inputs().into_iter().filter(|(_, name)| !is_listed(name)).collect();
    let listed = REFERENCES.map(|(operation, name)| (operation.to_owned(), name.to_owned()));
    assert_eq!(references, BTreeSet::from(listed), "the OpenAPI document, and the lists in documented_inputs.rs");
}

#[test]
fn each_listed_input_is_documented() {
    let inputs = inputs();
    for (reason, names) in NOT_REFERENCES {
        for name in names {
            assert!(inputs.iter().any(|(_, input)| input == name), "{name}, which {reason}, is not documented");
        }
    }
}

/// Returns the inputs of all operations: pairs of an operation, like `GET /api/me`, and a name.
fn inputs() -> BTreeSet<(String, String)> {
    let document = document();
    let mut inputs = BTreeSet::new();
    for (path, item) in parts(&document["paths"]) {
        for (method, operation) in parts(item) {
            let operation_name = format!("{} {path}", method.to_uppercase());
            let mut names = ids(&document, &operation["requestBody"]);
            // Each path parameter is in the path of its route.
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let parameters = parameters.filter(|parameter| parameter["in"] != "path");
            names.extend(parameters.map(|parameter| parameter["name"].as_str().unwrap().to_owned()));
            inputs.extend(names.into_iter().map(|name| (operation_name.clone(), name)));
        }
    }
    inputs
}

/// Returns the ids in a body, like `BatchUpdate.id`.
fn ids(document: &Value, body: &Value) -> Vec<String> {
    let mut found = BTreeMap::from([("body".to_owned(), body)]);
    schemas(document, body, &mut found);
    let mut ids = Vec::new();
    for (name, schema) in found {
        add_ids(&name, schema, &mut ids);
    }
    ids
}

/// Adds the properties of a schema that are ids, or lists of ids.
fn add_ids(name: &str, schema: &Value, ids: &mut Vec<String>) {
    for (property, value) in parts(&schema["properties"]) {
        if value["format"] == "uuid" || value["items"]["format"] == "uuid" {
            ids.push(format!("{name}.{property}"));
        }
    }
    match schema {
        Value::Object(fields) => fields.values().for_each(|field| add_ids(name, field, ids)),
        Value::Array(items) => items.iter().for_each(|item| add_ids(name, item, ids)),
        _ => {}
    }
}
