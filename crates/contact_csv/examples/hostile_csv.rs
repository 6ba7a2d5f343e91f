//! Measures the time and the memory of hostile input of 10 MiB:
//! `cargo run --release --package contact_csv --example hostile_csv`.

#![expect(clippy::print_stdout, reason = "prints a table")]

use std::time::Instant;

use contact_csv::{ReadOptions, read};
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const SIZE: usize = 10 << 20;

/// Text before the repetition, and the repeated text.
const INPUTS: [(&str, &str); 21] = [
    ("", "\n"),
    ("", "\r"),
    ("", ","),
    ("", "\""),
    ("", "\"\n"),
    ("", "a"),
    ("", "é"),
    ("", "a,"),
    ("", "a\n"),
    ("", "a,\"\n"),
    ("name,note\n", "\""),
    ("name,note\n", "\"\n"),
    ("name,note\n", "a,b\n"),
    ("name,note\n", "a,"),
    ("name,note\na\",\"b\n", "a\",\"b\n"),
    ("name,note\n\"", "a,b\n"),
    ("name,note\n\"", "\"\"\n"),
    ("name,birthday\n", "a,1/2/3/4\n"),
    ("First Name,Labels,Phone 1 - Value,Phone 1 - Label\na,", ":::"),
    ("First Name,Labels,Phone 1 - Value,Phone 1 - Label\n", "a,b ::: c,1 ::: 2 ::: 3,x ::: y\n"),
    ("First Name,Labels,Phone 1 - Value,Phone 1 - Label\n", "a,\\:::\\::::::b,\\\\::: ::: \\:::,\\:::\n"),
];

fn main() {
    println!("{:>8} {:>6} {:>8}", "time", "peak", "entries");
    let many = ["Phone - Value"; 1_000].join(",") + "\n";
    let same = ["Company"; 1_000].join(",") + "\n";
    let wide = [(many.clone(), "1\n".to_owned()), (many, "1,".repeat(999) + "\n"), (same, "1,2,".repeat(499) + "1\n")];
    let files = INPUTS.iter().map(|(head, piece)| ((*head).to_owned(), (*piece).to_owned())).chain(wide);
    for (head, piece) in files {
        let file = head.clone() + &piece.repeat(SIZE / piece.len());
        ALLOCATOR.reset_peak_usage();
        let before = ALLOCATOR.current_usage();
        let clock = Instant::now();
        let entries = read(file.as_bytes(), ReadOptions::default()).count();
        let peak = ALLOCATOR.peak_usage().saturating_sub(before) >> 20;
        let (head, piece) = (format!("{head:?}"), format!("{piece:?}"));
        println!("{:>5} ms {peak:>2} MiB {entries:>8}  {head:.60} {piece:.40}", clock.elapsed().as_millis());
    }
}
