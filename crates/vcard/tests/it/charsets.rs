//! Charsets of files and lines.

use vcard::{Charset, CharsetChoice, Limits, Splitter, StreamDecoder, split};

const CARD: &str =
    "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Їжак Лісовий\r\nNOTE:Зустріч щовівторка у бібліотеці\r\nEND:VCARD\r\n";

/// `CARD` in windows-1251.
fn windows_1251() -> Vec<u8> {
    let letters = ('А'..='я').zip(0xC0..=0xFF);
    let alphabet: Vec<(char, u8)> = letters.chain([('Ї', 0xAF), ('ї', 0xBF), ('і', 0xB3), ('є', 0xBA)]).collect();
    let byte = |character: char| alphabet.iter().find(|(own, _)| *own == character).map(|(_, byte)| *byte);
    CARD.chars().map(|character| byte(character).unwrap_or_else(|| u8::try_from(character).unwrap())).collect()
}

fn utf_16(bytes: impl Fn(u16) -> [u8; 2], mark: bool) -> Vec<u8> {
    let mark = mark.then_some(0xFEFF);
    mark.into_iter().chain(CARD.encode_utf16()).flat_map(bytes).collect()
}

/// Returns text and charset of the only card of a file.
fn received(file: &[u8], choice: &CharsetChoice) -> (String, &'static str) {
    let mut entries = split(file, Limits::default(), choice);
    let received = entries.next().unwrap().card.unwrap();
    assert_eq!(entries.next(), None);
    (received.text, received.charset.name())
}

fn declared(label: &str) -> CharsetChoice {
    CharsetChoice { declared: Charset::from_label(label), locale: None }
}

fn locale(locale: &str) -> CharsetChoice {
    CharsetChoice { declared: None, locale: Some(locale.to_owned()) }
}

#[test]
fn utf_8_is_found_with_and_without_a_byte_order_mark() {
    let marked = format!("\u{feff}{CARD}");
    assert_eq!(received(CARD.as_bytes(), &CharsetChoice::default()), (CARD.to_owned(), "UTF-8"));
    assert_eq!(received(marked.as_bytes(), &CharsetChoice::default()), (CARD.to_owned(), "UTF-8"));
}

#[test]
fn utf_16_is_found_by_its_byte_order_mark_by_its_zeros_and_by_choice() {
    for mark in [true, false] {
        for file in [utf_16(u16::to_le_bytes, mark), utf_16(u16::to_be_bytes, mark)] {
            assert_eq!(received(&file, &CharsetChoice::default()).0, CARD, "mark: {mark}");
        }
    }
    assert_eq!(received(&utf_16(u16::to_le_bytes, false), &declared("utf-16le")).0, CARD);
}

