//! Memory for hostile files of 10 MiB: at most 50 MiB besides the file.

use peak_alloc::PeakAlloc;

use crate::{CharsetChoice, Limits, read, split};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const MAX: usize = 50 << 20;

/// Splits a file and reads its cards, and returns the number of entries.
fn read_all(file: &[u8]) -> usize {
    let limits = Limits::default();
    let entries = split(file, limits, &CharsetChoice::default());
    entries.inspect(|entry| drop(entry.card.as_ref().map(|received| read(&received.text, &limits)))).count()
}

fn peak_of(work: impl FnOnce()) -> usize {
    ALLOCATOR.reset_peak_usage();
    let before = ALLOCATOR.current_usage();
    work();
    ALLOCATOR.peak_usage().saturating_sub(before)
}

// One test, because the allocator counts the whole process.
#[test]
fn hostile_files_take_bounded_memory() {
    // Text before the repetition, and the repeated text.
    let inputs = [
        ("", "\n"),
        ("", "\u{0}B"),
        ("", "BEGIN:VCARD\n"),
        ("", "END:VCARD\n"),
        ("", "END:VCARDBEGIN:VCARD\n"),
        ("", "AGENT:\nBEGIN:VCARD\n"),
        ("BEGIN:VCARD\n", "TEL:1\n"),
        ("BEGIN:VCARD\n", "item1.TEL:1\nitem1.X-ABLabel:a\n"),
        ("BEGIN:VCARD\nTEL", ";"),
        ("BEGIN:VCARD\nTEL;TYPE=", "a,"),
        ("BEGIN:VCARD\nTEL:1", "\r\n "),
        ("BEGIN:VCARD\nNOTE:", "\\"),
        ("BEGIN:VCARD\nNOTE:", "é"),
        ("BEGIN:VCARD\nNOTE;QUOTED-PRINTABLE:", "=D0"),
        ("BEGIN:VCARD\nNOTE;QUOTED-PRINTABLE:", "=\n"),
        ("BEGIN:VCARD\nCATEGORIES:", "a,"),
        ("BEGIN:VCARD\nADR:", "a,"),
        ("BEGIN:VCARD\nPHOTO;ENCODING=b:", "AAAA"),
    ];
    for (head, piece) in inputs {
        // The card is as large as the limit allows; the rest of the file is the same text outside of a card.
        let end = "\nEND:VCARD\n";
        let card = [head, &piece.repeat(((8 << 20) - head.len() - end.len()) / piece.len()), end].concat();
        let file = card + &piece.repeat((2 << 20) / piece.len());
        let peak = peak_of(|| assert!(read_all(file.as_bytes()) > 0));
        assert!(peak <= MAX, "{head:?} {piece:?}: {} MiB", peak >> 20);
    }
}
