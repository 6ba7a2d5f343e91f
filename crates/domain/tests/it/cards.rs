//! Cards: validation, JSON form and patches.

use chrono::NaiveDate;
use domain::contact::{
    CardError, CardErrorReason, CardJson, CardPatch, ContactCard, ContactEmail, LabeledEmail, Nickname, Notes,
    PatchError, Tag, UnreadableCard,
};
use serde_json::{Map, Value, json};
use testkit::samples;

pub(crate) fn today() -> NaiveDate {
    samples::now().date_naive()
}

/// Returns the pointers and codes of errors, sorted.
pub(crate) fn found(errors: &[CardError]) -> Vec<(&str, &'static str)> {
    let code = |reason: &CardErrorReason| match reason {
        CardErrorReason::Invalid(invalid) => invalid.code(),
        CardErrorReason::WrongType { .. } => "wrong-type",
        CardErrorReason::Missing => "missing",
        CardErrorReason::UnknownField { .. } => "unknown-field",
    };
    let mut found: Vec<_> = errors.iter().map(|error| (error.pointer.as_str(), code(&error.reason))).collect();
    found.sort_unstable();
    found
}

/// A card in which every member has a value, each text another one.
pub(crate) fn complete() -> Value {
    json!({
        "prefix": "prefix", "suffix": "suffix", "phonetic_first_name": "phoneticfirst", "phonetic_last_name": "phoneticlast",
        "pronouns": "pronouns", "department": "department",
        "first_name": "firstname", "last_name": "lastname", "middle_name": "middlename", "nickname": "nick",
        "organization": "organ", "job_title": "job",
        "emails": [{"label": "emaillabel", "address": "email@example.com"}],
        "phones": [{"label": "phonelabel", "number": "+380 67 111-22-33"}],
        "addresses": [{
            "label": "addresslabel", "street": "street", "city": "city", "region": "region", "postal_code": "postal",
            "country": "country",
        }],
        "urls": [{"label": "urllabel", "url": "https://example.com/url"}],
        "birthday": "1871-02-25", "notes": "notes", "tags": ["tag"], "favorite": true,
    })
}

pub(crate) fn members(json: &Value) -> Map<String, Value> {
    json.as_object().unwrap().clone()
}