#[test]
fn chosen_utf_16_counts_for_a_file_that_begins_with_other_letters() {
    let file: Vec<u8> = format!("Їжак\r\n{CARD}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cards: Vec<_> = split(&file, Limits::default(), &declared("utf-16le")).map(|entry| entry.card).collect();
    assert_eq!(cards.len(), 2);
    assert_eq!(cards[1].as_ref().unwrap().text, CARD);
}

#[test]
fn byte_order_mark_is_found_in_single_bytes() {
    for file in [utf_16(u16::to_le_bytes, true), utf_16(u16::to_be_bytes, true), format!("\u{feff}{CARD}").into_bytes()]
    {
        let mut splitter = Splitter::new(Limits::default(), &CharsetChoice::default());
        let mut entries: Vec<_> = file.chunks(1).filter_map(|mut byte| splitter.next(&mut byte)).collect();
        entries.extend(splitter.finish());
        let texts: Vec<_> = entries.into_iter().map(|entry| entry.card.unwrap().text).collect();
        assert_eq!(texts, [CARD]);
    }
}

#[test]
fn legacy_charset_is_guessed_with_the_locale_of_the_user() {
    let file = windows_1251();
    assert_eq!(received(&file, &locale("uk-UA")), (CARD.to_owned(), "windows-1251"));
    assert_eq!(received(&file, &CharsetChoice::default()), (CARD.to_owned(), "windows-1251"));
}

#[test]
fn declared_charset_has_precedence_over_a_guess() {
    let file = windows_1251();
    assert_eq!(received(&file, &declared("cp1251")), (CARD.to_owned(), "windows-1251"));
    assert_ne!(received(&file, &declared("koi8-u")).0, CARD);
    let (mixed_up, charset) = received(CARD.as_bytes(), &declared("cp1251"));
    assert_eq!((mixed_up.contains("Р‡Р¶Р°Рє"), charset), (true, "windows-1251"));
    assert_eq!(format!("{:?}", declared("cp1251").declared), "Some(windows-1251)");
}

#[test]
fn line_is_decoded_by_its_own_charset() {
    let mut file = b"BEGIN:VCARD\r\nVERSION:2.1\r\nFN;CHARSET=windows-1251:".to_vec();
    file.extend_from_slice(&[0xAF, 0xE6, 0xE0, 0xEA]);
    file.extend_from_slice("\r\nNOTE;CHARSET=UTF-8:Їжак\r\nORG;CHARSET=KOI8-U:".as_bytes());
    file.extend_from_slice(&[0xB7, 0xD6, 0xC1, 0xCB, 0x0D, 0x0A, 0x20, 0xB7]);
    file.extend_from_slice(b"\r\nEND:VCARD\r\n");
    let (text, _) = received(&file, &CharsetChoice::default());
    for line in ["FN;CHARSET=windows-1251:Їжак\r\n", "NOTE;CHARSET=UTF-8:Їжак\r\n", "ORG;CHARSET=KOI8-U:ЇжакЇ\r\n"]
    {
        assert!(text.contains(line), "{line} in {text}");
    }
}

#[test]
fn line_that_is_not_in_its_own_charset_is_decoded_by_the_guess() {
    for wrong in ["UTF-8", "UTF-16LE", "unknown"] {
        let head = format!("BEGIN:VCARD\r\nVERSION:2.1\r\nFN;CHARSET={wrong}:");
        let file = [head.as_bytes(), &[0xAF, 0xE6, 0xE0, 0xEA], b"\r\nEND:VCARD\r\n"].concat();
        assert!(received(&file, &declared("utf-8")).0.contains(":\u{fffd}"), "{wrong}");
        assert!(received(&file, &locale("uk")).0.contains(":Їжак\r\n"), "{wrong}");
    }
}

#[test]
fn utf_8_that_is_folded_inside_of_a_character_is_joined() {
    let file = CARD.replace("Їжак", "Ї\r\n жак").into_bytes();
    let position = file.windows(2).position(|pair| pair == [0xD0, 0x87]).unwrap();
    let broken = [&file[..=position], b"\r\n ", &file[position + 1..]].concat();
    assert_eq!(received(&broken, &locale("uk")).0, CARD);
}

#[test]
fn characters_that_xml_forbids_are_removed() {
    let file = CARD.replace("Їжак", "Ї\u{1}ж\u{0}а\u{7f}к\u{fffe}");
    assert_eq!(received(file.as_bytes(), &CharsetChoice::default()).0, CARD);
}

/// Decodes a file in pieces, and returns its text and its charset.
fn streamed(file: &[u8], piece: usize, choice: &CharsetChoice) -> (String, &'static str) {
    let mut decoder = StreamDecoder::new(choice);
    let mut text: String = file.chunks(piece).map(|piece| decoder.decode(piece)).collect();
    text += &decoder.finish();
    assert_eq!(decoder.finish(), "");
    (text, decoder.charset().unwrap().name())
}

#[test]
fn stream_of_any_charset_is_decoded_in_pieces_of_any_size() {
    for piece in [1, 7, 100_000] {
        let utf_8 = |file: &[u8]| streamed(file, piece, &CharsetChoice::default());
        assert_eq!(utf_8(CARD.as_bytes()), (CARD.to_owned(), "UTF-8"));
        assert_eq!(utf_8(format!("\u{feff}{CARD}").as_bytes()), (CARD.to_owned(), "UTF-8"));
        assert_eq!(utf_8(&utf_16(u16::to_be_bytes, true)), (CARD.to_owned(), "UTF-16BE"));
        assert_eq!(utf_8(&utf_16(u16::to_le_bytes, false)), (CARD.to_owned(), "UTF-16LE"));
        assert_eq!(utf_8(b"name"), ("name".to_owned(), "UTF-8"));
        assert_eq!(utf_8(b""), (String::new(), "UTF-8"));
        assert_eq!(utf_8(b"\x1b$B4A\x1b(B"), ("漢".to_owned(), "ISO-2022-JP"));
        let file = windows_1251();
        assert_eq!(streamed(&file, piece, &locale("uk")), (CARD.to_owned(), "windows-1251"));
        assert_eq!(streamed(&file, piece, &declared("cp1251")), (CARD.to_owned(), "windows-1251"));
        assert_ne!(streamed(&file, piece, &declared("koi8-u")).0, CARD);
    }
}

#[test]
fn charset_of_a_stream_is_chosen_by_the_first_letters_that_are_not_ascii() {
    let head = "a".repeat(200_000);
    for (file, charset) in [(CARD.as_bytes().to_vec(), "UTF-8"), (windows_1251(), "windows-1251")] {
        let file = [head.as_bytes(), &file].concat();
        assert_eq!(streamed(&file, 4096, &locale("uk")), (format!("{head}{CARD}"), charset));
    }
    // The sample ends inside of a character.
    let text = format!("a{}", "ї".repeat(100_000));
    assert_eq!(streamed(text.as_bytes(), 64 * 1024, &locale("uk")), (text, "UTF-8"));
}

#[test]
fn utf_16_of_a_stream_needs_a_mark_a_choice_or_zeros_beside_letters() {
    let marked = format!("\u{feff}{CARD}");
    assert_eq!(streamed(marked.as_bytes(), 7, &declared("utf-16le")), (CARD.to_owned(), "UTF-8"));
    let letters: Vec<u8> = "Їжак".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(streamed(&letters, 7, &declared("utf-16le")), ("Їжак".to_owned(), "UTF-16LE"));
    assert_eq!(streamed(b"\0\0ab", 7, &CharsetChoice::default()), ("\0\0ab".to_owned(), "UTF-8"));
}

#[test]
fn text_of_a_stream_is_late_by_less_than_64_kib() {
    let mut decoder = StreamDecoder::new(&CharsetChoice::default());
    assert_eq!(decoder.decode(&[b'a'; 65_535]), "");
    assert_eq!(decoder.decode(b"a").len(), 65_536);
    let file = windows_1251().repeat(1_000);
    assert_eq!(streamed(&file, 1_000, &locale("uk")), (CARD.repeat(1_000), "windows-1251"));
}
