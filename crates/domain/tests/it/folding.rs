//! Search forms and sort keys. They depend on the Unicode data of the build. When an upgrade changes one,
//! `folding::VERSION` must be raised.

use domain::{
    collation::sort_key,
    folding::{digits, fold, fold_case},
    text::{Invalid, single_line},
};
use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{Dash, GeneralCategory},
};

#[test]
fn folding_removes_case_and_accents() {
    for (text, expected) in [
        ("Straße", "strasse"),
        ("Álvaro Núñez", "alvaro nunez"),
        ("ЇЖАКЕВИЧ", "іжакевич"),
        ("Ґанок  і\tй", "ганок і и"),
        ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
        ("ﬁnance ①②", "finance 12"),
        ("İstanbul", "istanbul"),
        ("ŁÓDŹ Ørsted Đoković Æther", "lodz orsted dokovic aether"),
        ("Лук’ян Лукʼян Лук`ян", "лук'ян лук'ян лук'ян"),
        ("Нечуй‑Левицький – − ー", "нечуи-левицькии - - ー"),
        ("Kaʻahumanu D‛Arc ג׳ Հ՚", "ka'ahumanu d'arc ג' հ'"),
        ("Ғалым Қазақ Ərəb Þór ŋ", "галым казак ereb thor n"),
        ("علی\u{200c}رضا كتاب مدرسة", "عليرضا كتاب مدرسه"),
        ("مُحَمَّد أحمد عـــلي", "محمد احمد علي"),
        ("שָׁלוֹם", "שלום"),
        ("パパ ﾊﾟﾊﾟ がく", "パパ パパ がく"),
        ("ปี ปู่ सुनील", "ปี ปู่ सुनील"),
        ("An\u{200b}na exam\u{ad}ple", "anna example"),
        ("۰۹۱۲ ٣٤ १२ １２", "0912 34 12 12"),
        ("ann＠example。com", "ann@example.com"),
        ("\u{301}", "\u{301}"),
        ("\u{37a}\u{d41}", "ι"),
        ("  ", ""),
    ] {
        assert_eq!(fold(text), expected, "{text}");
        assert_eq!(fold(&fold(text)), fold(text), "{text}: folding twice changes nothing");
    }
}

#[test]
fn folding_every_character_twice_changes_nothing_and_leaves_something() {
    // Other planes have only ideographs, which no rule changes, and private use.
    for c in (0..0x2_0000).chain(0xe_0000..0xe_0200).filter_map(char::from_u32) {
        let text = c.to_string();
        let folded = fold(&text);
        assert_eq!(fold(&folded), folded, "{c:?}");
        assert_eq!(fold_case(&fold_case(&text)), fold_case(&text), "{c:?}");
        let line = single_line(&text, 100);
        assert_eq!(folded.is_empty(), line == Err(Invalid::Blank), "{c:?}: {folded:?} {line:?}");
    }
}

#[test]
fn every_decimal_digit_is_ascii() {
    let category = CodePointMapData::<GeneralCategory>::new();
    for run in category.iter_ranges_for_value(GeneralCategory::DecimalNumber) {
        assert_eq!((run.end() - run.start() + 1) % 10, 0, "{run:x?}: whole runs of ten digits");
        for (value, digit) in ('0'..='9').cycle().zip(run.filter_map(char::from_u32)) {
            assert_eq!(digits(&digit.to_string()), value.to_string(), "{digit:?}");
        }
    }
    let dashes = CodePointSetData::new::<Dash>();
    for range in category.iter_ranges_for_value(GeneralCategory::DashPunctuation) {
        assert!(range.filter_map(char::from_u32).all(|dash| dashes.contains(dash) && fold(&dash.to_string()) == "-"));
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
