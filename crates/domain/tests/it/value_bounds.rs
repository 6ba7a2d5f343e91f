//! Bounds of values: the last accepted and the first rejected value.

use domain::{
    account::{Email, Password, PasswordAttempt, PasswordHash},
    client::{ClientInfo, ClientNetwork, LargestNetwork, Site},
    ids::SessionId,
    picture::{Picture, PictureKey},
    secret::{SECRET_BYTES, Secret},
    session::{DeviceDigest, RefreshToken},
    text::{Invalid, multi_line, single_line},
};
use testkit::samples;

fn code<T>(outcome: Result<T, Invalid>) -> &'static str {
    outcome.map_or_else(|invalid| invalid.code(), |_| "ok")
}

#[test]
fn email_has_at_most_254_bytes() {
    let local = "a".repeat(64);
    for (last_label, expected) in [(57, "ok"), (58, "too-long")] {
        let domain = format!("{}.{}.{}.com", "b".repeat(63), "c".repeat(63), "d".repeat(last_label));
        assert_eq!(code(Email::parse(&format!("{local}@{domain}"))), expected, "{} bytes", 64 + 1 + domain.len());
    }
}

#[test]
fn email_is_measured_in_its_canonical_form() {
    let wide = format!("{}@{}.com", "ｏ".repeat(64), "ｅ".repeat(60));
    assert!(wide.len() > Email::MAX_BYTES + 4, "{} bytes", wide.len());
    assert_eq!(code(Email::parse(&wide)), "ok");
}

#[test]
fn email_has_at_most_1016_bytes_as_received() {
    let invisible = "\u{200b}".repeat(333);
    for (start, expected) in [("olena", "ok"), ("olenaa", "too-long")] {
        let raw = format!("{start}{invisible}@example.com");
        assert_eq!(code(Email::parse(&raw)), expected, "{} bytes", raw.len());
    }
}

#[test]
fn email_domain_that_ends_in_a_number_is_rejected() {
    for (email, expected) in [
        ("olena@example.1", "invalid-email"),
        ("olena@example.x1", "ok"),
        ("olena@1.example", "ok"),
        ("olena@localhost", "invalid-email"),
    ] {
        assert_eq!(code(Email::parse(email)), expected, "{email}");
    }
}

#[test]
fn email_has_a_local_part_and_a_digest_of_its_canonical_form() {
    let [olena, spelled, petro] =
        ["olena@example.com", "Olena@Example.com", "petro@example.com"].map(|raw| Email::parse(raw).unwrap());
    assert_eq!((olena.local_part(), petro.local_part()), ("olena", "petro"));
    assert_eq!(olena.digest(), spelled.digest());
    assert_ne!(olena.digest(), petro.digest());
}

#[test]
fn password_has_8_to_128_characters() {
    let phrase = |length: usize| "тихо пливе човен річкою ".chars().cycle().take(length).collect::<String>();
    for (raw, expected) in [
        (phrase(7), "too-short"),
        ("zq8#Lw2!".to_owned(), "ok"),
        (phrase(128), "ok"),
        (phrase(129), "too-long"),
        ("x".repeat(128 * 32 + 1), "too-long"),
    ] {
        assert_eq!(code(Password::parse(&raw)), expected, "{} characters", raw.chars().count());
    }
}

#[test]
fn long_password_is_guessable_when_both_ends_are() {
    for (raw, expected) in [
        ("password12345678vz8#Lw2!qP5^mT9&", "ok"),
        ("vz8#Lw2!qP5^mT9&password12345678", "ok"),
        ("password12345678qwertyuiopasdfgh", "password-too-common"),
        ("пароль1234567890йцукенгшщзфівапр", "password-too-common"),
    ] {
        assert_eq!(code(Password::parse(raw)), expected, "{raw}");
    }
}

#[test]
fn password_is_derived_when_fewer_than_five_characters_are_its_own() {
    let known = ["Olena Qz J.", "olenaivanenko@example.com"];
    for (raw, is_derived) in [
        ("olena-x7q2", true),
        ("olena-x7q2w", false),
        ("olenaivanenko12", true),
        ("correct olena horse battery", false),
        ("🦔🌻🐝🍯🧵🪡🎻🛶", false),
        ("🦔🌻🐝🍯🧵🪡🎻🛶j", false),
        ("qz-Lw2!qz9#", false),
    ] {
        let outcome = Password::parse(raw).unwrap().check_not_derived_from(&known);
        assert_eq!(outcome.is_err(), is_derived, "{raw}");
    }
}

#[test]
fn attempt_longer_than_any_password_is_not_normalized() {
    for (length, expected) in [(128 * 32, 128 * 32), (128 * 32 + 1, 0)] {
        assert_eq!(PasswordAttempt::new(&"x".repeat(length)).reveal().len(), expected, "{length}");
    }
}

