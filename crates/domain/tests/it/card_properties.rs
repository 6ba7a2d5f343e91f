//! Properties of every card: its JSON form, its bounds, and its patches, which are compared with an independent merge
//! patch.

use std::collections::BTreeSet;

use domain::contact::{
    CardError, CardErrorReason, CardJson, CardPatch, ContactCard, PatchError, SearchForms, SortedMembers, ValidCard,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::{
    cards::{complete, found, members, strings, today},
    value_properties::any_text,
};

/// A text that most members accept.
fn word() -> impl Strategy<Value = Value> {
    prop_oneof![3 => "[A-Za-zА-яїґєі' -]{1,12}", 1 => any_text()].prop_map(Value::from)
}

/// Any JSON, not deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any_text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z/~]{0,9}", inner, 0..4).prop_map(|members| json!(members)),
        ]
    })
}

fn labeled(member: &'static str, value: impl Strategy<Value = Value> + 'static) -> impl Strategy<Value = Value> {
    let item = (prop::option::weighted(0.4, word()), value).prop_map(move |(label, value)| match label {
        Some(label) => json!({"label": label, member: value}),
        None => json!({ member: value }),
    });
    let item = item.boxed();
    prop_oneof![20 => prop::collection::vec(item.clone(), 0..4), 1 => prop::collection::vec(item, 19..23)]
        .prop_map(Value::from)
}

/// A value for a member of a card, usually one that it accepts.
fn value_of(member: &str) -> BoxedStrategy<Value> {
    let email = prop_oneof![4 => "[a-z]{1,6}@[a-z]{1,6}(\\.com)?".prop_map(Value::from), 1 => word()];
    let phone = prop_oneof![4 => "\\+?[0-9 ()-]{3,14}".prop_map(Value::from), 1 => word()];
    let link = prop_oneof![4 => "(https://)?[a-z]{1,6}\\.com(/[a-zї]{0,4})?".prop_map(Value::from), 1 => word()];
    let usual = match member {
        "emails" => labeled("address", email).boxed(),
        "phones" => labeled("number", phone).boxed(),
        "urls" => labeled("url", link).boxed(),
        "addresses" => {
            let parts =
                prop::sample::subsequence(vec!["label", "street", "city", "region", "postal_code", "country"], 0..=6);
            let item = (parts, word()).prop_map(|(parts, word)| {
                Value::Object(parts.into_iter().map(|part| (part.to_owned(), word.clone())).collect())
            });
            prop::collection::vec(item, 0..3).prop_map(Value::from).boxed()
        }
        "birthday" => prop_oneof![
            (0u32..3000, 0u32..14, 0u32..33).prop_map(|(y, m, d)| format!("{y:04}-{m:02}-{d:02}")),
            (0u32..14, 0u32..33).prop_map(|(m, d)| format!("--{m:02}-{d:02}")),
        ]
        .prop_map(Value::from)
        .boxed(),
        "tags" => prop_oneof![20 => prop::collection::vec(word(), 0..6), 1 => prop::collection::vec(word(), 49..53)]
            .prop_map(Value::from)
            .boxed(),
        "favorite" => any::<bool>().prop_map(Value::from).boxed(),
        _ => word().boxed(),
    };
    prop_oneof![30 => usual, 3 => Just(Value::Null), 1 => any_json()].boxed()
}

/// The JSON of a client: some members of a card, rarely an unknown one.
fn client_json() -> impl Strategy<Value = Value> {
    let names: Vec<String> = members(&complete()).keys().cloned().collect();
    let count = names.len();
    let object = prop::sample::subsequence(names, 0..=count).prop_flat_map(|names| {
        let values: Vec<_> = names.iter().map(|name| value_of(name)).collect();
        (Just(names), values, prop::option::weighted(0.03, (".{0,3}", any_json())))
    });
    let object = object.prop_map(|(names, values, unknown)| {
        Value::Object(names.into_iter().zip(values).chain(unknown).collect::<Map<_, _>>())
    });
    prop_oneof![30 => object, 1 => any_json()]
}

/// A valid card. Every member has a value now and then.
fn valid_card() -> impl Strategy<Value = ValidCard> {
    client_json().prop_map(|mut json| {
        if !json.is_object() {
            json = json!({});
        }
        let mut valid = ContactCard::parse(json.clone(), today());
        while let Err(errors) = &valid {
            let members = json.as_object_mut().unwrap();
            // Members with an error are left out, and a card without a name gets one.
            for error in errors {
                let name = error.pointer.split('/').nth(1).map(|name| name.replace("~1", "/").replace("~0", "~"));
                match name {
                    Some(name) => drop(members.remove(&name)),
                    None => drop(members.insert("nickname".to_owned(), json!("Кіт"))),
                }
            }
            valid = ContactCard::parse(json.clone(), today());
        }
        valid.unwrap()
    })
}

