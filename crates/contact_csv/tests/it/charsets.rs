//! Charsets of files.

use contact_csv::ReadOptions;
use vcard::{Charset, CharsetChoice};

use crate::samples::{OUTLOOK_UK, THUNDERBIRD_JA, lines, read, read_text};

#[test]
fn declared_charset_has_precedence() {
    let charset = CharsetChoice { declared: Charset::from_label("cp1251"), locale: None };
    assert_eq!(read(OUTLOOK_UK, ReadOptions { charset, ..ReadOptions::default() }).charset, "windows-1251");
    let charset = CharsetChoice { declared: Charset::from_label("koi8-u"), locale: None };
    let file = read(OUTLOOK_UK, ReadOptions { charset, ..ReadOptions::default() });
    assert_eq!((file.charset, file.layout().language), ("KOI8-U", None));
}

#[test]
fn locale_of_the_user_decides_between_charsets() {
    // `Жук` in windows-1251 is `Ζσκ` in windows-1253.
    let file = b"name,phone\r\n\xc6\xf3\xea,1234567\r\n";
    let first_name = |locale: &str| {
        let charset = CharsetChoice { declared: None, locale: Some(locale.to_owned()) };
        let file = read(file, ReadOptions { charset, ..ReadOptions::default() });
        file.contact().card.name.first.clone().unwrap()
    };
    assert_eq!(first_name("uk"), "Жук");
    assert_eq!(first_name("el"), "Ζσκ");
}

#[test]
fn bytes_of_shift_jis_that_are_ascii_do_not_divide_cells() {
    // The second byte of these characters is a backslash, a letter or a bracket.
    let text = lines(read(THUNDERBIRD_JA, ReadOptions::default()).contact()).join("\n");
    assert!(text.contains("ソ連茶屋") && text.contains("十分課") && text.contains("構成表"), "{text}");
}

#[test]
fn characters_that_xml_forbids_are_removed() {
    let file = read_text("name,note\nA\u{1}nna,a\u{b}b\u{fffe}c\u{7f}d\n");
    assert_eq!(lines(file.contact()), ["N:;Anna;;;", "NOTE:abcd"]);
}