#[test]
fn text_is_trimmed_and_counted_in_characters() {
    for (raw, max, expected) in [
        (" їжак ", 4, "ok"),
        ("їжаки", 4, "too-long"),
        ("їжак", 0, "too-long"),
        ("", 4, "blank"),
        ("a\tb", 4, "forbidden-character"),
    ] {
        assert_eq!(code(single_line(raw, max)), expected, "{raw:?}");
    }
    // Bounded before normalization, so the end of a very long text is not examined.
    let long = "x".repeat(4 * 32);
    assert_eq!(code(single_line(&long, 4)), "too-long");
    assert_eq!(code(single_line(&format!("{long}\0"), 4)), "too-long");
    assert_eq!(code(single_line(&format!("{}\0", &long[1..]), 4)), "forbidden-character");
    assert_eq!(multi_line(" a\r\n\tb ", 5).unwrap(), "a\r\n\tb");
    assert_eq!(code(multi_line("a\u{b}b", 5)), "forbidden-character");
}

#[test]
fn user_agent_is_cut_to_255_visible_characters() {
    let agent = |raw: &str| ClientInfo::new(None, Some(raw)).user_agent.unwrap();
    assert_eq!(agent("a\r\nb\u{7f}c"), "abc");
    for length in [254, 255, 256] {
        assert_eq!(agent(&"ї".repeat(length)).chars().count(), length.min(255));
    }
}

#[test]
fn client_network_is_displayed_as_its_first_address() {
    for (address, smallest, site, largest) in [
        ("203.0.113.9", "203.0.113.9", "203.0.113.0", "203.0.113.9"),
        ("2001:db8:1:2ff::9", "2001:db8:1:2ff::", "2001:db8:1:200::", "2001:db8:1::"),
        ("", "0.0.0.0", "0.0.0.0", "0.0.0.0"),
    ] {
        let ip = address.parse().ok();
        let found = [ClientNetwork::of(ip).to_string(), Site::of(ip).to_string(), LargestNetwork::of(ip).to_string()];
        assert_eq!(found, [smallest, site, largest], "{address}");
        assert_eq!(ClientInfo::new(ip, None).largest_network().to_string(), largest);
    }
}

#[test]
fn device_is_displayed_as_64_hexadecimal_digits() {
    assert_eq!(DeviceDigest([0x0f; 32]).to_string(), "0f".repeat(32));
}

#[test]
fn refresh_token_has_one_form() {
    let token = RefreshToken { session: SessionId(samples::id()), secret: samples::secret() };
    let (session, secret) = (token.session.0, token.secret.reveal());
    assert_eq!(token.reveal(), format!("{}.{secret}", session.simple()));
    assert_eq!(RefreshToken::parse(&format!(" {}\r\n", token.reveal())), Some(token.clone()), "trimmed");
    assert_eq!(RefreshToken::parse(&token.reveal()), Some(token));
    for other in [
        format!("{session}.{secret}"),
        format!("{}.{secret}", session.braced()),
        format!("{}{secret}", session.simple()),
        format!("{}.", session.simple()),
        format!("{}.{}", session.simple(), &secret[1..]),
        format!("{}.{secret}.", session.simple()),
        format!("g{}.{secret}", &session.simple().to_string()[1..]),
    ] {
        assert_eq!(RefreshToken::parse(&other), None, "{other}");
    }
}

#[test]
fn secret_is_revealed_as_lower_case_hexadecimal_digits() {
    let secret = Secret::from_bytes(std::array::from_fn(|index| u8::try_from(index * 8).unwrap()));
    assert_eq!(secret.reveal(), "0008101820283038404850586068707880889098a0a8b0b8c0c8d0d8e0e8f0f8");
    assert_eq!(Secret::parse(&"0".repeat(SECRET_BYTES * 2)), Some(Secret::from_bytes([0; SECRET_BYTES])));
}

#[test]
fn picture_has_a_name_in_the_folder_of_its_kind() {
    let id = samples::id();
    assert_eq!(PictureKey::avatar(id).as_str(), format!("avatars/{}", id.simple()));
    assert_eq!(PictureKey::photo(id).as_str(), format!("photos/{}", id.simple()));
}

#[test]
fn debug_text_contains_no_password_and_no_picture() {
    let raw = "correct horse battery";
    assert_eq!(format!("{:?}", Password::parse(raw).unwrap()), "Password(…)");
    assert_eq!(format!("{:?}", PasswordAttempt::new(raw)), "PasswordAttempt(…)");
    assert_eq!(format!("{:?}", PasswordHash(raw.to_owned())), "PasswordHash(…)");
    assert_eq!(format!("{:?}", Picture { jpeg: vec![1, 2, 3] }), "Picture(3 bytes)");
    assert_eq!(format!("{:?}", samples::secret()), "Secret(…)");
}
