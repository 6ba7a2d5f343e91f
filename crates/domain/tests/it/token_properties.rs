//! Properties of every opaque text that a client holds: it is read as it was written, any other text is rejected without
//! a panic, and neither `Debug` nor `Display` contains it.

use domain::{
    app_password::AppPasswordSecret,
    contact::{
        ChangeNumber,
        changes::{SyncEpoch, SyncToken},
    },
    idempotency::{Fingerprint, IdempotencyKey},
    ids::SessionId,
    picture::PictureKey,
    secret::{SECRET_BYTES, Secret},
    session::RefreshToken,
};
use proptest::prelude::*;
use uuid::Uuid;

use crate::value_properties::any_text;

fn secret() -> impl Strategy<Value = Secret> {
    any::<[u8; SECRET_BYTES]>().prop_map(Secret::from_bytes)
}

fn refresh_token() -> impl Strategy<Value = RefreshToken> {
    (any::<u128>(), secret())
        .prop_map(|(session, secret)| RefreshToken { session: SessionId(Uuid::from_u128(session)), secret })
}

fn sync_token() -> impl Strategy<Value = SyncToken> {
    (any::<u128>(), 0..=i64::MAX, prop::option::of(0..=i64::MAX)).prop_map(|(epoch, after, began_at)| SyncToken {
        epoch: SyncEpoch(Uuid::from_u128(epoch)),
        after: ChangeNumber(after),
        began_at: began_at.map(ChangeNumber),
    })
}

/// Returns the parts of a synchronization token: the epoch in lower case, and the numbers without leading zeros.
fn sync_parts(text: &str) -> Vec<String> {
    let (epoch, numbers) = text.split_once('-').unwrap();
    let number = |digits: &str| format!("{:0>1}", digits.trim_start_matches('0'));
    [epoch.to_ascii_lowercase()].into_iter().chain(numbers.split('-').map(number)).collect()
}

/// Returns the text with one character replaced, removed, or inserted.
pub(crate) fn tampered(text: &str, at: usize, with: char, kind: u8) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let at = at % characters.len();
    match kind % 3 {
        0 => drop(characters.splice(at..=at, [with])),
        1 => drop(characters.remove(at)),
        _ => characters.insert(at, with),
    }
    characters.into_iter().collect()
}

