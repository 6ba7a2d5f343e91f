//! Accepted and rejected values of contacts.

use domain::{
    contact::{Birthday, ContactEmail, Filter, Link, PhoneNumber},
    text::Invalid,
};

use crate::account_values::code;

#[test]
fn valid_phone_is_stored_as_typed() {
    let digits = |count: usize| "1234567890".chars().cycle().take(count).collect::<String>();
    let good = [
        "+380 (67) 111-22-33",
        "0671112233",
        "555-1234 ext. 89",
        "555 1234 x89",
        "*101#",
        "112",
        "１２３-４５",
        "067–111–22–33",
        "067−111−22−33",
        "067‑111‑22‑33",
        "۰۹۱۲ ۳۴۵ ۶۷۸۹",
        "+1 201 555 0123;ext=55",
        "tel:+12015550123",
        "Tel:+1-201-555-0123;EXT=7",
        "067 111 22 33 extension 12",
        "067 111 22 33 дод. 12",
        "067 111 22 33 Дод. 12",
        "+1 201 555 0123,,1234567#",
        "+1 201 555 0123p12w34",
        "+1 201 555 0123ppp12",
        "1234 5678 9012 3456 7890 1234 5678",
    ];
    for good in good.map(str::to_owned).into_iter().chain([digits(21), digits(40)]) {
        let parsed = PhoneNumber::parse(&good);
        assert_eq!(parsed.as_ref().map(PhoneNumber::as_str).map_err(Invalid::code), Ok(good.as_str()));
    }
    for blanks in ["067\u{202f}111\u{2009}22\u{3000}33", "\u{202a}067 111\u{a0}22  33\u{202c}", "067\u{fe0f} 111 22 33"]
    {
        assert_eq!(PhoneNumber::parse(blanks).unwrap().as_str(), "067 111 22 33", "{blanks:?}");
    }
    for (bad, expected) in [
        ("", "blank"),
        ("call me", "invalid-phone"),
        ("1", "invalid-phone"),
        ("+-()", "invalid-phone"),
        ("tel:", "invalid-phone"),
        ("12 tel:34", "invalid-phone"),
        ("12=34", "invalid-phone"),
        ("ext. дод.", "invalid-phone"),
        ("123 mobile", "invalid-phone"),
        ("12\u{0}34", "forbidden-character"),
        ("12\n34", "forbidden-character"),
    ] {
        assert_eq!(code(PhoneNumber::parse(bad)), expected, "{bad:?}");
    }
    assert_eq!(code(PhoneNumber::parse(&digits(41))), "invalid-phone");
    assert_eq!(code(PhoneNumber::parse(&format!("{}11", " (".repeat(50)))), "too-long");
}

#[test]
fn links_are_web_pages_or_ways_to_write_and_call() {
    for good in [
        "https://example.com",
        "http://їжак.укр/шлях?а=б#в",
        "HTTPS://Example.com/%D0%B0",
        "mailto:a@b.c",
        "MAILTO:a@b.c?subject=x",
        "tel:+380671112233",
        "sms:+380671112233",
        "tg://resolve?domain=olena",
        "viber://chat?number=%2B380671112233",
        "whatsapp://send?phone=380671112233",
        "skype:olena?call",
        "xmpp:olena@example.com",
    ] {
        assert_eq!(Link::parse(good).unwrap().as_str(), good);
    }
    for (typed, expected) in [
        ("www.example.com", "https://www.example.com"),
        (" example.com/a?b#c\n", "https://example.com/a?b#c"),
        ("example.com:8080/a", "https://example.com:8080/a"),
        ("medium.com/@olena", "https://medium.com/@olena"),
        ("їжак.укр", "https://їжак.укр"),
        ("192.0.2.1", "https://192.0.2.1"),
        ("https://exam\u{ad}ple.com\u{200b}", "https://example.com"),
    ] {
        assert_eq!(Link::parse(typed).unwrap().as_str(), expected, "{typed:?}");
    }
    for bad in [
        "javascript:alert(1)",
        " JavaScript:alert(1)",
        "java\u{200b}script:alert(1)",
        "javascript:alert(1).example.com",
        "javascript://example.com/%0aalert(1)",
        "data:text/html,x",
        "data:text/html,x.y",
        "vbscript:x.y",
        "file:///etc/passwd.txt",
        "blob:https://example.com/x",
        "//example.com",
        "/example.com",
        "https://",
        "https:///",
        "ftp://example.com",
        "mailto:",
        "tg://",
        "nobody",
        "n/a",
        "ann@example.com",
        "two words.com",
    ] {
        assert_eq!(code(Link::parse(bad)), "invalid-url", "{bad}");
    }
    let longest = format!("example.com/{}", "x".repeat(Link::MAX - "https://example.com/".len()));
    assert_eq!(code(Link::parse(&longest)), "ok");
    assert_eq!(code(Link::parse(&(longest + "x"))), "too-long");
}

