//! Changes to the text of a card.

mod order;

use vcard::{Birthday, Card, Labeled, Limits, merge, merge_retained};

use crate::samples::{card_of, text, with_lines};

/// Returns the text after a change of its card.
fn merged(text: &str, change: impl FnOnce(&mut Card)) -> String {
    let mut card = card_of(text);
    change(&mut card);
    merge(text, &card, &Limits::default()).unwrap()
}

fn new(label: Option<&str>, value: &str) -> Labeled<String> {
    Labeled { label: label.map(str::to_owned), value: value.to_owned() }
}

#[test]
fn removed_phone_goes_with_the_lines_of_its_group() {
    let text = text("ios");
    let expected = text.replace("item2.TEL:102\r\nitem2.X-ABLabel:_$!<Assistant>!$_\r\n", "");
    assert_eq!(merged(&text, |card| card.phones.truncate(2)), expected);
}

#[test]
fn new_phone_is_appended_with_a_fresh_group() {
    let text = text("ios");
    let expected = text.replace("END:VCARD", "item7.TEL:103\r\nitem7.X-ABLabel:Вахта\r\nEND:VCARD");
    assert_eq!(merged(&text, |card| card.phones.push(new(Some("Вахта"), "103"))), expected);
}

#[test]
fn changed_phone_replaces_its_line_in_its_position() {
    let text = text("google");
    let expected = text.replace("TEL;TYPE=CELL:+358 40 1234567", "TEL;TYPE=CELL:+358 40 7654321");
    assert_eq!(merged(&text, |card| card.phones[0].value = "+358 40 7654321".to_owned()), expected);
}

#[test]
fn changed_label_replaces_the_group() {
    let text = with_lines("3.0", &["N:A;;;;", "FN:A", "item1.TEL;type=pref:1", "item1.X-ABLabel:Old"]);
    let expected = with_lines("3.0", &["N:A;;;;", "FN:A", "TEL;TYPE=HOME:1"]);
    assert_eq!(merged(&text, |card| card.phones[0].label = Some("home".to_owned())), expected);
}

#[test]
fn other_value_of_a_group_stays_with_its_label() {
    let text =
        with_lines("3.0", &["FN:A", "N:A;;;;", "g.TEL:1", "g.EMAIL:a@b.example", "g.X-ABLabel:Both", "g.IMPP:x:y"]);
    let expected = text.replace("g.TEL:1\r\n", "");
    assert_eq!(merged(&text, |card| card.phones.clear()), expected);
}

#[test]
fn changed_name_changes_n_and_fn() {
    let text = text("dav_client");
    let expected = text.replace("FN:Iryna Bondar", "FN:Iryna Koval").replace("N:Bondar;Iryna;;;", "N:Koval;Iryna;;;");
    assert_eq!(merged(&text, |card| card.name.last = Some("Koval".to_owned())), expected);
}

#[test]
fn own_fn_of_a_card_stays_while_the_name_is_the_same() {
    let text = with_lines("3.0", &["FN:The Boss", "N:Doe;Jean;;;", "NOTE:a"]);
    assert_eq!(merged(&text, |card| card.note = Some("b".to_owned())), text.replace("NOTE:a", "NOTE:b"));
}

#[test]
fn removed_value_does_not_return_from_a_second_line() {
    let text = with_lines(
        "3.0",
        &["FN:A", "N:A;;;;", "TITLE:Boss", "TITLE:Chief", "X-ANDROID-STARRED:1", "X-FAVORITE:true", "X-FAVORITE:0"],
    );
    let changed = merged(&text, |card| card.job_title = Some("Cook".to_owned()));
    assert_eq!(changed, text.replace("TITLE:Boss", "TITLE:Cook"), "the second line stays");
    assert_eq!(merged(&text, |card| card.job_title = None), text.replace("TITLE:Boss\r\nTITLE:Chief\r\n", ""));
    let changed = merged(&text, |card| card.favorite = false);
    assert_eq!(changed, text.replace("X-ANDROID-STARRED:1\r\nX-FAVORITE:true\r\n", ""), "a line without a star stays");

    let card = card_of(&text);
    let no_chief =
        |card: &Card| Card { job_title: card.job_title.clone().filter(|title| title != "Chief"), ..card.clone() };
    let after = Card { job_title: None, ..card };
    let changed = merge_retained(&text, &after, &Limits::default(), no_chief).unwrap();
    assert_eq!(changed, text.replace("TITLE:Boss\r\n", ""), "the model never had the second one");
}