/// MergePatch of RFC 7396, section 2, as it is written there.
fn merge_patch(target: &Value, patch: &Value) -> Value {
    let Value::Object(patch) = patch else { return patch.clone() };
    let mut target = target.as_object().cloned().unwrap_or_default();
    for (name, value) in patch {
        if value.is_null() {
            target.remove(name);
        } else {
            let merged = merge_patch(target.get(name).unwrap_or(&Value::Null), value);
            target.insert(name.clone(), merged);
        }
    }
    Value::Object(target)
}

fn json_of(card: &ValidCard) -> Value {
    serde_json::from_str(card.to_json().as_str()).unwrap()
}

fn pointers(errors: &[CardError]) -> BTreeSet<(&str, &'static str)> {
    found(errors).into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn valid_card_is_the_same_in_every_form(valid in valid_card()) {
        let json = valid.to_json();
        prop_assert_eq!(&json.parse().unwrap(), valid.card());
        prop_assert_eq!(json.rewritten().unwrap(), json.clone());
        prop_assert_eq!(CardJson::from_stored(json.as_str().to_owned()), Ok(json.clone()));
        let again = ContactCard::parse(json_of(&valid), today());
        prop_assert_eq!(again.as_ref(), Ok(&valid), "PUT takes what GET gave");
        let checked = valid.card().clone().check(today());
        prop_assert_eq!(checked.as_ref(), Ok(&valid));
        let SortedMembers { first_name, last_name, birthday } = json.sorted_members();
        let card = valid.card();
        prop_assert_eq!((&first_name, &last_name, birthday), (&card.first_name, &card.last_name, card.birthday));
    }

    /// The size and the name of a card are derived from its walk. Here they follow from the JSON.
    #[test]
    fn size_and_name_of_a_card_follow_from_its_json(valid in valid_card()) {
        let mut json = json_of(&valid);
        json["birthday"] = Value::Null;
        prop_assert_eq!(valid.card().bytes(), strings(&json).iter().map(|text| text.len()).sum::<usize>());
        prop_assert!(valid.card().bytes() <= ContactCard::MAX_BYTES);
        let names = ["first_name", "last_name", "middle_name", "nickname", "organization"];
        let has_name = names.iter().any(|name| json[*name].is_string())
            || ["emails", "phones"].iter().any(|list| json[*list].as_array().is_some_and(|items| !items.is_empty()));
        prop_assert!(has_name && valid.card().has_name());
        let forms = SearchForms::of(valid.card());
        prop_assert_eq!(forms.emails.is_some(), !valid.card().emails.is_empty());
        prop_assert_eq!(forms.phones.is_some(), !valid.card().phones.is_empty());
        prop_assert_eq!(forms.tags.is_some(), !valid.card().tags.is_empty());
    }

    /// Any JSON is a valid card, or has errors at positions that exist in it.
    #[test]
    fn errors_of_a_card_have_pointers_into_its_json(json in client_json()) {
        let Err(errors) = ContactCard::parse(json.clone(), today()) else { return Ok(()) };
        prop_assert!((1..=CardError::MAX_REPORTED).contains(&errors.len()));
        for CardError { pointer, reason } in &errors {
            let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
            match reason {
                CardErrorReason::Missing => prop_assert!(json.pointer(parent).is_some_and(Value::is_object), "{}", pointer),
                _ => prop_assert!(json.pointer(pointer).is_some(), "{}", pointer),
            }
        }
    }

    /// A patch is a PUT of the merged card: the same result, by the same rules.
    #[test]
    fn patch_is_the_merge_of_rfc_7396(valid in valid_card(), patch in client_json()) {
        // The merge removes an unknown member that is null. Here an unknown name is an error, because it is a mistake.
        let known = json_of(&valid);
        let removes_unknown = |(name, value): (&String, &Value)| value.is_null() && known.get(name).is_none();
        prop_assume!(!patch.as_object().is_some_and(|members| members.iter().any(removes_unknown)));
        let merged = ContactCard::parse(merge_patch(&json_of(&valid), &patch), today());
        let patched = match CardPatch::parse(patch.clone(), today()) {
            Ok(patch) => patch.apply(&valid.to_json()).map_err(|error| match error {
                PatchError::Invalid(errors) => errors,
                PatchError::Unreadable(_) => unreachable!("the card is readable"),
            }),
            Err(errors) => Err(errors),
        };
        match (patched, merged) {
            (Ok(patched), merged) => {
                prop_assert_eq!(merged.as_ref(), Ok(&patched));
                prop_assert_eq!(&patched.to_json().parse().unwrap(), patched.card(), "what is read after the patch");
                let again = CardPatch::parse(patch, today()).unwrap().apply(&patched.to_json());
                prop_assert_eq!(again, Ok(patched), "a patch can be repeated");
            }
            // The rules of the whole card are checked when the patch itself is valid.
            (Err(errors), Err(merged)) => prop_assert!(pointers(&errors).is_subset(&pointers(&merged)), "{:?} {:?}", errors, merged),
            (Err(errors), Ok(_)) => prop_assert!(false, "only the patch is rejected: {:?}", errors),
        }
    }
}
