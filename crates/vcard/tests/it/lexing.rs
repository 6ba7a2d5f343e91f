//! Content lines and their parts.

use vcard::{CardText, Lexer, Limits, Problem, ReadError, Version};

use crate::samples::with_lines;

/// Group, name, parameters and value.
type Parts<'a> = (Option<&'a str>, &'a str, &'a [&'a str], &'a str);

/// Returns group, name, parameters and value of the only line of a text.
fn parts(text: &str) -> (Option<String>, String, Vec<String>, String) {
    let mut lines = Lexer::new(text);
    let line = lines.next().unwrap();
    assert!(lines.next().is_none(), "{text:?} is more than one line");
    let params = line.params().map(|param| format!("{}={}", param.name, param.raw_value)).collect();
    (line.group().map(str::to_owned), line.name().to_owned(), params, line.value().into_owned())
}

#[test]
fn line_has_group_name_parameters_and_value() {
    let cases: [(&str, Parts<'_>); 10] = [
        ("FN:Леся\r\n", (None, "FN", &[], "Леся")),
        ("item1.TEL;type=CELL;type=pref:1:2\n", (Some("item1"), "TEL", &["type=CELL", "type=pref"], "1:2")),
        ("TEL;CELL;VOICE:1", (None, "TEL", &["=CELL", "=VOICE"], "1")),
        ("ADR;LABEL=\"a;b:c\":;;x", (None, "ADR", &["LABEL=\"a;b:c\""], ";;x")),
        ("X;A=\"open:v", (None, "X", &["A=\"open"], "v")),
        ("X;A=\"open:v:w", (None, "X", &["A=\"open"], "v:w")),
        ("NO\r\n TE;A\r\n\t=B:lo\r\n ng\r\n  er\r\n", (None, "NOTE", &["A=B"], "long er")),
        ("a.b.EMAIL:x", (Some("a.b"), "EMAIL", &[], "x")),
        ("no colon", (None, "", &[], "no colon")),
        (":value", (None, "", &[], "value")),
    ];
    for (text, (group, name, params, value)) in cases {
        let (own_group, own_name, own_params, own_value) = parts(text);
        assert_eq!((own_group.as_deref(), own_name.as_str(), own_value.as_str()), (group, name, value), "{text:?}");
        assert_eq!(own_params, params, "{text:?}");
    }
}

#[test]
fn parameter_has_several_values_without_quotes() {
    let line = Lexer::new("TEL;TYPE=home,\"work,fax\",\"cell\":1").next().unwrap();
    let param = line.params().next().unwrap();
    assert_eq!(param.values().collect::<Vec<_>>(), ["home", "work", "fax", "cell"]);
}

#[test]
fn soft_line_break_continues_a_quoted_printable_value_only() {
    let names = |text| Lexer::new(text).map(|line| line.name().to_owned()).collect::<Vec<_>>();
    assert_eq!(names("NOTE;QUOTED-PRINTABLE:a=\nTEL:b\nFN:c"), ["NOTE", "FN"]);
    assert_eq!(names("NOTE;ENCODING=quoted-printable:a= \r\nb\r\nFN:c"), ["NOTE", "FN"]);
    assert_eq!(names("URL:http://a/?b=\nTEL:b"), ["URL", "TEL"]);
    assert_eq!(names("NOTE;QUOTED-PRINTABLE:a=\nEND:VCARD\n"), ["NOTE", "END"]);
}

#[test]
fn card_inside_of_an_agent_belongs_to_its_line() {
    let text = "AGENT:\r\nBEGIN:VCARD\r\nAGENT:\r\nBEGIN:VCARD\r\nEND:VCARD\r\nEND:VCARD\r\nTEL:1\r\n";
    let lines: Vec<(usize, String)> = Lexer::new(text).map(|line| (line.number(), line.name().to_owned())).collect();
    assert_eq!(lines, [(1, "AGENT".to_owned()), (7, "TEL".to_owned())]);
    let names = |text| Lexer::new(text).map(|line| line.name().to_owned()).collect::<Vec<_>>();
    assert_eq!(names("AGENT:\nTEL:1"), ["AGENT", "TEL"]);
    assert_eq!(names("NOTE:\nBEGIN:VCARD\nTEL:1\nEND:VCARD\n"), ["NOTE", "BEGIN", "TEL", "END"]);
}

#[test]
fn text_without_exactly_one_card_is_an_error_with_its_line() {
    let card = with_lines("3.0", &["FN:A"]);
    let limits = Limits { card_bytes: 200, line_bytes: 60, lines: 6 };
    let cases = [
        (String::new(), 1, Problem::NoCard),
        ("FN:A\n".to_owned(), 1, Problem::NoCard),
        ("\n\nBEGIN:VCARD\nFN:A\n".to_owned(), 3, Problem::NoEnd),
        ("BEGIN:VCARD\nBEGIN:VCARD\nEND:VCARD\n".to_owned(), 1, Problem::NoEnd),
        (card.repeat(2), 5, Problem::SecondCard),
        (format!("{card}\nNOTE:B\n"), 6, Problem::OutsideCard),
        (format!("{card}END:VCARD\n"), 5, Problem::OutsideCard),
        (with_lines("3.0", &[&"x".repeat(300)]), 1, Problem::CardTooLarge { max: 200 }),
        (with_lines("3.0", &["FN:A", &"x".repeat(61)]), 4, Problem::LineTooLong { max: 60 }),
        (with_lines("3.0", &["A:", "B:", "C:", "D:"]), 7, Problem::TooManyLines { max: 6 }),
    ];
    for (text, line, problem) in cases {
        assert_eq!(CardText::parse(&text, &limits), Err(ReadError { line, problem }), "{text:?}");
    }
    let longest_line = with_lines("3.0", &["FN:A", &"x".repeat(58)]);
    assert_eq!(CardText::parse(&longest_line, &limits).map(|text| text.lines().len()), Ok(5));
    let largest = with_lines("3.0", &[&"x".repeat(58), &"x".repeat(58), &"x".repeat(41)]);
    assert_eq!((largest.len(), CardText::parse(&largest, &limits).is_ok()), (200, true));
    let error = ReadError { line: 4, problem: Problem::LineTooLong { max: 60 } };
    assert_eq!(error.to_string(), "line 4: the line has more than 60 bytes");
    assert_eq!(error.in_file(11).line, 14);
}

#[test]
fn unknown_version_is_read_as_3_0() {
    let version = |text: &str| CardText::parse(text, &Limits::default()).unwrap().version();
    assert_eq!(version(&with_lines("2.1", &[])), Version::V2_1);
    assert_eq!(version(&with_lines("4.0", &[])), Version::V4_0);
    assert_eq!(version(&with_lines("5", &[])), Version::V3_0);
    assert_eq!(version("BEGIN:VCARD\nEND:VCARD"), Version::V3_0);
}
