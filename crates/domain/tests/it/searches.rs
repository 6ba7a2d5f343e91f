//! Bounds on the work of a search.

use domain::{
    contact::{Filter, is_heavy_search},
    text::Invalid,
};

fn code<T>(outcome: Result<T, Invalid>) -> &'static str {
    outcome.map_or_else(|invalid| invalid.code(), |_| "ok")
}

#[test]
fn search_word_contained_in_another_is_dropped() {
    let folded = |raw: &str| -> Vec<String> {
        Filter::words(raw).unwrap().into_iter().flat_map(|needle| needle.words).collect()
    };
    for (raw, expected) in [
        ("олена лен Олена", &["олена"][..]),
        ("a aa aaa aaac", &["aaac"]),
        ("ab cd", &["ab", "cd"]),
        ("12 ab12", &["ab12"]),
        // The longer one may be found as a phone, written in another way.
        ("12 ab (12)3", &["12", "ab", "(12)3"]),
        ("123 ab 123", &["123", "ab"]),
        ("", &[]),
        ("\u{200b} \u{feff}", &[]),
    ] {
        assert_eq!(folded(raw), expected, "{raw}");
    }
}

#[test]
fn words_that_look_like_one_phone_number_are_one_condition() {
    let needles = |raw: &str| -> Vec<(String, bool)> {
        let needles = Filter::words(raw).unwrap().into_iter();
        needles.map(|needle| (needle.words.join(" "), needle.phone.is_some())).collect()
    };
    let cases: [(&str, &[(&str, bool)]); 13] = [
        ("067 111-22-33", &[("067 111-22-33", true)]),
        ("олена +380 (67) 111 22 33 львів", &[("олена", false), ("+380 (67) 111 22 33", true), ("львів", false)]),
        ("+49 (0) 30 90 18 20", &[("+49 (0) 30 90 18 20", true)]),
        ("( 067 ) 111", &[("( 067 ) 111", true)]),
        ("۰۹۱۲ ۳۴۵", &[("0912 345", true)]),
        ("111 22 33 дод. 12", &[("111 22 33 дод. 12", true)]),
        ("tel:+12015550123;ext=5", &[("tel:+12015550123;ext=5", true)]),
        ("Malcolm X 067 W", &[("malcolm", false), ("x", false), ("067", true), ("w", false)]),
        ("SW12 W12", &[("sw12", false)]),
        ("5", &[("5", false)]),
        ("+ -", &[("+", false), ("-", false)]),
        ("5 кіт", &[("5", false), ("кіт", false)]),
        // Too many digits for one number.
        ("0671112233 0501112233", &[("0671112233", true), ("0501112233", true)]),
    ];
    for (raw, expected) in cases {
        let expected: Vec<(String, bool)> =
            expected.iter().map(|(words, phone)| ((*words).to_owned(), *phone)).collect();
        assert_eq!(needles(raw), expected, "{raw}");
    }
}

#[test]
fn search_too_long_after_folding_is_rejected() {
    // One character, eighteen letters when folded.
    let ligature = "\u{fdfa}";
    assert_eq!(code(Filter::words(&ligature.repeat(20))), "ok");
    assert_eq!(code(Filter::words(&ligature.repeat(200))), "too-long");
    assert_eq!(code(Filter::words(&format!("{} ", ligature.repeat(12)).repeat(15))), "too-long");
    assert_eq!(code(Filter::part(&ligature.repeat(200))), "too-long");
    assert_eq!(code(Filter::words(&"ß".repeat(200))), "ok");
}

#[test]
fn search_is_heavy_by_text_length_and_contact_limit() {
    let cases = [
        (100, "олена", false),
        (100, "olena koval", false),
        (100, "olena kovalenko", true),
        (100, "олена олена олен", false),
        (1000, "o", false),
        (1000, "ol", true),
        (10_000, "", false),
        (10_000, "o", true),
    ];
    for (contact_limit, q, expected) in cases {
        let filter = Filter { words: Filter::words(q).unwrap(), ..Filter::default() };
        assert_eq!(is_heavy_search(&filter, contact_limit), expected, "{q} in {contact_limit}");
        let email =
            Filter { email: Some("a".repeat(11)), phone: Some(Filter::phone("067").unwrap()), ..Filter::default() };
        assert_eq!(is_heavy_search(&email, contact_limit), contact_limit * 11 > 1000);
    }
}
