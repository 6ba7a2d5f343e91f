//! Many cards in one file.

use vcard::{CharsetChoice, Limits, Problem, split};

use crate::samples::{card_of, entries};

fn problem(line: usize, problem: Problem) -> (usize, Result<String, Problem>) {
    (line, Err(problem))
}

fn fine(line: usize, name: &str) -> (usize, Result<String, Problem>) {
    (line, Ok(name.to_owned()))
}

/// Returns for each entry its line, and the name of its card or its problem.
fn summary(file: &[u8], limits: Limits) -> Vec<(usize, Result<String, Problem>)> {
    let entries: Vec<_> = split(file, limits, &CharsetChoice::default()).collect();
    assert!(entries.iter().enumerate().all(|(index, entry)| entry.index == index));
    let card = |entry: vcard::Entry| match entry.card {
        Ok(received) => Ok(card_of(&received.text).display_name()),
        Err(error) => {
            assert_eq!(error.line, entry.line);
            Err(error.problem)
        }
    };
    entries.into_iter().map(|entry| (entry.line, card(entry))).collect()
}

#[test]
fn good_cards_are_read_between_broken_ones() {
    let file = include_bytes!("../samples/many.vcf");
    let expected = [
        fine(1, "One"),
        problem(7, Problem::NoEnd),
        fine(10, "Two"),
        problem(15, Problem::OutsideCard),
        fine(17, "With agent"),
        fine(26, "Joined"),
        problem(30, Problem::NoEnd),
    ];
    assert_eq!(summary(file, Limits::default()), expected);
    let crlf = String::from_utf8_lossy(file).replace('\n', "\r\n");
    assert_eq!(summary(crlf.as_bytes(), Limits::default()), expected);
    let doubled = String::from_utf8_lossy(file).replace('\n', "\r\r\n");
    assert_eq!(summary(doubled.as_bytes(), Limits::default()), expected);
}

#[test]
fn card_of_an_agent_ends_inside_of_its_card() {
    let agent = "AGENT:\nBEGIN:VCARD\nFN:Agent\nEND:VCARD\n";
    let file = format!("BEGIN:VCARD\nFN:A\n{agent}TEL:1\nEND:VCARD\nBEGIN:VCARD\nFN:B\n{agent}END:VCARD\n");
    assert_eq!(summary(file.as_bytes(), Limits::default()), [fine(1, "A"), fine(9, "B")]);
}

#[test]
fn old_mac_file_with_cr_only_is_read() {
    let file = "BEGIN:VCARD\rVERSION:3.0\rFN:A\rEND:VCARD\rBEGIN:VCARD\rFN:B\rEND:VCARD\r";
    assert_eq!(summary(file.as_bytes(), Limits::default()), [fine(1, "A"), fine(5, "B")]);
}

#[test]
fn card_above_the_limit_is_skipped_as_a_whole() {
    let large = format!("BEGIN:VCARD\nFN:L\nNOTE:{}\nTEL:1\nEND:VCARD\n", "x".repeat(5_000));
    let small = "BEGIN:VCARD\nFN:S\nEND:VCARD\n";
    let file = [small, &large, small].concat();
    let limits = Limits { card_bytes: 1_000, ..Limits::default() };
    let max = limits.card_bytes;
    assert_eq!(
        summary(file.as_bytes(), limits),
        [fine(1, "S"), problem(4, Problem::CardTooLarge { max }), fine(9, "S")]
    );
}

#[test]
fn file_without_cards_is_one_error() {
    for file in [&b"name,email\na,b\n"[..], &[0xFF; 5_000], b"\x89PNG\r\n\x1a\n\0\0", b"END:VCARD\nEND:VCARD"] {
        assert_eq!(summary(file, Limits::default()), [problem(1, Problem::OutsideCard)]);
    }
    for file in [&b""[..], b"\r\n\n", b"\xef\xbb\xbf", b"\x1a", b"a"] {
        assert_eq!(entries(file).len(), usize::from(file == b"a"), "{file:?}");
    }
}

#[test]
fn joined_files_may_have_byte_order_marks_and_end_with_ctrl_z() {
    let card = "\u{feff}begin:vcard \r\nFN:A\r\nend:vcard\t\r\n";
    assert_eq!(summary(format!("{card}{card}\u{1a}").as_bytes(), Limits::default()), [fine(1, "A"), fine(4, "A")]);
}

#[test]
fn ten_thousand_cards_are_read_in_order() {
    let file: String = (0..10_000).map(|number| format!("BEGIN:VCARD\nFN:{number}\nEND:VCARD\n")).collect();
    let names = summary(file.as_bytes(), Limits::default());
    assert!(names.iter().enumerate().all(|(index, entry)| *entry == fine(index * 3 + 1, &index.to_string())));
    assert_eq!(names.len(), 10_000);
}

#[test]
fn card_above_the_limit_is_reported_before_its_end_is_known() {
    let file = format!("BEGIN:VCARD\nFN:L\nNOTE:{}\nTEL:1\n", "x".repeat(5_000));
    let limits = Limits { card_bytes: 1_000, ..Limits::default() };
    assert_eq!(summary(file.as_bytes(), limits), [problem(1, Problem::CardTooLarge { max: 1_000 })]);
}

#[test]
fn card_begins_after_any_line_outside_of_cards() {
    let card = "BEGIN:VCARD\nFN:A\nEND:VCARD\n";
    let file = |before: &str| summary(format!("{before}{card}").as_bytes(), Limits::default());
    assert_eq!(file("AGENT:\n"), [problem(1, Problem::OutsideCard), fine(2, "A")]);
    assert_eq!(file("END:VCARD"), [fine(1, "A")], "the end of another file without its begin");
    let inside = "BEGIN:VCARD\nFN:A\nNOTE:1234BEGIN:VCARD\nEND:VCARD\n";
    assert_eq!(summary(inside.as_bytes(), Limits::default()), [fine(1, "A")]);
}