#[test]
fn values_of_a_2_1_card_change_in_2_1() {
    let text = text("android_21");
    let changed = merged(&text, |card| {
        card.phones[0].value = "+380670000000".to_owned();
        card.job_title = Some("Лікар".to_owned());
    });
    let title = "TITLE;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=9B=D1=96=D0=BA=D0=B0=\r\n=D1=80\r\nEND:VCARD";
    let expected = text.replace("TEL;CELL;PREF:+380671234567", "TEL;CELL:+380670000000").replace("END:VCARD", title);
    assert_eq!(changed, expected);
}

#[test]
fn birthday_without_year_is_written_as_each_version_writes_it() {
    let change = |card: &mut Card| card.birthday = Birthday::new(None, 3, 1);
    let lines = |line| with_lines("3.0", &["FN:A", "N:A;;;;", line]);
    let expected = lines("BDAY;X-APPLE-OMIT-YEAR=1604:1604-03-01");
    assert_eq!(merged(&lines("BDAY:19900228"), change), expected);
    let text = text("nextcloud");
    assert_eq!(merged(&text, change), text.replace("BDAY:19680322", "BDAY:--0301"));
}

#[test]
fn birthday_that_is_a_text_stays() {
    let text = text("text_birthday");
    let expected = text.replace("END:VCARD", "BDAY:--0301\r\nEND:VCARD");
    assert_eq!(merged(&text, |card| card.birthday = Birthday::new(None, 3, 1)), expected);
}

#[test]
fn categories_change_in_their_line() {
    let text = text("google");
    let line = |value| text.replace("CATEGORIES:Sailing,myContacts,starred", value);
    assert_eq!(merged(&text, |card| card.categories = vec!["starred".to_owned()]), line("CATEGORIES:starred"));
    let more = merged(&text, |card| card.categories.push("Кава, чай".to_owned()));
    assert_eq!(more, line("CATEGORIES:Sailing,myContacts,starred,Кава\\, чай"));
    assert_eq!(merged(&text, |card| card.categories.clear()), line("").replace("\r\n\r\nEND", "\r\nEND"));
}

#[test]
fn new_lines_have_the_line_ends_of_the_text() {
    let text = with_lines("4.0", &["FN:A", "N:A;;;;"]).replace("\r\n", "\n");
    let expected = text.replace("END:VCARD", "NOTE:b\nEND:VCARD");
    assert_eq!(merged(&text, |card| card.note = Some("b".to_owned())), expected);
}

/// A model with two e-mails at most, phones of digits only, and links with a scheme.
fn small_model(card: &Card) -> Card {
    let is_phone = |phone: &&Labeled<String>| phone.value.chars().all(|character| character.is_ascii_digit());
    let link = |url: &Labeled<String>| {
        let value = if url.value.contains("://") { url.value.clone() } else { format!("https://{}", url.value) };
        Labeled { label: url.label.clone(), value }
    };
    Card {
        name: card.name.clone(),
        emails: card.emails.iter().take(2).cloned().collect(),
        phones: card.phones.iter().filter(is_phone).cloned().collect(),
        urls: card.urls.iter().map(link).collect(),
        ..Card::default()
    }
}

#[test]
fn lines_that_the_model_does_not_retain_stay() {
    let lines = [
        "UID:1",
        "N:A;;;;",
        "FN:A",
        "EMAIL:1@a.example",
        "EMAIL:2@a.example",
        "EMAIL:3@a.example",
        "TEL:12",
        "TEL:ask Eva",
        "URL:a.example",
        "NOTE:n",
    ];
    let text = with_lines("3.0", &lines);
    let change = |change: &dyn Fn(&mut Card)| {
        let mut card = small_model(&card_of(&text));
        change(&mut card);
        merge_retained(&text, &card, &Limits::default(), small_model).unwrap()
    };
    assert_eq!(change(&|_| {}), text);
    assert_eq!(change(&|card| card.urls.clear()), text.replace("URL:a.example\r\n", ""));
    assert_eq!(change(&|card| drop(card.emails.remove(0))), text.replace("EMAIL:1@a.example\r\n", ""));
    let phone = change(&|card| card.phones[0].value = "34".to_owned());
    assert_eq!(phone, text.replace("TEL:12", "TEL:34"));
    let revised = change(&|card| card.revision = Some("20261201T000000Z".to_owned()));
    assert_eq!(revised, text.replace("END:VCARD", "REV:20261201T000000Z\r\nEND:VCARD"));
}

