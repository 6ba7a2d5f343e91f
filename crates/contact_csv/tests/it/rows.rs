//! Rows: lengths, quotes, errors and their lines, limits, streams.

use contact_csv::{Limits, Problem, ReadOptions, Reader, RowError, Warning};

use crate::samples::{BROKEN, File, lines, read, read_text};

type Summary = Vec<(usize, Result<String, Problem>)>;

/// Returns for each entry its line, and its name or its problem.
fn summary(file: &File) -> Summary {
    let entry = |entry: &contact_csv::Entry| match &entry.contact {
        Ok(contact) => (entry.line, Ok(contact.card.display_name())),
        Err(RowError { line, problem }) => {
            assert_eq!(*line, entry.line);
            (*line, Err(*problem))
        }
    };
    file.entries.iter().map(entry).collect()
}

fn fine(line: usize, name: &str) -> (usize, Result<String, Problem>) {
    (line, Ok(name.to_owned()))
}

fn problem(line: usize, problem: Problem) -> (usize, Result<String, Problem>) {
    (line, Err(problem))
}

#[test]
fn good_rows_are_read_beside_broken_ones() {
    let expected = [
        fine(2, "One"),
        fine(3, "Two \"the\" Second"),
        fine(6, "Three"),
        problem(7, Problem::OpenQuote),
        fine(8, "Four"),
        fine(10, "Five"),
        // It has a cell too many, and may be a part of the text that the quote begins.
        problem(11, Problem::OtherColumns),
    ];
    let file = read(BROKEN, ReadOptions::default());
    assert_eq!(summary(&file), expected);
    let text = String::from_utf8_lossy(BROKEN).into_owned();
    for end in ["\n", "\r"] {
        assert_eq!(summary(&read_text(&text.replace("\r\n", end))), expected, "{end:?}");
    }
    let closed = read_text(&text.replace("\"Open", "Open"));
    assert_eq!(summary(&closed).last(), Some(&fine(11, "Six")));
    assert_eq!(closed.entries.last().unwrap().contact.as_ref().unwrap().warnings, [Warning::ExtraCells { count: 1 }]);
}

#[test]
fn truncated_file_ends_with_an_error() {
    let text = "name,email,note\nOne,one@example.com,\"a\nb\"\nTwo,two@example.com,\"first line\nsecond, li";
    assert_eq!(
        summary(&read_text(text)),
        [fine(2, "One"), problem(4, Problem::OpenQuote), problem(5, Problem::OtherColumns)]
    );
    let text = "name,email,note\nOne,one@example.com,x\nTwo,two@exam";
    assert_eq!(summary(&read_text(text)), [fine(2, "One"), fine(3, "Two")]);
}

#[test]
fn lines_are_counted_in_cells_and_between_rows() {
    let text = "\n\nname,note\n\nOne,\"a\n\nb\"\n\n\nTwo,\"x\ny\"\nThree,z";
    let expected = [fine(5, "One"), fine(10, "Two"), fine(12, "Three")];
    for end in ["\n", "\r\n", "\r"] {
        let file = read_text(&text.replace('\n', end));
        assert_eq!(summary(&file), expected, "{end:?}");
        assert_eq!(file.entries[0].contact.as_ref().unwrap().card.note.as_deref(), Some("a\n\nb"));
    }
}

#[test]
fn file_without_contacts_has_no_entries() {
    for text in ["", "\r\n\n", "\u{feff}", "name,email", "name,email\r\n,\r\n", " , \n , \n"] {
        assert_eq!(summary(&read_text(text)), [], "{text:?}");
    }
    assert!(read_text("").layout.is_none());
}

#[test]
fn binary_file_is_one_error() {
    for file in [&b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0\nab\n"[..], b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", &[0; 5_000]] {
        assert_eq!(summary(&read(file, ReadOptions::default())), [problem(1, Problem::NotText)]);
    }
}

#[test]
fn row_above_a_limit_is_an_error_and_the_others_are_read() {
    let limits = Limits { row_bytes: 1_000, cell_bytes: 500, columns: 5 };
    let read = |row: &str| {
        let text = format!("name,note\nOne,1\n{row}\nTwo,2\n");
        summary(&read(text.as_bytes(), ReadOptions { limits, ..ReadOptions::default() }))
    };
    for (row, expected) in [
        (format!("Large,{}", "x".repeat(5_000)), Problem::RowTooLarge { max: 1_000 }),
        (format!("Large,{}", "ж".repeat(400)), Problem::CellTooLarge { max: 500 }),
        ("a,b,c,d,e,f".to_owned(), Problem::TooManyCells { max: 5 }),
        (",".repeat(900), Problem::TooManyCells { max: 5 }),
        (",".repeat(9_000), Problem::TooManyCells { max: 5 }),
    ] {
        assert_eq!(read(&row), [fine(2, "One"), problem(3, expected), fine(4, "Two")], "{row:.20}");
    }
    let header = format!("{}\nA\n", "name,".repeat(6));
    let options = ReadOptions { limits, ..ReadOptions::default() };
    assert_eq!(
        summary(&crate::samples::read(header.as_bytes(), options)),
        [problem(1, Problem::TooManyCells { max: 5 })]
    );
}

#[test]
fn rows_after_an_open_quote_are_read_when_the_row_is_too_large() {
    let rows: String = (0..1_000).map(|number| format!("N{number},{number}\n")).collect();
    let text = format!("name,phone\nOne,1\n\"Open,2\n{rows}\"Open,3\n{rows}");
    let limits = Limits { row_bytes: 1_000, ..Limits::default() };
    let found = summary(&read(text.as_bytes(), ReadOptions { limits, ..ReadOptions::default() }));
    assert_eq!(found.len(), 2_003);
    assert_eq!(found[..3], [fine(2, "One"), problem(3, Problem::OpenQuote), fine(4, "N0")]);
    assert_eq!(found[1_001..1_004], [fine(1_003, "N999"), problem(1_004, Problem::OpenQuote), fine(1_005, "N0")]);
    assert_eq!(found[2_002], fine(2_004, "N999"));
}

