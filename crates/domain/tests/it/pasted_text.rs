//! Properties of texts as people paste and type them.

use domain::{
    account::Email,
    contact::{ContactCard, ContactEmail, Filter, Link, PhoneNumber, SearchForms, Tag},
    folding::{fold, fold_case},
    text::{multi_line, single_line},
};
use proptest::prelude::*;
use serde_json::{Value, json};
use testkit::samples;

/// Returns true when a search finds a card.
fn finds(q: &str, card: &ContactCard) -> bool {
    let forms = SearchForms::of(card);
    Filter::words(q).unwrap().iter().all(|needle| {
        let by_phone = needle.phone.as_ref().is_some_and(|phone| phone.finds(forms.phones.as_deref()));
        by_phone || needle.words.iter().all(|word| forms.text.contains(word.as_str()))
    })
}

fn card(mut json: Value) -> ContactCard {
    json.as_object_mut().unwrap().insert("nickname".to_owned(), "Zz".into());
    ContactCard::parse(json, samples::now().date_naive()).unwrap().card().clone()
}

/// Letters of several scripts with marks, blanks, dashes, apostrophes and invisible characters.
fn text() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "Анна",
        "Ґудзь",
        "їжак",
        "Łódź",
        "ə",
        "パパ",
        "सुनील",
        "ปู่",
        "می",
        "خ",
        "👩",
        "❤",
        "葛",
        "한",
        "\u{301}",
        "\u{94d}",
        " ",
        "\u{a0}",
        "\u{3000}",
        "-",
        "‑",
        "−",
        "'",
        "’",
        "ʻ",
        "`",
        "\u{200b}",
        "\u{200c}",
        "\u{200d}",
        "\u{200e}",
        "\u{202a}",
        "\u{202c}",
        "\u{2068}",
        "\u{2069}",
        "\u{feff}",
        "\u{ad}",
        "\u{fe0f}",
        "\u{e0100}",
        "12",
        "۳",
    ]);
    prop_oneof![prop::collection::vec(pieces, 1..12).prop_map(|pieces| pieces.concat()), "\\PC{1,30}"]
}

/// Inserts invisible characters, and replaces dashes, apostrophes and blanks by others.
fn retyped(text: &str, choice: usize) -> String {
    let pick = |of: &[&'static str], index: usize| of.iter().cycle().nth((index + choice) % of.len()).copied().unwrap();
    let change = |(index, c): (usize, char)| match c {
        '-' => pick(&["-", "‑", "–", "−", "－"], index).to_owned(),
        '\'' | '’' => pick(&["'", "’", "ʼ", "ʻ", "`", "‛"], index).to_owned(),
        ' ' => pick(&[" ", "\u{a0}", "\u{2009}", "  ", "\u{3000}"], index).to_owned(),
        c => format!("{c}{}", pick(&["", "\u{200b}", "", "\u{ad}", "\u{2060}"], index)),
    };
    let inside: String = text.chars().enumerate().map(change).collect();
    format!("\u{2068}{inside}\u{2069}\u{feff}")
}

/// Phone numbers with a country, each with its notation inside the country.
const PHONES: [(&str, &str, &str); 4] = [
    ("380", "67 111 22 33", "067 111 22 33"),
    ("49", "30 90 18 20", "030 90 18 20"),
    ("44", "20 7183 8750", "020 7183 8750"),
    ("48", "22 123 45 67", "22 123 45 67"),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn cleaning_twice_changes_nothing(raw in text()) {
        if let Ok(line) = single_line(&raw, 500) {
            prop_assert_eq!(single_line(&line, 500), Ok(line.clone()));
            prop_assert_eq!(fold(&line), fold(&raw), "what is stored is searched as it was typed");
            prop_assert_eq!(fold_case(&line), fold_case(&line.replace('-', "‑")));
        }
        if let Ok(lines) = multi_line(&raw, 500) {
            prop_assert_eq!(multi_line(&lines, 500), Ok(lines.clone()));
        }
        prop_assert_eq!(fold(&fold(&raw)), fold(&raw));
        prop_assert_eq!(fold_case(&fold_case(&raw)), fold_case(&raw));
    }

    #[test]
    fn stored_values_are_valid_and_do_not_change(raw in prop_oneof![
        text(), "[a-zé.＠@\u{ad}。\"+ -]{1,20}@[a-zä。.-]{1,12}", "(tel:|\\+)?[0-9۰-۹ ()./,;#*pwx–-]{1,60}", "(https?://)?[a-zї]{1,8}[.:/]{1,2}[a-z/?#@]{1,9}"
    ]) {
        if let Ok(email) = ContactEmail::parse(&raw) {
            prop_assert_eq!(ContactEmail::parse(email.as_str()), Ok(email.clone()));
            let is_found = finds(email.as_str(), &card(json!({"emails": [{"address": raw}]})));
            prop_assert!(is_found, "{}", email.as_str());
        }
        if let Ok(email) = Email::parse(&raw) {
            prop_assert!(ContactEmail::parse(&raw).is_ok(), "what an account may have, a contact may have");
            prop_assert_eq!(Email::parse(email.as_str()), Ok(email));
        }
        if let Ok(phone) = PhoneNumber::parse(&raw) {
            prop_assert_eq!(PhoneNumber::parse(phone.as_str()), Ok(phone.clone()));
            let is_short = phone.as_str().split_whitespace().count() <= Filter::MAX_WORDS;
            let is_found = !is_short || finds(phone.as_str(), &card(json!({"phones": [{"number": raw}]})));
            prop_assert!(is_found, "{}", phone.as_str());
        }
        if let Ok(link) = Link::parse(&raw) {
            prop_assert_eq!(Link::parse(link.as_str()), Ok(link.clone()));
            let is_found = finds(link.as_str(), &card(json!({"urls": [{"url": raw}]})));
            prop_assert!(is_found, "{}", link.as_str());
        }
        if let Ok(tag) = Tag::parse(&raw) {
            prop_assert_eq!(Filter::tag(tag.as_str()), Filter::tag(&raw));
        }
    }

    #[test]
    fn text_is_found_by_itself_and_however_it_is_retyped(raw in text(), choice in 0usize..30) {
        prop_assume!(raw.chars().filter(|c| c.is_whitespace()).count() < 5);
        if single_line(&raw, 100).is_ok() {
            let stored = card(json!({"first_name": raw}));
            prop_assert!(finds(&raw, &stored), "by itself");
            let line = stored.first_name.as_ref().unwrap().as_str().to_owned();
            prop_assert!(finds(&line, &stored), "by the stored form {:?}", line);
            let is_found = finds(&retyped("Анна-Ґ’ я", choice), &card(json!({"first_name": "Анна-ґ' Я"})));
            prop_assert!(is_found, "by what is seen");
        }
    }

    #[test]
    fn phone_is_found_by_every_notation(which in 0usize..4, stored in 0usize..6, searched in 0usize..6, choice in 0usize..30) {
        let (country, national, dialled) = PHONES[which];
        let notation = |number| match number {
            0 => format!("+{country} {national}"),
            1 => format!("00{country} {national}"),
            2 => format!("+{country} (0) {national}"),
            3 => format!("tel:+{country}{}", national.replace(' ', "-")),
            4 => dialled.to_owned(),
            _ => format!("+{country}{national}").replace(' ', "").replace('0', "۰").replace('1', "１"),
        };
        let (number, q) = (notation(stored), notation(searched));
        let stored_card = card(json!({"phones": [{"number": retyped(&number, choice)}]}));
        prop_assert!(finds(&retyped(&q, choice), &stored_card), "{} finds {}", q, number);
    }
}
