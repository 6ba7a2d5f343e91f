//! Samples of Google, and of files with the names of vCard.

use contact_csv::{Dialect, Language};

use crate::samples::{GOOGLE, check};

#[test]
fn google_is_read() {
    check(
        GOOGLE,
        Dialect::Google,
        Language::English,
        "UTF-8",
        &[
            &[
                "N:Коваль;Леся;Петрівна;Dr.;PhD",
                "X-PHONETIC-FIRST-NAME:Lesia",
                "X-PHONETIC-LAST-NAME:Koval",
                "NICKNAME:Лесик",
                "ORG:Бібліотека;Архів",
                "TITLE:Директорка",
                "TEL;TYPE=cell:+380 67 111-22-33",
                "TEL;TYPE=cell:+380 67 111-22-34",
                "TEL;TYPE=work;TYPE=fax:+380 44 111-22-33",
                "EMAIL;TYPE=home:lesia@example.com",
                "EMAIL;TYPE=home:koval@example.com",
                "EMAIL;TYPE=work:l.koval@example.org",
                "ADR;TYPE=home:;;a/c 7\\, вул. Садова\\, 1;Київ;;01001;Україна",
                "item1.URL:https://lesia.example.com",
                "item1.X-ABLabel:Blog",
                "BDAY:19900228",
                "NOTE:Перший рядок\\nдругий\\, з комою",
                "CATEGORIES:Друзі",
                "X-FAVORITE:true",
            ],
            &[
                "ORG:Museum of Tea",
                "EMAIL:tea@example.net",
                "ADR:;;1 Tea Street\\nLeeds;;;;",
                "BDAY:--1231",
                "CATEGORIES:friends",
            ],
        ],
    );
}

#[test]
fn google_before_2024_in_utf_16_is_read() {
    let file = include_bytes!("../samples/google_before_2024.csv");
    check(
        file,
        Dialect::GoogleBefore2024,
        Language::English,
        "UTF-16LE",
        &[
            &[
                "N:Nowak;Marta;;;",
                "ORG:Opera",
                "TITLE:Alt",
                "TEL;TYPE=cell:+48 600 100 200",
                "EMAIL;TYPE=work:marta@example.com",
                "item1.URL:https://marta.example.com",
                "item1.X-ABLabel:Home Page",
                "BDAY:19851103",
                "NOTE:met in Łódź",
                "CATEGORIES:Chór",
                "X-FAVORITE:true",
            ],
            &["N:;The Choir;;;", "TEL:112"],
        ],
    );
}

#[test]
fn names_of_vcard_are_read() {
    let file = include_bytes!("../samples/vcard_names.csv");
    check(
        file,
        Dialect::Other,
        Language::English,
        "UTF-8",
        &[&[
            "UID:urn:uuid:0f0e",
            "N:;Taras Bulba;;;",
            "ORG:Sich",
            "TITLE:Colonel",
            "TEL:+380445550003",
            "EMAIL:taras@example.com",
            "ADR:;;Sich\\, Zaporizhzhia;;;;",
            "URL:https://sich.example.com",
            "BDAY:16390101",
            "NOTE:two sons",
            "CATEGORIES:steppe,horses",
        ]],
    );
}
