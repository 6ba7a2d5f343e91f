//! Memory for hostile files of 10 MiB: at most 50 MiB besides the file.

use peak_alloc::PeakAlloc;

use crate::{ReadOptions, read};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const SIZE: usize = 10 << 20;
const MAX: usize = 50 << 20;

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

fn files() -> impl Iterator<Item = (String, String)> {
    let many = ["Phone - Value"; 1_000].join(",") + "\n";
    let same = ["Company"; 1_000].join(",") + "\n";
    let wide = [
        (many.clone(), "1\n".to_owned()),
        (many, "1,".repeat(999) + "\n"),
        // Each second cell is a warning.
        (same, "1,2,".repeat(499) + "1\n"),
    ];
    INPUTS.iter().map(|(head, piece)| ((*head).to_owned(), (*piece).to_owned())).chain(wide)
}

// One test, because the allocator counts the whole process.
#[test]
fn hostile_files_take_bounded_memory() {
    for (head, piece) in files() {
        let file = head.clone() + &piece.repeat(SIZE / piece.len());
        ALLOCATOR.reset_peak_usage();
        let before = ALLOCATOR.current_usage();
        // More entries than an import accepts.
        let count = read(file.as_bytes(), ReadOptions::default()).take(20_000).count();
        let peak = ALLOCATOR.peak_usage().saturating_sub(before);
        assert!(peak <= MAX, "{} MiB for {count} entries of {head:?} {piece:?}", peak >> 20);
    }
}
