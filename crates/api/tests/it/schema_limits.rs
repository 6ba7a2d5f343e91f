//! Limits in the schemas of contacts.

use std::collections::BTreeMap;

use domain::contact::{
    AddressLine, ContactCard, JobTitle, Label, Link, Nickname, Notes, Organization, PersonName, PhoneNumber, Tag, batch,
};
use serde_json::{Value, json};

use crate::documentation::{document, parts, schemas};

/// The schema at a path in a body, with references resolved.
fn schema_at<'a>(document: &'a Value, body: &str, path: &[&str]) -> &'a Value {
    path.iter().fold(&document["components"]["schemas"][body], |schema, step| {
        let inner = if *step == "*" { &schema["items"] } else { &schema["properties"][*step] };
        match inner["$ref"].as_str() {
            Some(reference) => document.pointer(reference.strip_prefix('#').unwrap()).unwrap(),
            None => inner,
        }
    })
}

#[test]
fn contact_schema_limits_match_the_domain_rules() {
    let document = document();
    let texts: [(&[&str], usize); 18] = [
        (&["first_name"], PersonName::MAX),
        (&["last_name"], PersonName::MAX),
        (&["middle_name"], PersonName::MAX),
        (&["nickname"], Nickname::MAX),
        (&["organization"], Organization::MAX),
        (&["job_title"], JobTitle::MAX),
        (&["notes"], Notes::MAX),
        (&["tags", "*"], Tag::MAX),
        (&["emails", "*", "label"], Label::MAX),
        (&["emails", "*", "address"], 254),
        (&["phones", "*", "number"], PhoneNumber::MAX),
        (&["urls", "*", "url"], Link::MAX),
        (&["addresses", "*", "label"], Label::MAX),
        (&["addresses", "*", "street"], AddressLine::MAX),
        (&["addresses", "*", "city"], AddressLine::MAX),
        (&["addresses", "*", "region"], AddressLine::MAX),
        (&["addresses", "*", "postal_code"], AddressLine::MAX),
        (&["addresses", "*", "country"], AddressLine::MAX),
    ];
    for body in ["ContactInput", "ContactPatch"] {
        let text = |path: &[&str]| schema_at(&document, body, path);
        for (path, max) in texts {
            let schema = text(path);
            assert_eq!(schema["maxLength"], json!(max), "{body} {path:?}");
            assert!(schema["minLength"].as_u64() >= Some(1), "{body} {path:?}: blank text is rejected");
        }
        for (list, max) in [
            ("emails", ContactCard::MAX_VALUES),
            ("phones", ContactCard::MAX_VALUES),
            ("addresses", ContactCard::MAX_VALUES),
            ("urls", ContactCard::MAX_VALUES),
            ("tags", ContactCard::MAX_TAGS),
        ] {
            assert_eq!(text(&[list])["maxItems"], json!(max), "{body} {list}");
        }
        assert!(text(&["birthday"])["pattern"].is_string(), "{body}");
        assert!(document["components"]["schemas"][body]["required"].is_null(), "{body}: no field must be there");
        // Each later member of a contact must have bounds too.
        let mut all = BTreeMap::new();
        schemas(&document, &document["components"]["schemas"][body], &mut all);
        all.insert(body.to_owned(), &document["components"]["schemas"][body]);
        for (name, schema) in all {
            for (field, schema) in parts(&schema["properties"]) {
                let is = |kind: &str| schema["type"] == kind || schema["type"] == json!([kind, "null"]);
                assert!(
                    !is("string") || schema["maxLength"].is_u64() || schema["pattern"].is_string(),
                    "{name} {field}"
                );
                assert!(!is("array") || schema["maxItems"].is_u64(), "{name} {field}");
            }
        }
    }
    for parameter in document["paths"]["/api/contacts"]["get"]["parameters"].as_array().unwrap() {
        let schema = &parameter["schema"];
        let is_bounded = schema["maxLength"].is_u64() || schema["pattern"].is_string();
        assert!(schema["type"] != "string" || is_bounded, "{parameter}");
    }
}

/// Each field has a row in the table, with the limit of the document.
#[test]
fn limit_of_each_contact_field_is_documented() {
    let text = include_str!("../../../../docs/behaviour/contacts.md");
    let (_, table) = text.split_once("| Field | Limit |").unwrap();
    let rows: Vec<(&str, &str)> = table
        .lines()
        .skip(2)
        .map_while(|row| row.trim_matches('|').split_once(" | "))
        .map(|(fields, limit)| (fields, limit.trim()))
        .collect();
    let document = document();
    for (field, schema) in parts(&document["components"]["schemas"]["ContactInput"]["properties"]) {
        let limit = match (&schema["maxLength"], &schema["maxItems"]) {
            (Value::Number(characters), _) => format!("{characters} characters"),
            (_, Value::Number(items)) if field == "tags" => {
                format!("{items}. Duplicates count here and are stored once")
            }
            (_, Value::Number(items)) => format!("{items} of each"),
            _ => "none".to_owned(),
        };
        let is_documented =
            rows.iter().any(|(fields, documented)| fields.contains(&format!("`{field}`")) && *documented == limit);
        assert!(is_documented, "docs/behaviour/contacts.md: `{field}` has the limit: {limit}");
    }
}

#[test]
fn lists_of_other_requests_have_the_bounds_of_the_service() {
    let document = document();
    let operations = schema_at(&document, "BatchRequest", &["operations"]);
    assert_eq!((&operations["minItems"], &operations["maxItems"]), (&json!(1), &json!(batch::MAX_OPERATIONS)));
    assert_eq!(operations["items"]["$ref"], "#/components/schemas/BatchOperation");
    assert!(operations["description"].is_string());
    assert_eq!(schema_at(&document, "AppPasswordRequest", &["scopes"])["minItems"], json!(1));
}
