//! Fuzz targets of what clients send as text: see `crates/fuzz`.

use domain::{
    app_password::AppPasswordSecret,
    contact::{CardPatch, ContactCard, Filter, SearchForms, Sort, card_resource::CardName, changes::SyncToken},
    idempotency::IdempotencyKey,
    secret::Secret,
    session::RefreshToken,
};

use crate::cards::today;

/// Secrets and tokens in every form. What is accepted is written and read unchanged.
#[test]
fn tokens() {
    fuzz::check!("tokens", 20_000, |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        if let Some(secret) = Secret::parse(&text) {
            assert_eq!(secret.reveal(), text.to_ascii_lowercase());
        }
        if let Some(secret) = Secret::parse_copied(&text) {
            assert!(text.to_ascii_lowercase().contains(&secret.reveal()));
        }
        if let Some(token) = RefreshToken::parse(&text) {
            assert!(text.to_ascii_lowercase().contains(&token.reveal()));
            assert!(!format!("{token:?}").contains(&token.secret.reveal()));
        }
        if let Some(secret) = AppPasswordSecret::parse(&text) {
            assert_eq!(AppPasswordSecret::parse(&secret.reveal()), Some(secret));
        }
        if let Ok(token) = text.parse::<SyncToken>() {
            assert_eq!(token.to_string().parse(), Ok(token));
            assert!(token.after.0 >= 0);
        }
        if let Ok(name) = CardName::parse(&text) {
            assert_eq!(name.as_str(), text);
        }
        drop((IdempotencyKey::parse(&text), text.parse::<Sort>()));
    });
}

/// The JSON of a contact, as a whole and as a patch. What is accepted is stored, searched and read unchanged.
#[test]
fn card() {
    fuzz::check!("card", 3_000, |bytes: &[u8]| {
        let Ok(json) = serde_json::from_slice::<serde_json::Value>(bytes) else { return };
        if let Ok(valid) = ContactCard::parse(json.clone(), today()) {
            let stored = valid.to_json();
            assert_eq!(&stored.parse().unwrap(), valid.card());
            assert_eq!(valid.card().clone().check(today()).as_ref(), Ok(&valid));
            assert!(valid.card().bytes() <= ContactCard::MAX_BYTES && valid.card().has_name());
            drop(SearchForms::of(valid.card()));
        }
        if let Ok(patch) = CardPatch::parse(json, today()) {
            let before = ContactCard::parse(crate::cards::complete(), today()).unwrap();
            if let Ok(after) = patch.clone().apply(&before.to_json()) {
                assert_eq!(patch.apply(&after.to_json()), Ok(after), "a patch can be repeated");
            }
        }
        drop(Filter::words(&String::from_utf8_lossy(bytes)));
    });
}