/// Returns all strings of a JSON value.
pub(crate) fn strings(json: &Value) -> Vec<&str> {
    match json {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(strings).collect(),
        Value::Object(members) => members.values().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}

fn stored(json: &CardJson) -> Value {
    serde_json::from_str(json.as_str()).unwrap()
}

#[test]
fn a_complete_card_survives_every_form() {
    let json = ContactCard::parse(complete(), today()).unwrap().to_json();
    assert_eq!(stored(&json), complete(), "request and storage have one form");
    let card = json.parse().unwrap();
    assert_eq!(card.clone().check(today()).unwrap().to_json(), json);
    assert_eq!(json.rewritten().unwrap(), json);
    assert_eq!(CardJson::from_stored(json.as_str().to_owned()), Ok(json.clone()));
    assert_eq!(format!("{{{}}}", json.members()), json.as_str());
    let empty = serde_json::to_value(ContactCard::default()).unwrap();
    assert_eq!(
        members(&empty).keys().collect::<Vec<_>>(),
        members(&complete()).keys().collect::<Vec<_>>(),
        "every member of a card is in the sample"
    );
    for (name, value) in members(&empty) {
        let expected = if name == "favorite" {
            json!(false)
        } else if complete()[&name].is_array() {
            json!([])
        } else {
            Value::Null
        };
        assert_eq!(value, expected, "{name}: a missing text is null, a missing list is empty");
    }
}

#[test]
fn stored_cards_are_read_whatever_an_earlier_version_accepted_or_left_out() {
    let text =
        r#"{"first_name":" ","emails":[{"address":"nobody"}],"addresses":[{"city":" Kyiv "}],"tags":[""],"later":1}"#;
    let card = CardJson::from_stored(text.to_owned()).unwrap().parse().unwrap();
    assert_eq!(card.first_name.unwrap().as_str(), " ");
    assert_eq!((card.emails[0].label.clone(), card.emails[0].address.as_str()), (None, "nobody"));
    for unreadable in ["", "null", "[]", "{\"a\":1"] {
        assert!(CardJson::from_stored(unreadable.to_owned()).is_err(), "{unreadable}");
    }
    for unreadable in ["{}}", r#"{"birthday":"1990-02-30"}"#, r#"{"first_name":5}"#, r#"{"emails":null}"#] {
        let json = CardJson::from_stored(unreadable.to_owned()).unwrap();
        assert!(json.parse().is_err() && json.rewritten().is_err(), "{unreadable}");
        assert_eq!(CardPatch::default().apply(&json), Err(PatchError::Unreadable(UnreadableCard)), "{unreadable}");
    }
}

#[test]
fn all_errors_are_reported_at_once_with_their_pointers() {
    let cases = [
        (json!([1]), vec![("", "wrong-type")]),
        (json!(null), vec![("", "wrong-type")]),
        (json!({}), vec![("", "contact-empty")]),
        (json!({"notes": 5}), vec![("", "contact-empty"), ("/notes", "wrong-type")]),
        (json!({"first_name": 5}), vec![("/first_name", "wrong-type")]),
        (json!({"emails": 5}), vec![("/emails", "wrong-type")]),
        (
            json!({"emails": [7, {"label": "x"}, {"address": null}]}),
            vec![("/emails/0", "wrong-type"), ("/emails/1/address", "missing"), ("/emails/2/address", "wrong-type")],
        ),
        (
            json!({"nickname": "a", "a/b~c": 1, "urls": [{"url": "https://example.com", "x": 1}]}),
            vec![("/a~1b~0c", "unknown-field"), ("/urls/0/x", "unknown-field")],
        ),
        (
            json!({"last_name": "", "birthday": "2999-01-01", "tags": vec!["t"; 51], "favorite": "yes"}),
            vec![
                ("/birthday", "in-the-future"),
                ("/favorite", "wrong-type"),
                ("/last_name", "blank"),
                ("/tags", "too-long"),
            ],
        ),
    ];
    for (body, expected) in cases {
        assert_eq!(found(&ContactCard::parse(body.clone(), today()).unwrap_err()), expected, "{body}");
    }
    let many: Map<String, Value> = (0..5000).map(|number| (format!("x{number}"), Value::Null)).collect();
    assert_eq!(ContactCard::parse(Value::Object(many), today()).unwrap_err().len(), CardError::MAX_REPORTED);
    let long = json!({"a".repeat(5000): 1, "nickname": "a"});
    assert_eq!(ContactCard::parse(long, today()).unwrap_err()[0].pointer.len(), 101, "a long name is shortened");
}

#[test]
fn null_is_the_same_as_an_absent_member() {
    let nulls: Map<String, Value> = members(&complete()).keys().map(|name| (name.clone(), Value::Null)).collect();
    let only_name = |mut members: Map<String, Value>| {
        members.insert("nickname".to_owned(), json!("a"));
        ContactCard::parse(Value::Object(members), today()).unwrap()
    };
    assert_eq!(only_name(nulls), only_name(Map::new()));
}

#[test]
fn a_patch_changes_one_member_only() {
    let full = ContactCard::parse(complete(), today()).unwrap();
    let bare =
        samples::valid(ContactCard { nickname: Some(Nickname::parse("кіт").unwrap()), ..ContactCard::default() });
    for (name, value) in members(&complete()) {
        let patch = CardPatch::parse(json!({ &name: value }), today()).unwrap();
        let mut expected = members(&serde_json::to_value(bare.card()).unwrap());
        expected.insert(name.clone(), value);
        let set = patch.apply(&bare.to_json()).unwrap();
        assert_eq!(serde_json::to_value(set.card()).unwrap(), Value::Object(expected), "{name} is set");

        let patch = CardPatch::parse(json!({ &name: null }), today()).unwrap();
        let mut expected = members(&complete());
        expected.insert(name.clone(), serde_json::to_value(ContactCard::default()).unwrap()[&name].clone());
        let cleared = patch.apply(&full.to_json()).unwrap();
        assert_eq!(serde_json::to_value(cleared.card()).unwrap(), Value::Object(expected), "{name} is cleared");
    }
    let nothing = CardPatch::parse(json!({}), today()).unwrap();
    assert_eq!(nothing.apply(&full.to_json()).unwrap(), full);
}

#[test]
fn a_patch_reports_its_own_errors_only() {
    let body = json!({
        "job_title": 5, "emails": [{"address": "bad"}], "birthday": "2999-01-01", "unknown": 1,
        "phones": vec![json!({"number": "112"}); 21],
    });
    let errors = CardPatch::parse(body, today()).unwrap_err();
    let expected = [
        ("/birthday", "in-the-future"),
        ("/emails/0/address", "invalid-email"),
        ("/job_title", "wrong-type"),
        ("/phones", "too-long"),
        ("/unknown", "unknown-field"),
    ];
    assert_eq!(found(&errors), expected);
    assert_eq!(found(&CardPatch::parse(json!([]), today()).unwrap_err()), [("", "wrong-type")]);

    // The stored e-mail and birthday break the rules of today. A patch of other members is accepted.
    let old = r#"{"first_name":"A","emails":[{"label":null,"address":"nobody"}],"birthday":"2999-01-01"}"#;
    let old = CardJson::from_stored(old.to_owned()).unwrap();
    let patch = CardPatch::parse(json!({"notes": " x "}), today()).unwrap();
    let changed = patch.apply(&old).unwrap();
    assert_eq!(changed.card().notes, Some(Notes::parse("x").unwrap()));
    assert_eq!(changed.card().emails, old.parse().unwrap().emails);

    let empty = CardPatch::parse(json!({"first_name": null, "emails": []}), today()).unwrap();
    let PatchError::Invalid(errors) = empty.apply(&old).unwrap_err() else { panic!("the card was readable") };
    assert_eq!(found(&errors), [("", "contact-empty")]);
}

#[test]
fn contact_without_a_name_or_email_is_rejected() {
    let today = today();
    let email = LabeledEmail { label: None, address: ContactEmail::parse("A@example.com").unwrap() };
    let enough = [
        samples::card("Леся", "Українка"),
        ContactCard { nickname: Some(Nickname::parse("Кіт").unwrap()), ..ContactCard::default() },
        ContactCard { emails: vec![email.clone()], ..ContactCard::default() },
    ];
    for card in enough {
        assert!(card.check(today).is_ok());
    }
    let hollow = ContactCard { notes: Some(Notes::parse("?").unwrap()), favorite: true, ..ContactCard::default() };
    assert_eq!(found(&hollow.check(today).unwrap_err()), [("", "contact-empty")]);

    let tags = ["Друг", "друг", "ДРУГ", "work", "гай", "гаї", "гаи", "wo\u{200b}rk\u{feff}"];
    let tags = tags.map(|tag| Tag::parse(tag).unwrap()).to_vec();
    let valid = ContactCard { tags, ..samples::card("A", "B") }.check(today).unwrap();
    let tags: Vec<&str> = valid.card().tags.iter().map(Tag::as_str).collect();
    assert_eq!(tags, ["Друг", "work", "гай", "гаї", "гаи"]);

    let excess = ContactCard {
        emails: vec![email; 21],
        birthday: Some("2026-11-22".parse().unwrap()),
        ..ContactCard::default()
    };
    let errors = excess.check(today).unwrap_err();
    assert_eq!(found(&errors), [("/birthday", "in-the-future"), ("/emails", "too-long")], "all errors at once");
}
