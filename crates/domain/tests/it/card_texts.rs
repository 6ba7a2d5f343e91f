//! Texts of a card: those that are searched, and the size of all.

use domain::{
    contact::{
        AddressLine, CardErrorReason, ContactCard, Label, LabeledAddress, LabeledLink, Link, Notes, SearchForms,
    },
    text::Invalid,
};
use serde_json::{Value, json};
use testkit::samples;

use crate::cards::{complete, found, members, strings, today};

/// Members by which a contact can be called.
const IDENTIFYING: [&str; 7] =
    ["first_name", "last_name", "middle_name", "nickname", "organization", "emails", "phones"];
/// Other texts that `q` searches.
const ALSO_SEARCHED: [&str; 11] = [
    "notes",
    "prefix",
    "suffix",
    "phonetic_first_name",
    "phonetic_last_name",
    "department",
    "job_title",
    "pronouns",
    "addresses",
    "urls",
    "tags",
];

#[test]
fn each_member_has_its_part_in_search_size_and_name() {
    for (name, value) in members(&complete()) {
        let alone = ContactCard::parse(json!({ &name: value }), today());
        assert_eq!(alone.is_ok(), IDENTIFYING.contains(&name.as_str()), "{name}: a contact can be called by it");

        let card = ContactCard::parse(json!({ &name: value, "nickname": "nick" }), today()).unwrap();
        let SearchForms { text, phones, .. } = SearchForms::of(card.card());
        let is_searched = IDENTIFYING.contains(&name.as_str()) || ALSO_SEARCHED.contains(&name.as_str());
        for part in strings(&value).into_iter().filter(|part| name != "birthday" && !part.ends_with("label")) {
            // Phones are searched by their digits, beside the text.
            let (text, part) = match &phones {
                Some(phones) if name == "phones" => (phones, domain::folding::digits(part)),
                _ => (&text, domain::folding::fold(part)),
            };
            assert_eq!(text.contains(&part), is_searched, "{name}: {part} in {text:?}");
        }
        assert!(!text.contains("label"), "labels are not searched");
    }
}

/// A complete card whose texts have exactly the maximum size.
fn largest() -> Value {
    let mut body = complete();
    let link = json!({"url": format!("https://example.com/{}", "x".repeat(1980))});
    let address = json!({"street": "s".repeat(200), "city": "c".repeat(200), "region": "r".repeat(200)});
    let mut list = |name: &str, more: Vec<Value>| body.get_mut(name).unwrap().as_array_mut().unwrap().extend(more);
    list("urls", vec![link; 19]);
    list("addresses", vec![address; 19]);
    let mut body = members(&body);
    body.remove("notes");
    // The birthday is no text.
    let texts: usize = body.values().flat_map(strings).map(str::len).sum();
    let used = texts - "1871-02-25".len();
    let room = ContactCard::MAX_BYTES - used;
    // Notes have at most 5,000 characters, so most of these have four bytes.
    let notes = format!("{}{}", "😀".repeat(room / 4 - 1), "n".repeat(4 + room % 4));
    body.insert("notes".to_owned(), notes.into());
    body.into()
}

/// Lengthens the text at a position among the strings of a JSON value by one byte.
fn lengthen(json: &mut Value, position: &mut usize) {
    match json {
        Value::String(text) => {
            if *position == 0 {
                text.insert(if text.contains('@') { 0 } else { text.len() }, '3');
            }
            *position = position.wrapping_sub(1);
        }
        Value::Array(items) => items.iter_mut().for_each(|item| lengthen(item, position)),
        Value::Object(members) => members.values_mut().for_each(|member| lengthen(member, position)),
        _ => {}
    }
}

#[test]
fn every_text_counts_towards_the_size() {
    let largest = largest();
    ContactCard::parse(largest.clone(), today()).unwrap();
    let texts = strings(&largest);
    for (number, text) in texts.iter().enumerate().filter(|(_, text)| text.len() < 200 && **text != "1871-02-25") {
        let mut longer = largest.clone();
        lengthen(&mut longer, &mut number.clone());
        let errors = ContactCard::parse(longer, today()).unwrap_err();
        assert_eq!(found(&errors), [("", "too-long")], "{text} does not count");
    }
}

#[test]
fn total_text_of_a_contact_is_limited() {
    let today = today();
    let label = || Some(Label::parse(&"ї".repeat(50)).unwrap());
    let link =
        LabeledLink { label: label(), url: Link::parse(&format!("https://example.com/{}", "x".repeat(1980))).unwrap() };
    let line = || Some(AddressLine::parse(&"є".repeat(180)).unwrap());
    let address = LabeledAddress {
        label: None,
        street: line(),
        city: line(),
        region: line(),
        postal_code: line(),
        country: line(),
    };
    let of = |notes: usize| ContactCard {
        urls: vec![link.clone(); 19],
        addresses: vec![address.clone(); 14],
        notes: Some(Notes::parse(&"x".repeat(notes)).unwrap()),
        ..samples::card("A", "B")
    };
    // What the links with their labels, the addresses and the name leave.
    let room = ContactCard::MAX_BYTES - 19 * 2_100 - 14 * 5 * 360 - 2;
    assert!(of(room).check(today).is_ok());
    let [error] = of(room + 1).check(today).unwrap_err().try_into().unwrap();
    assert_eq!(found(std::slice::from_ref(&error)), [("", "too-long")]);
    let CardErrorReason::Invalid(invalid @ Invalid::TooLong { .. }) = error.reason else { panic!("{error:?}") };
    assert!(invalid.to_string().contains("65536 bytes"), "{invalid}");
}
