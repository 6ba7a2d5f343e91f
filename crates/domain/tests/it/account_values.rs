//! Accepted and rejected values of accounts.

use domain::{
    account::{Email, Locale, Password, Registration, Timezone, Username},
    contact::{Nickname, Notes, Sort},
    text::Invalid,
};

pub(crate) fn code<T>(outcome: Result<T, Invalid>) -> &'static str {
    outcome.map_or_else(|invalid| invalid.code(), |_| "ok")
}

#[test]
fn emails_have_one_canonical_form() {
    let cases = [
        ("olena@example.com", Ok("olena@example.com")),
        ("  Olena.P+tag@Example.COM ", Ok("olena.p+tag@example.com")),
        ("олена@приклад.укр", Ok("олена@xn--80aikifvh.xn--j1amh")),
        ("ｏｌｅｎａ@ｅｘａｍｐｌｅ．ｃｏｍ", Ok("olena@example.com")),
        ("\u{2068}olena@example.com\u{2069}\u{feff}", Ok("olena@example.com")),
        ("ol\u{200b}ena@exam\u{ad}ple.com", Ok("olena@example.com")),
        ("İ@example.com", Err("invalid-email")),
        ("", Err("blank")),
        ("   ", Err("blank")),
        ("olena", Err("invalid-email")),
        ("@example.com", Err("invalid-email")),
        ("olena@", Err("invalid-email")),
        ("olena@localhost", Err("invalid-email")),
        ("olena@127.0.0.1", Err("invalid-email")),
        ("olena@@example.com", Err("invalid-email")),
        ("a b@example.com", Err("invalid-email")),
        ("\"a b\"@example.com", Err("invalid-email")),
        ("Olena <olena@example.com>", Err("invalid-email")),
        ("olena@[127.0.0.1]", Err("invalid-email")),
        ("olena@exa_mple.com", Err("invalid-email")),
        ("olena@example..com", Err("invalid-email")),
        ("olena@-example.com", Err("invalid-email")),
        ("olena\0@example.com", Err("forbidden-character")),
        ("olena@example.com\r\nBcc: all@example.com", Err("forbidden-character")),
        ("olena\u{202e}@example.com", Err("forbidden-character")),
    ];
    for (raw, expected) in cases {
        let parsed = Email::parse(raw);
        let found = parsed.as_ref().map(Email::as_str).map_err(Invalid::code);
        assert_eq!(found, expected, "{raw:?}");
        if let Ok(email) = parsed {
            assert_eq!(Email::parse(email.as_str()), Ok(email), "{raw:?}: canonical means a fixed point");
        }
    }
    let local = "a".repeat(64);
    let domain = format!("{}.{}.{}.com", "b".repeat(63), "c".repeat(63), "d".repeat(60));
    assert_eq!(code(Email::parse(&format!("{local}@{domain}"))), "too-long");
    assert_eq!(code(Email::parse(&"x".repeat(100_000))), "too-long");
}

#[test]
fn short_long_or_common_password_is_rejected() {
    let cases = [
        ("correct horse battery", "ok"),
        ("тихо пливе човен річкою", "ok"),
        ("🦔🌻🐝🍯🧵🪡🎻🛶", "ok"),
        ("short 7", "too-short"),
        ("password", "password-too-common"),
        // Seven characters, of which normalization makes eight.
        ("*÷¸æW1ї", "too-short"),
        ("12345678", "password-too-common"),
        ("aaaaaaaaaaaaaaaaaaaa", "password-too-common"),
        ("qwertyuiop", "password-too-common"),
        ("йцукенгшщз", "password-too-common"),
        ("password1password1", "password-too-common"),
        ("qwerty123qwerty123qwerty", "password-too-common"),
        ("Password1!Password1!", "password-too-common"),
        ("пароль12", "password-too-common"),
        ("nul\0inside-the-word", "forbidden-character"),
    ];
    for (raw, expected) in cases {
        assert_eq!(code(Password::parse(raw)), expected, "{raw:?}");
    }
    let long: String = ('а'..='я').cycle().step_by(7).take(128).collect();
    assert_eq!(code(Password::parse(&long)), "ok");
    assert_eq!(code(Password::parse(&(long + "б"))), "too-long");
    assert_eq!(code(Password::parse(&"x".repeat(1 << 20))), "too-long");
    let (composed, decomposed) = ("їжачок біжить лісом", "і\u{308}жачок біжить лісом");
    assert_eq!(Password::parse(composed).unwrap().reveal(), Password::parse(decomposed).unwrap().reveal());
}

