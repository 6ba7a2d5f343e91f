//! Samples of the programs that people use.

use vcard::{Card, CharsetChoice, Entry, Limits, read, split};

/// Samples with one card each.
pub(crate) const SINGLE: [(&str, &[u8]); 11] = [
    ("ios", include_bytes!("../samples/ios.vcf")),
    ("macos_group", include_bytes!("../samples/macos_group.vcf")),
    ("macos_company", include_bytes!("../samples/macos_company.vcf")),
    ("google", include_bytes!("../samples/google.vcf")),
    ("outlook_21", include_bytes!("../samples/outlook_21.vcf")),
    ("thunderbird", include_bytes!("../samples/thunderbird.vcf")),
    ("nextcloud", include_bytes!("../samples/nextcloud.vcf")),
    ("android_21", include_bytes!("../samples/android_21.vcf")),
    ("nokia", include_bytes!("../samples/nokia.vcf")),
    ("dav_client", include_bytes!("../samples/dav_client.vcf")),
    ("text_birthday", include_bytes!("../samples/text_birthday.vcf")),
];

/// Returns the entries of a file.
pub(crate) fn entries(file: &[u8]) -> Vec<Entry> {
    split(file, Limits::default(), &CharsetChoice::default()).collect()
}

/// Returns the text of a sample.
pub(crate) fn text(name: &str) -> String {
    let (_, file) = SINGLE.iter().find(|(own, _)| *own == name).unwrap();
    let mut entries = entries(file);
    assert_eq!(entries.len(), 1, "{name}");
    entries.remove(0).card.unwrap().text
}

/// Returns the card of a text.
pub(crate) fn card_of(text: &str) -> Card {
    read(text, &Limits::default()).unwrap()
}

/// Returns the card of a sample.
pub(crate) fn card(name: &str) -> Card {
    card_of(&text(name))
}

/// Returns a card of the given version with these lines.
pub(crate) fn with_lines(version: &str, lines: &[&str]) -> String {
    format!("BEGIN:VCARD\r\nVERSION:{version}\r\n{}\r\nEND:VCARD\r\n", lines.join("\r\n"))
}
