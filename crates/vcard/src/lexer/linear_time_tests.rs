//! The lexer reads each byte a bounded number of times.

use std::cell::Cell;

use super::Lexer;

thread_local! {
    static STEPS: Cell<usize> = const { Cell::new(0) };
}

/// Counts bytes that a part of the lexer has read.
pub(super) fn count_steps(number: usize) {
    STEPS.with(|steps| steps.set(steps.get() + number));
}

/// Returns the number of bytes that the lexer reads for a text.
fn steps(text: &str) -> usize {
    STEPS.with(|steps| steps.set(0));
    let raw: usize = Lexer::new(text).map(|line| line.raw().len()).sum();
    assert_eq!(raw, text.len());
    STEPS.with(Cell::get)
}

#[test]
fn lexer_reads_each_byte_of_hostile_text_at_most_four_times() {
    let hostile = [
        "\r",
        "\n",
        "\r\n ",
        ":",
        "\"",
        ";",
        "a;\"\r\n ",
        "A=\n ",
        "N;QUOTED-PRINTABLE:=\n",
        "N;QUOTED-PRINTABLE:=\r",
        "AGENT:\nBEGIN:VCARD\n",
        "AGENT:\n",
        "BEGIN:VCARD\n",
        "END:VCARD\n",
        ";ENCODING=QUOTED-PRINTABLE=\n ",
    ];
    for piece in hostile {
        for start in ["", "BEGIN:VCARD\n", "X;QUOTED-PRINTABLE:=\n", "AGENT:\nBEGIN:VCARD\n", "\""] {
            let text = start.to_owned() + &piece.repeat(20_000);
            assert!(steps(&text) <= 4 * text.len(), "{start:?}{piece:?}: {} for {}", steps(&text), text.len());
        }
    }
}