#[test]
fn equal_lines_stay_for_a_model_without_duplicates() {
    let without_duplicates = |card: &Card| {
        let mut card = card.clone();
        card.emails.dedup();
        card
    };
    let text = with_lines("4.0", &["N:A;;;;", "FN:A", "EMAIL:a@b.example", "EMAIL;PREF=1:a@b.example"]);
    let mut card = without_duplicates(&card_of(&text));
    card.emails.push(new(None, "c@d.example"));
    let merge = |card: &Card| merge_retained(&text, card, &Limits::default(), without_duplicates).unwrap();
    assert_eq!(merge(&card), text.replace("END:", "EMAIL:c@d.example\r\nEND:"));
    card.emails.clear();
    assert_eq!(merge(&card), with_lines("4.0", &["N:A;;;;", "FN:A"]));

    let (first, equal, last) = ("EMAIL:a@b.example", "EMAIL;PREF=1:a@b.example", "EMAIL:c@d.example");
    let text = with_lines("4.0", &["N:A;;;;", "FN:A", first, equal, last]);
    let mut card = without_duplicates(&card_of(&text));
    card.emails.reverse();
    let reversed = merge_retained(&text, &card, &Limits::default(), without_duplicates).unwrap();
    assert_eq!(reversed, with_lines("4.0", &["N:A;;;;", "FN:A", last, equal, first]));
}

#[test]
fn equal_values_are_written_as_often_as_they_are_in_the_card() {
    let one = with_lines("3.0", &["N:A;;;;", "FN:A", "TEL:1"]);
    let two = with_lines("3.0", &["N:A;;;;", "FN:A", "TEL:1", "TEL:1"]);
    let three = with_lines("3.0", &["N:A;;;;", "FN:A", "TEL;X-A=1:1", "TEL:1", "TEL:1"]);
    let phones = |number: usize| vec![new(None, "1"); number];
    assert_eq!(merged(&one, |card| card.phones = phones(2)), two);
    assert_eq!(merged(&two, |card| card.phones = phones(1)), one);
    let first = with_lines("3.0", &["N:A;;;;", "FN:A", "TEL;X-A=1:1"]);
    assert_eq!(merged(&three, |card| card.phones = phones(1)), first, "the first line stays as it is");
}

#[test]
fn line_with_other_categories_stays_as_it_is() {
    let text = with_lines("3.0", &["N:A;;;;", "FN:A", "categories;X-A=1:A", "CATEGORIES:B,C"]);
    let expected = text.replace("CATEGORIES:B,C", "CATEGORIES:B");
    assert_eq!(merged(&text, |card| card.categories.retain(|category| category != "C")), expected);
}

#[test]
fn empty_name_gets_the_new_one_in_its_line() {
    let text = with_lines("3.0", &["N:;;;;", "FN:A", "TEL:1"]);
    let expected = with_lines("3.0", &["N:;B;;;", "FN:B", "TEL:1"]);
    assert_eq!(merged(&text, |card| card.name.first = Some("B".to_owned())), expected);
    // In 4.0 no N is required, so none is added for an empty name.
    let text = with_lines("4.0", &["FN:A", "ORG:B"]);
    assert_eq!(merged(&text, |card| card.name.first = None), with_lines("4.0", &["FN:B", "ORG:B"]));
}

#[test]
fn texts_of_2_1_are_quoted_printable() {
    let text = with_lines("2.1", &["N:A;;;;", "FN:A"]);
    let written = |note: &str| {
        let text = merged(&text, |card| card.note = Some(note.to_owned()));
        text.lines().find(|line| line.starts_with("NOTE")).unwrap().to_owned()
    };
    assert_eq!(written("a, b"), "NOTE:a\\, b");
    assert_eq!(written("a\r\nb"), "NOTE;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:a=0D=0Ab");
    assert_eq!(written("ї = b "), "NOTE;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D1=97 =3D b=20");
}

#[test]
fn line_is_folded_after_75_bytes_and_has_no_control_characters() {
    let text = with_lines("3.0", &["N:A;;;;", "FN:A"]);
    let written = |note: &str| merged(&text, |card| card.note = Some(note.to_owned()));
    let longest = "x".repeat(70);
    assert!(written(&longest).contains(&format!("NOTE:{longest}\r\nEND")));
    assert!(written(&format!("{longest}y")).contains(&format!("NOTE:{longest}\r\n y\r\nEND")));
    assert!(written("a\tb\u{1}c").contains("NOTE:a\tbc\r\n"));
}