pub(crate) fn character() -> impl Strategy<Value = char> {
    prop_oneof![any::<char>(), prop::char::range('0', 'z'), Just('-'), Just('.'), Just('+'), Just(' '), Just('٣')]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn secret_is_read_as_written_and_never_shown(secret in secret(), other in secret()) {
        let text = secret.reveal();
        prop_assert_eq!(Secret::parse(&text), Some(secret.clone()));
        prop_assert_eq!(Secret::parse_copied(&format!("«{text}».\n")), Some(secret.clone()));
        prop_assert_eq!(format!("{secret:?}"), "Secret(…)");
        prop_assert_eq!(other.unseal(&secret.seal_under(&other)), secret.clone());
        prop_assert_eq!(secret == other, secret.digest() == other.digest());
        let name = PictureKey::photo(PictureKey::unguessable_id(&secret));
        prop_assert!(!text.contains(name.as_str().trim_start_matches("photos/")));
    }

    #[test]
    fn refresh_token_is_read_as_written_and_never_shown(token in refresh_token()) {
        let text = token.reveal();
        prop_assert_eq!(RefreshToken::parse(&text), Some(token.clone()));
        prop_assert_eq!(RefreshToken::parse(&format!("\u{feff} {text}\n")), Some(token.clone()));
        let debug = format!("{token:?}");
        prop_assert!(!debug.contains(&token.secret.reveal()));
    }

    #[test]
    fn app_password_is_read_as_people_type_it_and_never_shown(random in secret(), gaps in prop::collection::vec(0usize..20, 0..8)) {
        let secret = AppPasswordSecret::from_random(&random);
        let text = secret.reveal();
        prop_assert_eq!(text.split('-').map(str::len).collect::<Vec<_>>(), [5; 4]);
        prop_assert_eq!(AppPasswordSecret::parse(&text), Some(secret.clone()));
        let mut typed = text.replace('-', "").to_ascii_uppercase().replace('1', "l").replace('0', "O");
        gaps.into_iter().for_each(|gap| typed.insert(gap, [' ', '-', '\t'][gap % 3]));
        prop_assert_eq!(AppPasswordSecret::parse(&typed), Some(secret.clone()), "{}", typed);
        prop_assert_eq!(format!("{secret:?}"), "AppPasswordSecret(…)");
    }

    #[test]
    fn sync_token_is_read_as_written(token in sync_token(), after in 0..=i64::MAX) {
        let text = token.to_string();
        prop_assert!(text.len() <= SyncToken::MAX_LENGTH);
        prop_assert_eq!(text.parse(), Ok(token));
        let later = token.advanced_to(ChangeNumber(after));
        prop_assert_eq!(later.after, ChangeNumber(after));
        prop_assert!(later.began_at.is_none_or(|began_at| began_at > later.after && Some(began_at) == token.began_at));
    }

    /// A tampered text is rejected, or is another spelling of the same token, or another token.
    #[test]
    fn tampered_token_is_the_same_token_only_in_another_spelling(
        token in refresh_token(), sync in sync_token(), at in any::<usize>(), with in character(), kind in any::<u8>(),
    ) {
        let changed = tampered(&token.reveal(), at, with, kind);
        if let Some(read) = RefreshToken::parse(&changed) {
            let digits = changed.trim_matches(|c: char| !c.is_ascii_hexdigit());
            prop_assert_eq!(read == token, digits.eq_ignore_ascii_case(&token.reveal()), "{:?}", changed);
            prop_assert!(read.reveal().eq_ignore_ascii_case(digits), "{:?}", changed);
        }
        let changed = tampered(&sync.to_string(), at, with, kind);
        if let Ok(read) = changed.parse::<SyncToken>() {
            prop_assert!(read.after.0 >= 0 && read.began_at.is_none_or(|number| number.0 >= 0));
            prop_assert_eq!(read == sync, sync_parts(&changed) == sync_parts(&sync.to_string()), "{:?}", changed);
            prop_assert_eq!(sync_parts(&read.to_string()), sync_parts(&changed));
        }
    }

    #[test]
    fn no_text_causes_a_panic(raw in prop_oneof![any_text(), "[0-9a-f.-]{0,110}"]) {
        if let Some(secret) = Secret::parse(&raw) {
            prop_assert_eq!(secret.reveal(), raw.to_ascii_lowercase());
        }
        if let Some(token) = RefreshToken::parse(&raw) {
            prop_assert_eq!(token.reveal(), raw.trim().to_ascii_lowercase());
        }
        if let Some(secret) = AppPasswordSecret::parse(&raw) {
            prop_assert_eq!(AppPasswordSecret::parse(&secret.reveal()), Some(secret));
        }
        drop((Secret::parse_copied(&raw), raw.parse::<SyncToken>()));
    }

    /// A key is visible ASCII text. Only its digest is stored.
    #[test]
    fn idempotency_key_is_digested(raw in prop_oneof![any_text(), "[!-~]{0,300}"], other in "[!-~]{1,255}", part in 0usize..1_000) {
        let is_valid = (1..=IdempotencyKey::MAX).contains(&raw.len()) && raw.bytes().all(|byte| (b'!'..=b'~').contains(&byte));
        let key = IdempotencyKey::parse(&raw);
        prop_assert_eq!(key.is_ok(), is_valid);
        if let (Ok(key), Ok(other_key)) = (key, IdempotencyKey::parse(&other)) {
            prop_assert_eq!(key == other_key, raw == other);
            let debug = format!("{key:?}");
            prop_assert!(raw.len() < 4 || !debug.contains(&raw));
            prop_assert_ne!(key.of_part(part), key.of_part(part + 1));
            prop_assert_ne!(key.of_part(part), key);
        }
        let operation = "POST /api/contacts";
        prop_assert_eq!(Fingerprint::of(operation, raw.as_bytes()) == Fingerprint::of(operation, other.as_bytes()), raw == other);
    }
}