#[test]
fn rows_of_any_length_are_read_again_far_behind_an_open_quote() {
    let rows: String = (0..20_000).map(|number| format!("N{number},{number}\n")).collect();
    let text = format!("name,phone\n\"Open,1\n{rows}Short\nLong,2,3\n");
    let limits = Limits { row_bytes: 100_000, ..Limits::default() };
    let found = summary(&read(text.as_bytes(), ReadOptions { limits, ..ReadOptions::default() }));
    assert_eq!(found.len(), 20_003);
    assert_eq!(found[20_001..], [fine(20_003, "Short"), fine(20_004, "Long")]);
}

#[test]
fn guarded_formulas_are_read_without_the_apostrophe() {
    let file = read_text("name,note,phone,organization\n'=SUM(1),'-5,'+380671112233,'s-Gravenhage\n");
    assert_eq!(lines(file.contact()), ["N:;=SUM(1);;;", "ORG:'s-Gravenhage", "TEL:+380671112233", "NOTE:-5"]);
}

#[test]
fn whole_name_counts_only_without_its_parts() {
    let names = |row: &str| lines(read_text(&format!("First Name,Display Name,Organization,Email\n{row}\n")).contact());
    assert_eq!(names("Anna,Anna B.,,")[0], "N:;Anna;;;");
    assert_eq!(names(",Anna B.,,")[0], "N:;Anna B.;;;");
    // The name repeats another value.
    assert_eq!(names(",Tea Ltd.,Tea Ltd.,")[0], "ORG:Tea Ltd.");
    assert_eq!(names(",a@example.com,,a@example.com")[0], "EMAIL:a@example.com");
}

#[test]
fn tags_are_divided_by_the_separator_of_the_file() {
    let tags = |text: &str| read_text(text).contact().card.categories.clone();
    assert_eq!(tags("name,Categories\nA,Work; Family ;;x\n"), ["Work", "Family", "x"]);
    assert_eq!(tags("name,Tags\nA,\"Work, Family\"\n"), ["Work", "Family"]);
    assert_eq!(
        tags("First Name,Labels,Phone 1 - Label\nA,\"a, b ::: * friends ::: * x\",\n"),
        ["a, b", "friends", "x"]
    );
}

#[test]
fn values_are_divided_at_each_separator_without_a_backslash() {
    for (cell, expected) in [
        ("a ::: b", "a|b"),
        ("a:::b", "a|b"),
        (r"a\:::b", "a:::b"),
        (r"a \::: b", "a ::: b"),
        (r"a\ ::: b", r"a\|b"),
        (r"a\\:::b", r"a\:::b"),
        ("a::::b", "a|:b"),
        (r"a\::::b", "a::::b"),
        (r"\::::::a", ":::|a"),
        (r"\:::\:::", "::::::"),
        ("::: a :::", "a"),
        (r"\::a\b:", r"\::a\b:"),
    ] {
        let file = read_text(&format!("First Name,Labels,E-mail 1 - Label,E-mail 1 - Value\nA,{cell},,{cell}\n"));
        let card = &file.contact().card;
        assert_eq!(card.categories.join("|"), expected, "{cell}");
        let emails: Vec<&str> = card.emails.iter().map(|email| email.value.as_str()).collect();
        assert_eq!(emails.join("|"), expected, "{cell}");
    }
    // In the files of other programs a cell has one value.
    let file = read_text("First Name,Email\nA,a\\:::b ::: c\n");
    assert_eq!(file.contact().card.emails[0].value, r"a\:::b ::: c");
}

#[test]
fn many_values_of_a_cell_are_not_lost() {
    let values: Vec<String> = (0..150).map(|number| number.to_string()).collect();
    let file = read_text(&format!("First Name,Phone 1 - Label,Phone 1 - Value\nA,Car,{}\n", values.join(" ::: ")));
    let phones: Vec<&str> = file.contact().card.phones.iter().map(|phone| phone.value.as_str()).collect();
    assert_eq!((phones.len(), phones.join(" ::: ")), (100, values.join(" ::: ")));
}

#[test]
fn pieces_of_any_size_give_the_same_entries() {
    for file in [BROKEN, crate::samples::GOOGLE, crate::samples::THUNDERBIRD_UTF16, crate::samples::OUTLOOK_UK] {
        let whole = read(file, ReadOptions::default()).entries;
        for size in [1, 2, 3, 64, 1_000] {
            let mut reader = Reader::new(ReadOptions::default());
            let mut entries = Vec::new();
            for mut piece in file.chunks(size) {
                entries.extend(std::iter::from_fn(|| reader.next(&mut piece)));
            }
            entries.extend(std::iter::from_fn(|| reader.finish()));
            assert_eq!(entries, whole, "{size}");
        }
    }
}

#[test]
fn first_contacts_are_returned_before_the_file_ends() {
    let mut reader = Reader::new(ReadOptions::default());
    let file: String = (0..10_000).map(|number| format!("Anna {number},a{number}@example.com\n")).collect();
    let file = format!("name,email\n{file}");
    let mut rest = file.as_bytes();
    assert!(reader.next(&mut rest).is_some());
    assert!(rest.len() > file.len() / 2);
    assert_eq!(1 + std::iter::from_fn(|| reader.next(&mut rest).or_else(|| reader.finish())).count(), 10_000);
}
