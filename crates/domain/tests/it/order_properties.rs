//! Properties of search forms and sort keys.

use std::cmp::Ordering;

use domain::{
    collation::sort_key,
    folding::{digits, fold, fold_case},
};
use icu_collator::{CollatorBorrowed, options::CollatorOptions};
use icu_locale_core::locale;
use proptest::prelude::*;

use crate::value_properties::any_text;

/// The Ukrainian alphabet, in its order.
const ALPHABET: &str = "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя";

/// Words as people write them, in the usual composed form.
fn words() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9а-яА-ЯіїєґІЇЄҐ’'àâäçéèêëîïôöùûüñßæøåłńśźżőűğışšžčřěůαβγδεζηθικλμνξοπρσςτυφχψω -]{1,24}"
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn folding_twice_changes_nothing(raw in any_text()) {
        let folded = fold(&raw);
        prop_assert_eq!(fold(&folded), folded.clone());
        prop_assert_eq!(fold_case(&fold_case(&raw)), fold_case(&raw));
        prop_assert!(!folded.contains('\n') && folded.trim() == folded && !folded.contains("  "), "{:?}", folded);
        prop_assert_eq!(digits(&raw), folded.chars().filter(char::is_ascii_digit).collect::<String>());
    }

    /// Words do not influence each other, so a search for one finds the text.
    #[test]
    fn text_is_folded_word_by_word(one in any_text(), other in any_text()) {
        let each: Vec<String> = [&one, &other].map(|text| fold(text)).into_iter().filter(|text| !text.is_empty()).collect();
        prop_assert_eq!(fold(&format!("{one} {other}")), each.join(" "));
    }

    #[test]
    fn folded_text_contains_every_folded_part(text in words(), from in 0usize..24, length in 1usize..24) {
        let part: String = text.chars().skip(from).take(length).collect();
        prop_assert!(fold(&text).contains(&fold(&part)), "{:?} in {:?}", fold(&part), fold(&text));
        prop_assert_eq!(fold(&text.to_uppercase()), fold(&text.to_lowercase()));
    }

    /// The collator itself is the model.
    #[test]
    fn sort_keys_order_texts_as_the_collator_does(one in any_text(), other in any_text()) {
        let collator = CollatorBorrowed::try_new(locale!("uk").into(), CollatorOptions::default()).unwrap();
        let (left, right) = (sort_key(Some(&one)), sort_key(Some(&other)));
        prop_assert!(left.len() <= 1200 && left < sort_key(None));
        // The first byte is the script; a key of the maximum length may be cut.
        if left.first() == right.first() && left.len().max(right.len()) < 1200 {
            prop_assert_eq!(left.cmp(&right), collator.compare(&one, &other), "{:?} {:?}", one, other);
        }
    }

    #[test]
    fn ukrainian_names_are_in_the_order_of_the_alphabet(
        one in prop::collection::vec(0usize..33, 1..8), other in prop::collection::vec(0usize..33, 1..8),
    ) {
        let text = |letters: &[usize]| letters.iter().filter_map(|index| ALPHABET.chars().nth(*index)).collect::<String>();
        let order = |left: &[usize], right: &[usize]| sort_key(Some(&text(left))).cmp(&sort_key(Some(&text(right))));
        prop_assert_eq!(order(&one, &other), one.cmp(&other), "{} {}", text(&one), text(&other));
        let capital = sort_key(Some(&text(&one).to_uppercase()));
        if one.cmp(&other) != Ordering::Equal {
            prop_assert_eq!(capital.cmp(&sort_key(Some(&text(&other)))), one.cmp(&other), "case decides last");
        }
    }
}
