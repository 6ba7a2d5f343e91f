//! Order of the values after a merge.

use vcard::{Card, Limits, merge_retained};

use super::{merged, new, small_model};
use crate::samples::{card_of, with_lines};

#[test]
fn reordered_values_move_their_lines_and_keep_their_groups() {
    let (one, two) = ("item1.EMAIL;type=pref:1@a.example", "EMAIL;X-A=1:2@a.example");
    let (three, label_of_three) = ("item2.EMAIL:3@a.example", "item2.X-ABLabel:Three");
    let text = |[first, second, third]: [&str; 3]| {
        let lines = ["N:A;;;;", "FN:A", first, "item1.X-ABLabel:One", second, "TEL:1", third, label_of_three];
        with_lines("3.0", &lines)
    };
    let received = text([one, two, three]);
    let rotated = merged(&received, |card| card.emails.rotate_left(1));
    assert_eq!(rotated, text([two, three, one]));
    assert_eq!(merged(&rotated, |card| card.emails.rotate_right(1)), received);
    let shorter = merged(&received, |card| {
        card.emails.reverse();
        card.emails.truncate(2);
    });
    assert_eq!(shorter, with_lines("3.0", &["N:A;;;;", "FN:A", three, two, "TEL:1", label_of_three]));
}

#[test]
fn value_inserted_at_the_front_is_in_the_first_line() {
    let lines = ["N:A;;;;", "FN:A", "item1.TEL:1", "item1.X-ABLabel:One", "NOTE:n", "TEL;TYPE=HOME:2"];
    let changed = merged(&with_lines("3.0", &lines), |card| card.phones.insert(0, new(None, "0")));
    let lines = ["N:A;;;;", "FN:A", "TEL:0", "item1.X-ABLabel:One", "NOTE:n", "item1.TEL:1", "TEL;TYPE=HOME:2"];
    assert_eq!(changed, with_lines("3.0", &lines));
}

#[test]
fn lines_move_only_when_the_order_of_the_values_changes() {
    let text = |first, second, last| with_lines("3.0", &["N:A;;;;", "FN:A", first, second, "NOTE:n", last]);
    let received = text("URL:a=", "URL:b", "URL;X-A=1:c");
    let changed =
        |values: &[&str]| merged(&received, |card| card.urls = values.iter().map(|value| new(None, value)).collect());
    assert_eq!(changed(&["c", "x", "a="]), text("URL;X-A=1:c", "URL:x", "URL:a="));
    assert_eq!(changed(&["b", "c"]), received.replace("URL:a=\r\n", ""));
    assert_eq!(changed(&["x", "b", "c"]), received.replace("URL:a=", "URL:x"));
    assert_eq!(changed(&["c", "b", "c"]), received.replace("URL:a=", "URL:c"), "equal values are in any order");
}

#[test]
fn lines_that_the_model_does_not_retain_stay_in_their_positions() {
    let text = |[one, two]: [&str; 2], [first, second]: [&str; 2]| {
        let lines = ["N:A;;;;", "FN:A", one, "TEL:ask Eva", two, first, "NOTE:n", second, "EMAIL:3@a.example"];
        with_lines("3.0", &lines)
    };
    let received = text(["TEL:1", "TEL:2"], ["EMAIL:1@a.example", "EMAIL:2@a.example"]);
    let mut card = small_model(&card_of(&received));
    card.phones.reverse();
    card.emails.reverse();
    let changed = merge_retained(&received, &card, &Limits::default(), small_model).unwrap();
    assert_eq!(changed, text(["TEL:2", "TEL:1"], ["EMAIL:2@a.example", "EMAIL:1@a.example"]));
    assert_eq!(small_model(&card_of(&changed)), card);
}

#[test]
fn soft_break_before_the_end_does_not_join_two_lines() {
    let (one, two) = ("TEL;QUOTED-PRINTABLE:=31", "TEL;QUOTED-PRINTABLE:=32=");
    let text = with_lines("2.1", &["N:A;;;;", "FN:A", one, two]);
    assert_eq!(merged(&text, |_| {}), text);
    let reversed = merged(&text, |card| card.phones.reverse());
    assert_eq!(reversed, with_lines("2.1", &["N:A;;;;", "FN:A", two, "", one]));
    assert_eq!(card_of(&reversed).phones, [new(None, "2"), new(None, "1")]);
    let longer = merged(&text, |card| card.phones.push(new(None, "3")));
    assert_eq!(longer, with_lines("2.1", &["N:A;;;;", "FN:A", one, two, "", "TEL:3"]));
    assert_eq!(card_of(&longer).phones, [new(None, "1"), new(None, "2"), new(None, "3")]);
}

#[test]
fn categories_of_one_line_have_the_order_of_the_model() {
    let text = |line: &str| with_lines("3.0", &["N:A;;;;", "FN:A", line]);
    let owned = |categories: &[&str]| categories.iter().map(|own| (*own).to_owned()).collect::<Vec<_>>();
    let changed = |text: &str, categories: &[&str]| merged(text, |card| card.categories = owned(categories));
    let received = text("CATEGORIES:A,B,A,C");
    assert_eq!(changed(&received, &["C", "D", "A", "B"]), text("CATEGORIES:C,D,A,B"));
    assert_eq!(changed(&received, &["A", "A"]), text("CATEGORIES:A,A"));
    assert_eq!(changed(&received, &["B", "B"]), text("CATEGORIES:B,B"));
    let two = text("CATEGORIES:A\r\nCATEGORIES:B");
    assert_eq!(changed(&two, &["B", "A"]), two, "several lines keep their order");
}

#[test]
fn categories_stay_where_the_model_reads_them_in_its_order() {
    let text = |line| with_lines("3.0", &["N:A;;;;", "FN:A", line]);
    let short = |card: &Card| {
        let mut card = card.clone();
        card.categories.retain(|category| category.len() == 1);
        card
    };
    let sorted = |card: &Card| {
        let mut card = short(card);
        card.categories.sort();
        card
    };
    let received = text("CATEGORIES:C,long,B");
    let mut card = sorted(&card_of(&received));
    card.categories.push("D".to_owned());
    let more = merge_retained(&received, &card, &Limits::default(), sorted).unwrap();
    assert_eq!(more, text("CATEGORIES:C,long,B,D"));
    let ordered = merge_retained(&received, &card, &Limits::default(), short).unwrap();
    assert_eq!(ordered, text("CATEGORIES:B,C,D,long"));
}
