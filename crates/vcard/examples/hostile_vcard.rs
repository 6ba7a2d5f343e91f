//! Measures the time and the memory of hostile input of 10 MiB:
//! `cargo run --release --package vcard --example hostile_vcard`.

#![expect(clippy::print_stdout, reason = "prints a table")]

use std::time::Instant;

use peak_alloc::PeakAlloc;
use vcard::{Card, CharsetChoice, Limits, Version, convert, merge, read, split, write};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const SIZE: usize = 10 << 20;

/// Text before the repetition, and the repeated text.
const INPUTS: [(&str, &str); 24] = [
    ("", "\n"),
    ("", "\r"),
    ("", "\u{0}B"),
    ("", "BEGIN:VCARD\n"),
    ("", "END:VCARD\n"),
    ("", "END:VCARDBEGIN:VCARD\n"),
    ("", "BEGIN:VCARD\nEND:VCARD\n"),
    ("", "BEGIN:VCARD\nN:A;B\nTEL:1\nEND:VCARD\n"),
    ("", "AGENT:\nBEGIN:VCARD\n"),
    ("BEGIN:VCARD\n", "AGENT:\nBEGIN:VCARD\n"),
    ("BEGIN:VCARD\n", "\n"),
    ("BEGIN:VCARD\nTEL", ";"),
    ("BEGIN:VCARD\nTEL;", "TYPE=\"a\","),
    ("BEGIN:VCARD\nTEL:1", "\r\n "),
    ("BEGIN:VCARD\nNOTE:", "\\"),
    ("BEGIN:VCARD\nNOTE:", "\\n"),
    ("BEGIN:VCARD\nNOTE:", "é"),
    ("BEGIN:VCARD\nNOTE;QUOTED-PRINTABLE:", "=D0"),
    ("BEGIN:VCARD\nNOTE;QUOTED-PRINTABLE:", "=\n"),
    ("BEGIN:VCARD\nCATEGORIES:", "a,"),
    ("BEGIN:VCARD\nADR:", "a;"),
    ("BEGIN:VCARD\nADR:", "a,"),
    ("BEGIN:VCARD\nPHOTO;ENCODING=b:", "AAAA"),
    ("BEGIN:VCARD\n", "item1.TEL:1\nitem1.X-ABLabel:a\n"),
];

/// Reads, merges, converts and writes every card of a file. Returns the number of entries.
fn run(file: &[u8], all: bool) -> usize {
    let limits = Limits { card_bytes: SIZE, line_bytes: SIZE, ..Limits::default() };
    let mut number = 0;
    for entry in split(file, limits, &CharsetChoice::default()) {
        number += 1;
        let Ok(received) = entry.card else { continue };
        let Ok(card) = read(&received.text, &limits) else { continue };
        if all {
            let merged = merge(&received.text, &Card::default(), &limits);
            let converted = convert(&received.text, Version::V4_0, &limits);
            assert!(merged.is_ok() && converted.is_ok() && !write(&card, Version::V3_0).is_empty());
        }
    }
    number
}

fn main() {
    println!("{:>8} {:>6} {:>8} {:>6} {:>8}", "read", "peak", "all", "peak", "entries");
    for (start, piece) in INPUTS {
        let end = "\nEND:VCARD\n";
        let repeated = piece.repeat((SIZE - start.len() - end.len()) / piece.len());
        let file = [start, &repeated, end].concat();
        drop(repeated);
        let mut row = Vec::new();
        for all in [false, true] {
            ALLOCATOR.reset_peak_usage();
            let before = ALLOCATOR.current_usage();
            let clock = Instant::now();
            let entries = run(file.as_bytes(), all);
            let peak = ALLOCATOR.peak_usage().saturating_sub(before) >> 20;
            row.push((clock.elapsed().as_millis(), peak, entries));
        }
        if let [(read, peak, entries), (all, all_peak, _)] = row.as_slice() {
            println!("{read:>5} ms {peak:>2} MiB {all:>5} ms {all_peak:>2} MiB {entries:>8}  {start:?} {piece:?}");
        }
    }
}
