//! Digests and sealed secrets that are stored. When one of them changes, stored rows are no longer found.

use domain::{
    account::Email,
    client::ClientInfo,
    idempotency::{Fingerprint, IdempotencyKey},
    secret::{SECRET_BYTES, Secret},
    session::DeviceDigest,
};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The secret of the bytes 0, 1, 2, ...
fn key() -> Secret {
    Secret::from_bytes(std::array::from_fn(|index| u8::try_from(index).unwrap()))
}

#[test]
fn stored_digest_is_the_sha256_of_its_subject() {
    let client = ClientInfo::new("203.0.113.9".parse().ok(), Some("Firefox/1.0"));
    for (name, found, expected) in [
        ("secret", key().digest().0, "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd"),
        (
            "email",
            Email::parse("Olena@example.com").unwrap().digest(),
            "40502952463381ff042e569fae5e0636a021b5dd48e10763b268dafcf5e31ecc",
        ),
        ("device", DeviceDigest::of(&client).0, "7e68c0dc9c104cf9feacd8421cb3e9fc579b7981eae5a72b6fc442f481544cb5"),
        (
            "idempotency key",
            *IdempotencyKey::parse("k-1").unwrap().digest(),
            "7c35c5a1785d20704e44d5de4beb81c1fce91b6fe48ed7c3159af6f7f832078b",
        ),
        (
            "fingerprint",
            Fingerprint::of("POST /api/contacts", b"{}").0,
            "816a559ff3da07542a42cfec71abb799f1f9226ef4f8afe80d681cb1c3610adc",
        ),
    ] {
        assert_eq!(hex(&found), expected, "{name}");
    }
}

#[test]
fn sealed_secret_is_hidden_by_a_pad_that_is_not_the_digest_of_the_key() {
    let sealed = Secret::from_bytes([0; SECRET_BYTES]).seal_under(&key());
    assert_eq!(hex(&sealed.0), "3fbaa3217a5ac44c24f7a78369a0d7666dec7a6f2ebc4ee07f51aae64e9da2f3");
}
