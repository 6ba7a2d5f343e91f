//! Links of the OpenAPI document (OpenAPI 3.1, Link Object): a client that follows one sends a request that is accepted.

use std::collections::BTreeMap;

use image::ImageFormat;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::{
    documentation::{document, operations, parts, responses},
    pictures::{encoded, file},
    service::{Answer, Person, Service, on_both},
};

on_both!(each_link_leads_to_an_accepted_request);

/// Method and path of an operation, by its id.
type Routes<'a> = BTreeMap<&'a str, (Method, &'a str)>;

/// Values of the parameters of a request, by their names.
type Parameters = BTreeMap<String, String>;

async fn each_link_leads_to_an_accepted_request(service: Service) {
    let document = document();
    let operations = operations(&document);
    let routes: Routes<'_> = operations
        .iter()
        .map(|(route, operation)| {
            let (method, path) = route.split_once(' ').unwrap();
            let method = method.to_uppercase().parse().unwrap();
            (operation["operationId"].as_str().unwrap(), (method, path))
        })
        .collect();
    let mut number = 0;
    for (_, operation) in &operations {
        let source = operation["operationId"].as_str().unwrap();
        for (status, response) in responses(&document, operation) {
            for (name, link) in parts(&response["links"]) {
                number += 1;
                // Another person each time, because a link may lead to the end of the session.
                let person = service.stored_person(&format!("person-{number}@example.com")).await;
                let known = prepared(&person, source).await;
                let answer = sent(&person, &routes, source, &known).await;
                assert_eq!(answer.status.as_str(), status, "{source}: {}", answer.text);
                let values = parts(&link["parameters"])
                    .map(|(parameter, value)| (parameter.clone(), value_of(value, &known, &answer)));
                let target = link["operationId"].as_str().unwrap();
                let followed = sent(&person, &routes, target, &values.collect()).await;
                assert!(followed.status.is_success(), "{source} {name}: {} {}", followed.status, followed.text);
            }
        }
    }
    assert!(number > 0, "the document has no link");
}

/// Makes what a request needs to succeed, and to have a successor. Returns its parameters.
async fn prepared(person: &Person<'_>, operation: &str) -> Parameters {
    let mut ids = Vec::new();
    for name in ["Леся", "Olena"] {
        ids.push(person.add(&json!({"first_name": name})).await["id"].as_str().unwrap().to_owned());
    }
    if matches!(operation, "restore_contact" | "list_trash") {
        for id in &ids {
            assert!(person.send(Method::DELETE, &format!("/api/contacts/{id}")).await.status.is_success());
        }
    }
    // After one of two items there is another page.
    let is_paged = matches!(operation, "list_contacts" | "list_trash" | "list_changes");
    let (name, value) = if is_paged { ("limit", "1".to_owned()) } else { ("id", ids.remove(0)) };
    Parameters::from([(name.to_owned(), value)])
}

/// Sends a request with these parameters: in the path, in the header `If-Match`, or else in the query.
async fn sent(person: &Person<'_>, routes: &Routes<'_>, operation: &str, parameters: &Parameters) -> Answer {
    let (method, path) = &routes[operation];
    let mut path = (*path).to_owned();
    let mut if_match = None;
    for (name, value) in parameters {
        let placeholder = format!("{{{name}}}");
        if path.contains(&placeholder) {
            path = path.replace(&placeholder, value);
        } else if name == "If-Match" {
            if_match = Some(value);
        } else if name != "id" {
            // The values have only characters that need no escape.
            path = format!("{path}?{name}={value}");
        }
    }
    let request = with_body(person.request(method.clone(), &path), operation);
    let request = if_match.into_iter().fold(request, |request, value| request.header("if-match", value));
    Answer::of(request.send().await.unwrap()).await
}

fn with_body(request: RequestBuilder, operation: &str) -> RequestBuilder {
    match operation {
        "create_contact" | "replace_contact" => request.json(&json!({"first_name": "Iryna"})),
        "patch_contact" => request.json(&json!({"nickname": "Ira"})),
        "create_app_password" => request.json(&json!({"name": "Phone"})),
        "change_photo" => request.multipart(file(encoded(64, 48, ImageFormat::Png))),
        _ => request,
    }
}

/// Returns the value of a runtime expression (OpenAPI 3.1, 4.8.20.4), given a request and its answer.
fn value_of(expression: &Value, request: &Parameters, answer: &Answer) -> String {
    let expression = expression.as_str().unwrap();
    if let Some(pointer) = expression.strip_prefix("$response.body#") {
        return answer
            .json
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("{expression}"))
            .to_owned();
    }
    match expression.rsplit_once('.') {
        Some(("$response.header", name)) => answer.header(name).to_owned(),
        Some(("$request.path", name)) => request[name].clone(),
        _ => panic!("{expression} is not known"),
    }
}
