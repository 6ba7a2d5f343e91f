//! Properties of stored password hashes: they are read as they were written, and no other text is read.

use base64::{
    Engine as _,
    alphabet::BCRYPT,
    engine::{GeneralPurpose, general_purpose::NO_PAD},
};
use proptest::prelude::*;

use crate::{
    password_scheme::{PasswordKey, StoredHash},
    settings::PasswordSettings,
};

/// Returns the bcrypt string of a cost, a salt and a digest.
fn bcrypt(cost: u32, salt: [u8; 16], digest: [u8; 23]) -> String {
    let base64 = GeneralPurpose::new(&BCRYPT, NO_PAD);
    format!("$2b${cost:02}${}{}", base64.encode(salt), base64.encode(digest))
}

fn key(pepper: Option<String>) -> PasswordKey {
    PasswordKey::new(pepper.map(Into::into))
}

fn is_pepper_id(text: &str) -> bool {
    text == "-" || (text.len() == 8 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    /// A hash of another cost or with another pepper is outdated. One with an unknown pepper matches no password.
    #[test]
    fn hash_is_read_as_written(
        cost in PasswordSettings::COSTS, salt in any::<[u8; 16]>(), digest in any::<[u8; 23]>(),
        pepper in prop::option::of("\\PC{32,40}"), other in prop::option::of("\\PC{32,40}"),
    ) {
        let bcrypt = bcrypt(cost, salt, digest);
        let is_same = pepper == other;
        let is_known = is_same || pepper.is_none();
        let (key, other) = (key(pepper), key(other));
        let stored: StoredHash = key.format(&bcrypt).parse().unwrap();
        prop_assert_eq!((stored.cost, &stored.bcrypt), (cost, &bcrypt));
        prop_assert!(!key.is_outdated(&stored, cost) && key.is_outdated(&stored, cost + 1));
        prop_assert_eq!(other.is_outdated(&stored, cost), !is_same);
        prop_assert_eq!(other.digest_for(&stored, "").1, is_known);
    }

    #[test]
    fn text_that_is_never_written_is_not_read(
        text in prop_oneof![
            any::<String>(),
            "v[12]\\$(-|[0-9a-f]{8}|[0-9A-G-]{0,9})\\$\\$2[abxyz]\\$[+01][0-9]\\$[./A-Za-z0-9]{52,54}",
            "v1\\$-\\$\\$2b\\$1[0-9]\\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{30}[.C-]",
        ],
    ) {
        if let Ok(stored) = text.parse::<StoredHash>() {
            let id = text.strip_prefix("v1$").and_then(|rest| rest.strip_suffix(&format!("${}", stored.bcrypt)));
            prop_assert!(id.is_some_and(is_pepper_id), "{}", text);
            prop_assert!(stored.bcrypt.len() == 60 && PasswordSettings::COSTS.contains(&stored.cost), "{}", text);
            prop_assert!(stored.bcrypt[4..].starts_with(&stored.cost.to_string()), "{}", text);
        }
    }
}
