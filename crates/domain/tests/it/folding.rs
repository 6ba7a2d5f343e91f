//! Search forms and sort keys. They depend on the Unicode data of the build. When an upgrade changes one,
//! `folding::VERSION` must be raised.

use domain::folding::{digits, fold, sort_key};

#[test]
fn folding_removes_case_and_accents() {
    for (text, wanted) in [
        ("Straße", "strasse"),
        ("Álvaro Núñez", "alvaro nunez"),
        ("ЇЖАКЕВИЧ", "іжакевич"),
        ("Ґанок  і\tй", "ґанок і и"),
        ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
        ("ﬁnance ①②", "finance 12"),
        ("İstanbul", "istanbul"),
        ("ŁÓDŹ Ørsted Đoković Æther", "lodz orsted dokovic aether"),
        ("Лук’ян Лукʼян Лук`ян", "лук'ян лук'ян лук'ян"),
        ("  ", ""),
    ] {
        assert_eq!(fold(text), wanted, "{text}");
        assert_eq!(fold(&fold(text)), fold(text), "{text}: folding twice changes nothing");
    }
}

#[test]
fn digits_of_every_script_are_extracted_as_ascii() {
    assert_eq!(digits("+380 (67) 111-22-33"), "380671112233");
    assert_eq!(digits("１２３ x4"), "1234");
    assert_eq!(digits("none"), "");
}

#[test]
fn sort_key_begins_with_the_script_of_the_first_letter() {
    for (text, is_cyrillic) in [("Їжак", 1), ("«1 Їжак», Zebra", 1), ("Zebra, Їжак", 0), ("1 Zebra", 0), ("123", 0)]
    {
        assert_eq!(sort_key(Some(text)).first(), Some(&is_cyrillic), "{text}");
    }
}

#[test]
fn sort_key_has_at_most_1200_bytes() {
    assert_eq!(sort_key(Some(&"ї".repeat(2000))).len(), 1200);
}

#[test]
fn sort_keys_match_the_expected_bytes() {
    let hex = |text: Option<&str>| sort_key(text).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(hex(None), "ffff");
    let found = ["Adam", "ádám", "Ганна", "Ґанна", "Їжак", "東京"].map(|text| format!("{text} {}", hex(Some(text))));
    assert_eq!(found.join("\n"), include_str!("sort_keys.txt").trim_end());
    assert!(sort_key(Some("\u{10ffff}")) < sort_key(None), "nothing comes after what is absent");
}
