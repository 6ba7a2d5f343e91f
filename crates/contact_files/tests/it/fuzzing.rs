//! Fuzz targets of files and of sent cards: see `crates/fuzz`.

use contact_files::{Charset, FileFormat, read_card};
use domain::contact::card_resource::PutContent;

use crate::{
    files::{entries, today},
    invariants::run_all,
};

/// A file of any bytes, read as vCard and as CSV. Each contact is written in every format.
#[test]
fn file() {
    fuzz::check!("file", 1_500, |file: &[u8]| {
        run_all(file, usize::from(file.last().copied().unwrap_or_default()) + 1);
        for format in [FileFormat::Vcard, FileFormat::Csv] {
            assert!(entries(file, format).is_sorted_by_key(|entry| entry.index));
        }
    });
}

/// A card of any bytes, as a CardDAV client sends it. The values of an accepted one are valid.
#[test]
fn sent_card() {
    fuzz::check!("sent_card", 5_000, |content: &[u8]| {
        let charsets = ["utf-8", "windows-1251", "utf-16le"].map(Charset::from_label);
        for charset in charsets.into_iter().chain([None]) {
            if let Ok(PutContent::Contact(contact)) = read_card(content, charset, today()) {
                assert_eq!(contact.card.card().clone().check(today()).as_ref(), Ok(&contact.card));
                let again = read_card(contact.text.as_str().as_bytes(), Charset::from_label("utf-8"), today());
                let Ok(PutContent::Contact(again)) = again else { panic!("{again:?} of {:?}", contact.text) };
                assert_eq!((&again.card, &again.uid, again.favorite), (&contact.card, &contact.uid, contact.favorite));
            }
        }
    });
}
