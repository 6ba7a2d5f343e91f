//! Search forms of phones. They depend on the numbering plans of `rlibphonenumber`.

use domain::contact::{Filter, PhoneNumber, searchable_phones};
use proptest::prelude::*;

fn stored(numbers: &[&str]) -> Option<String> {
    let phone = |number: &&str| PhoneNumber::parse(number).unwrap();
    searchable_phones(&numbers.iter().map(phone).collect::<Vec<_>>())
}

fn finds(query: &str, number: &str) -> bool {
    Filter::phone(query).unwrap().finds(stored(&[number]).as_deref())
}

#[test]
fn phones_are_stored_in_searchable_forms() {
    assert_eq!(stored(&[]), None);
    for (number, query) in [
        ("067 111-22-33", "\n0671112233\n"),
        ("*101#", "\n101\n"),
        // The international form contains the national one.
        ("+380 (67) 111-22-33", "\n+380671112233\n"),
        ("+380 (0)67 111-22-33", "\n+3800671112233\n+380671112233\n"),
        ("00380 67 111-22-33", "\n+00380671112233\n"),
        ("+380 67 111-22-33 ext. 5", "\n+3806711122335\n"),
        ("+1 (202) 555-0173", "\n+12025550173\n"),
        ("+44 20 7183 8750", "\n+442071838750\n+02071838750\n"),
        ("0044 (0)20 7183 8750 x5", "\n+0044020718387505\n+442071838750\n"),
        ("+39 06 6981 2345", "\n+390669812345\n"),
        ("+39 347 123 4567", "\n+393471234567\n"),
        ("+375 29 491-19-11", "\n+375294911911\n+80294911911\n"),
        // Unknown country or number: only the typed digits.
        ("+999 12345", "\n99912345\n"),
        ("00 12", "\n0012\n"),
    ] {
        assert_eq!(stored(&[number]).as_deref(), Some(query), "{number}");
    }
    assert_eq!(stored(&["112", "+48 22 123 45 67"]).as_deref(), Some("\n112\n+48221234567\n"));
}

#[test]
fn phone_is_found_in_every_notation() {
    let ukrainian = "+380 67 111 22 33";
    let cases: [(&str, &[&str], &[&str]); 7] = [
        (
            ukrainian,
            &[
                "0671112233",
                "67-111",
                "380671112233",
                "+38067",
                "111 22",
                "00380671112233",
                "+380 (0)67 111 22 33",
                "＋３８０６７１１１２２３３",
            ],
            &["+49 671112233", "0671112234", "1067"],
        ),
        (
            "067 111-22-33",
            &["+380671112233", "00380 67 111 22 33", "+380 67 111-22-33 ext 5", "671112233", "0671112233"],
            &["380671112233", "+38067111223", "+380671112234"],
        ),
        ("67 111 22 33", &["+380671112233", "671112233"], &["0671112233"]),
        ("(202) 555-0173", &["+12025550173", "+1 202 555 0173", "5550173"], &["+12025550174"]),
        ("+1 202-555-0173 x89", &["2025550173", "202555017389", "12025550173", "89"], &["202555017388"]),
        ("+44 20 7183 8750", &["020 7183 8750", "+44 (0)20 7183 8750", "20 7183"], &["1207183"]),
        ("+39 06 6981 2345", &["06 6981 2345", "+390669812345"], &["0066981"]),
    ];
    for (number, by, not_by) in cases {
        for query in by {
            assert!(finds(query, number), "{query} finds {number}");
        }
        for query in not_by {
            assert!(!finds(query, number), "{query} does not find {number}");
        }
    }
    assert!(finds("+49 671 112233", "0671 112233"), "at home in Germany it is written so too");
    assert!(!finds("+49 671 112233", ukrainian), "but this one has the Ukrainian country code");
    let of_two = stored(&["12", "34"]);
    assert!(!Filter::phone("1234").unwrap().finds(of_two.as_deref()), "two phones are not one");
}

#[test]
fn search_word_can_match_a_phone() {
    let finds = |q: &str, number: &str| {
        let words = Filter::words(q).unwrap();
        words.iter().all(|word| word.phone.as_ref().is_some_and(|phone| phone.finds(stored(&[number]).as_deref())))
    };
    for (q, number) in [
        ("0671112233", "+380 67 111 22 33"),
        ("+380671112233", "067 111-22-33"),
        ("+380 67 111 22 33", "+380671112233"),
        ("67-111", "+380671112233"),
    ] {
        assert!(finds(q, number), "{q} finds {number}");
    }
    assert!(!finds("Леся", "+380671112233") && !finds("5", "555"), "words are not phones, nor is a single digit");
}

/// Typed numbers, and random texts.
fn typed() -> impl Strategy<Value = String> {
    prop_oneof!["[+0]?[0-9 ()./,;#*x+-]{1,50}", "[+]?[0-9]{2,20}( ?(ext\\.?|x) ?[0-9]{1,5})?", "(00|\\+)[0-9]{5,18}"]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn stored_phone_is_found_by_any_part_of_it(number in typed(), from in 0usize..20, length in 1usize..20) {
        let Ok(stored) = PhoneNumber::parse(&number) else { return Ok(()) };
        let digits = domain::folding::digits(stored.as_str());
        prop_assert!(finds(&number, &number));
        let part: String = digits.chars().skip(from).take(length).collect();
        prop_assert!(part.is_empty() || finds(&part, &number), "{} in {}", part, number);
    }

    #[test]
    fn phone_filter_never_panics_and_is_never_empty(query in prop_oneof![typed(), "\\PC{0,60}"]) {
        if let Ok(needle) = Filter::phone(&query) {
            prop_assert!(!needle.parts().is_empty());
        }
        let _ = Filter::words(&query);
    }
}