#[test]
fn contact_emails_are_those_of_other_people() {
    let long = format!("{}@example.com", "x".repeat(200));
    for (typed, expected) in [
        ("Ann@Example.com", "Ann@Example.com"),
        ("ann＠example.com", "ann@example.com"),
        ("ann@example。com", "ann@example.com"),
        ("ann@example｡com", "ann@example.com"),
        ("ann@exam\u{ad}ple.com", "ann@example.com"),
        ("\u{feff}ann@example.com\u{200e}\n", "ann@example.com"),
        ("ann@käse.example", "ann@käse.example"),
        ("ann@xn--kse-qla.example", "ann@xn--kse-qla.example"),
        ("root@nas", "root@nas"),
        ("root@127.0.0.1", "root@127.0.0.1"),
        (".a..b.@docomo.ne.jp", ".a..b.@docomo.ne.jp"),
        ("\"a b\"@example.com", "\"a b\"@example.com"),
        ("\"a@b\\\"c\"@example.com", "\"a@b\\\"c\"@example.com"),
        ("їжак@приклад.укр", "їжак@приклад.укр"),
        (&long, &long),
    ] {
        let found = ContactEmail::parse(typed);
        assert_eq!(found.as_ref().map(ContactEmail::as_str).map_err(Invalid::code), Ok(expected), "{typed:?}");
    }
    for (bad, expected) in [
        ("", "blank"),
        ("\u{200b}", "blank"),
        ("nobody", "invalid-email"),
        ("@example.com", "invalid-email"),
        ("ann@", "invalid-email"),
        ("a@b@example.com", "invalid-email"),
        ("a b@example.com", "invalid-email"),
        ("\"a\"b\"@example.com", "invalid-email"),
        ("\"a\\\"@example.com", "invalid-email"),
        ("\"\"@example.com", "invalid-email"),
        ("Ann <ann@example.com>", "invalid-email"),
        ("ann@exa mple.com", "invalid-email"),
        ("ann@example..com", "invalid-email"),
        ("ann@-example.com", "invalid-email"),
        ("ann\n@example.com", "forbidden-character"),
    ] {
        assert_eq!(code(ContactEmail::parse(bad)), expected, "{bad:?}");
    }
    let domain = "@example.com";
    assert_eq!(code(ContactEmail::parse(&format!("{}{domain}", "x".repeat(254 - domain.len())))), "ok");
    assert_eq!(code(ContactEmail::parse(&format!("{}{domain}", "x".repeat(255 - domain.len())))), "too-long");
    assert_eq!(code(ContactEmail::parse(&"x".repeat(100_000))), "too-long");
}

#[test]
fn impossible_birthday_is_rejected() {
    for good in ["1990-02-28", "2000-02-29", "--02-29", "--12-31", "0001-01-01", "9999-12-31"] {
        assert_eq!(good.parse::<Birthday>().unwrap().to_string(), good);
        assert_eq!(format!(" \u{feff}{good}\n").parse::<Birthday>().unwrap().to_string(), good, "trimmed");
    }
    for bad in [
        "",
        "1990",
        "1990-2-28",
        "1990-02-30",
        "1900-02-29",
        "2026-13-01",
        "2026-00-10",
        "2026-01-00",
        "--02-30",
        "-02-28",
        "---02-28",
        "0000-01-01",
        "10000-01-01",
        "+990-01-01",
        "1990-02-28T00:00:00Z",
        "28.02.1990",
        "1990-02-2８",
        "1990--02",
    ] {
        assert_eq!(code(bad.parse::<Birthday>()), "invalid-birthday", "{bad}");
    }
}

#[test]
fn too_long_or_invalid_search_is_rejected() {
    assert_eq!(Filter::words("  один   два ").unwrap().len(), 2);
    assert_eq!(code(Filter::words(&"a ".repeat(17))), "too-many-words");
    assert_eq!(code(Filter::words(&"a".repeat(201))), "too-long");
    assert_eq!(code(Filter::words("a\0")), "forbidden-character");
    assert_eq!(code(Filter::part("a\0")), "forbidden-character");
    assert_eq!(code(Filter::part(" ")), "blank");
    assert_eq!(code(Filter::phone("1\0")), "forbidden-character");
    assert_eq!(code(Filter::phone("no digits")), "invalid-phone");
    assert_eq!(code(Filter::tag(" ")), "blank");
}
