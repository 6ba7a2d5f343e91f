//! Secrets and scopes.

use std::collections::HashSet;

use domain::{
    app_password::{AppPasswordSecret, Scope, Scopes},
    secret::Secret,
    text::Invalid,
};

#[test]
fn secret_has_four_groups_and_is_read_however_it_is_typed() {
    let secret = AppPasswordSecret::from_random(&Secret::from_bytes([0b0000_0000; 32]));
    assert_eq!(secret.reveal(), "00000-00000-00000-00000");
    let secret = AppPasswordSecret::from_random(&Secret::from_bytes([0b1111_1111; 32]));
    assert_eq!(secret.reveal(), "zzzzz-zzzzz-zzzzz-zzzzz");
    let mut bytes = [0; 32];
    bytes[..13].copy_from_slice(&[0x08, 0x64, 0x42, 0x98, 0xe8, 0x4a, 0x96, 0xc6, 0xb9, 0xf0, 0x11, 0x11, 0x1f]);
    let secret = AppPasswordSecret::from_random(&Secret::from_bytes(bytes));
    let revealed = secret.reveal();
    assert_eq!(revealed.len(), 23);
    for typed in [
        revealed.clone(),
        revealed.to_uppercase(),
        revealed.replace('-', ""),
        revealed.replace('-', " "),
        format!("\u{a0} {revealed}\r\n"),
        revealed.replace('0', "o").replace('1', "l"),
        revealed.replace('0', "O").replace('1', "I"),
        revealed.replace('1', "i").replace('1', "L"),
    ] {
        assert_eq!(AppPasswordSecret::parse(&typed).map(|read| read.digest()), Some(secret.digest()), "{typed:?}");
    }
    for other in [
        "",
        "-",
        "0000-00000-00000-00000",
        "000000-00000-00000-00000",
        "00000-00000-00000-0000u",
        "00000-00000-00000-0000.",
        "00000-00000-00000-0000\u{660}",
        "eyJhbGciOiJIUzI1NiJ9.e30.c2ln",
        &" ".repeat(1000),
    ] {
        assert!(AppPasswordSecret::parse(other).is_none(), "{other:?}");
    }
    assert_eq!(format!("{secret:?}"), "AppPasswordSecret(…)");
}

#[test]
fn secrets_use_all_of_their_hundred_bits() {
    let mut seen = HashSet::new();
    for bit in 0..100 {
        let mut bytes = [0; 32];
        bytes[bit / 8] = 0x80 >> (bit % 8);
        assert!(seen.insert(AppPasswordSecret::from_random(&Secret::from_bytes(bytes)).reveal()), "bit {bit}");
    }
    let mut rest = [0; 32];
    rest[12] = 0x0f;
    rest[13..].fill(0xff);
    assert_eq!(AppPasswordSecret::from_random(&Secret::from_bytes(rest)).reveal(), "00000-00000-00000-00000");
}

#[test]
fn scopes_are_a_set_with_at_least_one() {
    for scope in Scope::ALL {
        assert_eq!(scope.as_str().parse(), Ok(scope));
    }
    assert_eq!("api".parse::<Scope>(), Err(Invalid::UnknownScope));
    assert_eq!(Scopes::new([]), Err(Invalid::NoScope));
    assert_eq!(Scopes::default(), Scopes::new([Scope::CardDav]).unwrap(), "the default");
    let scopes = Scopes::new([Scope::ApiWrite, Scope::CardDav, Scope::ApiWrite]).unwrap();
    assert_eq!(scopes.to_string(), "carddav api:write");
    assert_eq!(Scopes::from_stored("api:write carddav"), Some(scopes.clone()));
    assert_eq!(Scope::ALL.map(|scope| scopes.contains(scope)), [true, false, true]);
    for unreadable in ["", " ", "carddav ", "carddav other"] {
        assert_eq!(Scopes::from_stored(unreadable), None, "{unreadable:?}");
    }
}