#[test]
fn password_derived_from_name_or_email_is_rejected() {
    let known = ["Олена Іваненко", "olena.ivanenko@example.com"];
    for (raw, derived) in [
        ("olena.ivanenko", true),
        ("Ivanenko2026", true),
        ("ОленаІваненко", true),
        ("correct horse battery", false),
        ("тихо пливе човен", false),
    ] {
        let rejected = Password::parse(raw).unwrap().check_not_derived_from(&known);
        assert_eq!(rejected.is_err(), derived, "{raw}");
    }
}

#[test]
fn texts_are_trimmed_normalized_and_limited_in_length() {
    assert_eq!(Username::parse("  Олена  ").unwrap().as_str(), "Олена");
    assert_eq!(Username::parse("й").unwrap(), Username::parse("и\u{306}").unwrap());
    assert_eq!(code(Username::parse(" \t ")), "blank");
    assert_eq!(code(Username::parse("\u{200b}\u{3164}\u{feff}")), "blank", "nothing that can be seen");
    assert_eq!(code(Username::parse("a\u{ffff}")), "forbidden-character");
    assert_eq!(code(Username::parse(&"я".repeat(50))), "ok");
    assert_eq!(code(Username::parse(&"я".repeat(51))), "too-long");
    assert_eq!(code(Username::parse(&"y".repeat(1 << 20))), "too-long");
    assert_eq!(code(Username::parse("a\nb")), "forbidden-character");
    assert_eq!(code(Username::parse("a\u{0}b")), "forbidden-character");
    assert_eq!(Username::parse("abc\u{202e}def").unwrap().as_str(), "abcdef", "nothing turns the text around");
    assert_eq!(Nickname::parse("👩‍👩‍👧 сім’я").unwrap().as_str(), "👩‍👩‍👧 сім’я");
    assert_eq!(code(Notes::parse("one\r\ntwo\tthree")), "ok");
    assert_eq!(code(Notes::parse("one\u{7}two")), "forbidden-character");
}

#[test]
fn unknown_locale_timezone_or_sort_is_rejected() {
    assert_eq!(code("uk".parse::<Locale>()), "ok");
    for (tag, expected) in [("uk-UA", "uk"), (" UK ", "uk"), ("uk_UA", "uk"), ("uk-Cyrl-UA", "uk"), ("en-GB", "en")] {
        assert_eq!(tag.parse::<Locale>().unwrap().as_str(), expected, "{tag}");
    }
    for bad in ["ua", "", "ukr", "uk-", "english", "de-DE", "*", "uk-1-a*", "uk-!"] {
        assert_eq!(code(bad.parse::<Locale>()), "unknown-locale", "{bad}");
    }
    assert_eq!(" Europe/Kyiv\n".parse::<Timezone>().unwrap().as_str(), "Europe/Kyiv");
    assert_eq!("Europe/Kyiv".parse::<Timezone>().unwrap().as_str(), "Europe/Kyiv");
    assert_eq!(code("Kyiv".parse::<Timezone>()), "unknown-timezone");
    for good in ["last_name", "-created_at", "birthday,-updated_at,first_name"] {
        assert_eq!(code(good.parse::<Sort>()), "ok", "{good}");
    }
    for bad in ["", "name", "last_name,,", "last_name,-last_name", "--last_name", "last_name;drop"] {
        assert_eq!(code(bad.parse::<Sort>()), "unknown-sort", "{bad}");
    }
}

#[test]
fn registration_is_one_of_three_words() {
    for (word, registration) in
        [("open", Registration::Open), ("closed", Registration::Closed), ("invite", Registration::Invite)]
    {
        assert_eq!((word.parse(), registration.as_str()), (Ok(registration), word));
    }
    for other in ["", "Open", "friends"] {
        assert_eq!(other.parse::<Registration>(), Err(()), "{other}");
    }
}
