//! Samples of Thunderbird.

use contact_csv::{Dialect, Language};

use crate::samples::{THUNDERBIRD_JA, THUNDERBIRD_UTF16, check};

#[test]
fn thunderbird_in_utf_16_is_read() {
    check(
        THUNDERBIRD_UTF16,
        Dialect::Thunderbird,
        Language::English,
        "UTF-16LE",
        &[
            &[
                "N:Åkjær;Søren;;;",
                "NICKNAME:Sø",
                "ORG:Havn A/S",
                "TITLE:Fisker",
                "TEL;TYPE=work:+45 55 50 00 00",
                "TEL;TYPE=fax:+45 55 50 00 01",
                "EMAIL:soren@example.dk",
                "EMAIL:aa@example.dk",
                "ADR;TYPE=home:;;Havnegade 1\\, 2. tv.;Århus;;8000;Danmark",
                "URL:https://havn.example.dk",
                "URL:https://soren.example.dk",
                "BDAY:19720103",
                "NOTE:Sejler",
            ],
            &["EMAIL:list@example.dk"],
            &["N:;Only Shown;;;", "BDAY:--0229"],
        ],
    );
}

#[test]
fn thunderbird_in_german_is_read() {
    let file = include_bytes!("../samples/thunderbird_de.csv");
    check(
        file,
        Dialect::Thunderbird,
        Language::German,
        "UTF-8",
        &[&[
            "N:Weiß;Jörg;;;",
            "ORG:Botanischer Garten",
            "TITLE:Gärtner",
            "TEL;TYPE=work:+49 30 5550",
            "TEL;TYPE=home:+49 30 5551",
            "TEL;TYPE=cell:+49 170 5552",
            "EMAIL:joerg@example.de",
            "ADR;TYPE=home:;;Gartenweg 9\\, Haus B;Berlin;;10115;Deutschland",
            "BDAY:19600509",
            "NOTE:Rosen",
        ]],
    );
}

#[test]
fn thunderbird_in_shift_jis_is_read() {
    check(
        THUNDERBIRD_JA,
        Dialect::Thunderbird,
        Language::Japanese,
        "Shift_JIS",
        &[&[
            "N:表;花子;;;",
            "NICKNAME:はなちゃん",
            "ORG:ソ連茶屋;十分課",
            "TEL;TYPE=work:03-5555-0000",
            "TEL;TYPE=cell:090-5555-0001",
            "EMAIL:hanako@example.jp",
            "ADR;TYPE=home:;;桜通り1-2;能登町;石川県;927-0000;",
            "URL:https://hanako.example.jp",
            "BDAY:19880715",
            "NOTE:構成表\\,予定",
        ]],
    );
}
