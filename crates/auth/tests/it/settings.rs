//! Invalid settings, and hidden secrets.

use std::sync::Arc;

use auth::{BcryptPasswords, JwtAccessTokens, JwtSettings, PasswordSettings};
use testkit::fakes::FrozenClock;

use crate::forge;

const LONG: &str = "a secret of 32 bytes, at the le";

#[test]
fn invalid_password_settings_are_rejected() {
    let good = || PasswordSettings { cost: 10, threads: 1, queue: 1, pepper: None };
    let cases = [
        (PasswordSettings { cost: 9, ..good() }, "the bcrypt cost must be 10 to 15"),
        (PasswordSettings { cost: 16, ..good() }, "the bcrypt cost must be 10 to 15"),
        (PasswordSettings { threads: 0, ..good() }, "the number of hashing threads must be 1 to 64"),
        (PasswordSettings { threads: 65, ..good() }, "the number of hashing threads must be 1 to 64"),
        (PasswordSettings { queue: 0, ..good() }, "the length of the hashing queue must be 1 to 1024"),
        (PasswordSettings { queue: 1025, ..good() }, "the length of the hashing queue must be 1 to 1024"),
        (PasswordSettings { pepper: Some("".into()), ..good() }, "the password pepper must have 32 bytes or more"),
        (PasswordSettings { pepper: Some(LONG.into()), ..good() }, "the password pepper must have 32 bytes or more"),
    ];
    for (settings, expected) in cases {
        assert_eq!(BcryptPasswords::new(settings).err().map(|error| error.to_string()).as_deref(), Some(expected));
    }
    assert!(BcryptPasswords::new(good()).is_ok());
    assert!(BcryptPasswords::new(PasswordSettings { pepper: Some(format!("{LONG}!").into()), ..good() }).is_ok());
}

#[test]
fn default_password_settings_are_valid() {
    let settings = PasswordSettings::default();
    assert_eq!((settings.cost, settings.queue, settings.pepper.is_none()), (12, 32, true));
    assert!(PasswordSettings::THREADS.contains(&settings.threads));
}

#[test]
fn invalid_token_settings_are_rejected() {
    let good = || forge::settings(forge::SECRET);
    let weak = "the access-token secret must have 32 bytes or more";
    let cases = [
        (JwtSettings { secret: "".into(), ..good() }, weak),
        (JwtSettings { secret: LONG.into(), ..good() }, weak),
        (
            JwtSettings { previous_secret: Some(LONG.into()), ..good() },
            "the previous access-token secret must have 32 bytes or more",
        ),
        (JwtSettings { issuer: String::new(), ..good() }, "the issuer must not be empty"),
        (JwtSettings { audience: String::new(), ..good() }, "the audience must not be empty"),
    ];
    let new = |settings| JwtAccessTokens::new(settings, Arc::new(FrozenClock::default()));
    for (settings, expected) in cases {
        assert_eq!(new(settings).err().map(|error| error.to_string()).as_deref(), Some(expected));
    }
    assert!(new(JwtSettings { secret: format!("{LONG}!").into(), ..good() }).is_ok());
}

#[test]
fn debug_shows_no_secret() {
    let passwords = PasswordSettings { pepper: Some(LONG.into()), ..PasswordSettings::default() };
    let tokens = JwtSettings { previous_secret: Some(LONG.into()), ..forge::settings(LONG) };
    for shown in [format!("{passwords:?}"), format!("{tokens:?}")] {
        assert!(shown.contains("REDACTED") && !shown.contains(LONG), "{shown}");
    }
}
