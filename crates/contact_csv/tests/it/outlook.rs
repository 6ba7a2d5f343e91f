//! Samples of Outlook.

use contact_csv::{Dialect, Language};

use crate::samples::{OUTLOOK_EN, OUTLOOK_UK, check};

#[test]
fn outlook_com_is_read() {
    let file = include_bytes!("../samples/outlook_com.csv");
    check(
        file,
        Dialect::OutlookCom,
        Language::English,
        "UTF-8",
        &[&[
            "N:Byron;Ada;;Lady;",
            "X-PHONETIC-FIRST-NAME:Eida",
            "X-PHONETIC-LAST-NAME:Bairon",
            "ORG:Babbage & Co.;Engines",
            "TITLE:Analyst",
            "TEL;TYPE=home:+44 20 7946 0000",
            "TEL;TYPE=home:+44 20 7946 0001",
            "TEL;TYPE=cell:+44 7700 900000",
            "EMAIL:ada@example.com",
            "EMAIL:ada@example.org",
            "ADR;TYPE=home:;;12 St James's Square\\nFlat 2;London;;SW1Y 4JH;United Kingdom",
            "URL;TYPE=home:https://ada.example.com",
            "BDAY:18151210",
            "NOTE:Poet of numbers",
        ]],
    );
}

#[test]
fn outlook_in_english_is_read() {
    check(
        OUTLOOK_EN,
        Dialect::Outlook,
        Language::English,
        "windows-1252",
        &[
            &[
                "N:O'Hara;René;;Mr.;Jr.",
                "ORG:Hára\\, \"Sons\" & Co.",
                "TITLE:Baker",
                "TEL;TYPE=work:(208) 555-0100",
                "TEL;TYPE=work:(208) 555-0101",
                "TEL;TYPE=home;TYPE=fax:(208) 555-0102",
                "TEL;TYPE=cell:(208) 555-0103",
                "EMAIL:rene@example.com",
                "EMAIL:bakery@example.com",
                "ADR;TYPE=work:;;1 Mill Road\\, Unit 5;Boise;ID;83701;",
                "URL:http://bakery.example.com",
                "BDAY:19691228",
                "NOTE:Likes rye\\nand wheat",
                "CATEGORIES:Business,Bread",
            ],
            &["N:;Zoë;;;"],
        ],
    );
}

#[test]
fn outlook_in_german_is_read() {
    let file = include_bytes!("../samples/outlook_de.csv");
    check(
        file,
        Dialect::Outlook,
        Language::German,
        "windows-1252",
        &[&[
            "N:Müller-Groß;Käthe;Anna;Frau;",
            "ORG:Bäckerei Groß;Einkauf",
            "TITLE:Leiterin",
            "TEL;TYPE=work:+49 221 5550",
            "TEL;TYPE=home:+49 221 5551",
            "TEL;TYPE=home:+49 221 5552",
            "TEL;TYPE=cell:+49 170 5553",
            "EMAIL:kaethe@example.de",
            "EMAIL:einkauf@example.de",
            "ADR;TYPE=work:;;Mühlweg 3;Köln;;50667;Deutschland",
            "ADR;TYPE=home:;;Lindenstr. 5\\, Hinterhaus;Köln;;;",
            "URL:http://gross.example.de",
            "BDAY:19711003",
            "NOTE:Mag Brezeln",
            "CATEGORIES:Familie,Arbeit",
        ]],
    );
}

#[test]
fn outlook_in_french_is_read() {
    let file = include_bytes!("../samples/outlook_fr.csv");
    check(
        file,
        Dialect::Outlook,
        Language::French,
        "windows-1252",
        &[&[
            "N:Lefèvre;Hélène;;Mme;",
            "ORG:Théâtre du Nord;Décors",
            "TITLE:Peintre",
            "TEL;TYPE=work:03 20 55 50 00",
            "TEL;TYPE=work:03 20 55 50 01",
            "TEL;TYPE=home:03 20 55 50 02",
            "TEL;TYPE=cell:06 55 50 00 03",
            "EMAIL:helene@example.fr",
            "EMAIL:atelier@example.fr",
            "ADR;TYPE=work:;;8\\, rue des Lilas\\, 2e étage;Lille;Nord;59000;France",
            "URL:http://theatre.example.fr",
            "BDAY:19800305",
            "NOTE:Préfère le matin",
            "CATEGORIES:Théâtre",
        ]],
    );
}

#[test]
fn outlook_in_spanish_is_read() {
    let file = include_bytes!("../samples/outlook_es.csv");
    check(
        file,
        Dialect::Outlook,
        Language::Spanish,
        "windows-1252",
        &[&[
            "N:Núñez Ibáñez;Begoña;;Sra.;",
            "ORG:Faro\\, S.A.",
            "TITLE:Bióloga",
            "TEL;TYPE=work:981 555 000",
            "TEL;TYPE=work:981 555 001",
            "TEL;TYPE=home:981 555 002",
            "TEL;TYPE=cell:600 555 003",
            "EMAIL:begona@example.es",
            "EMAIL:b2@example.es",
            "EMAIL:b3@example.es",
            "ADR;TYPE=work:;;C/ Mar\\, 4\\, Bajo;A Coruña;;;España",
            "ADR;TYPE=other:;;;Vigo;;;",
            "URL:http://faro.example.es",
            "BDAY:19751107",
            "NOTE:Año 2020: mudanza",
            "CATEGORIES:Mar,Viajes",
        ]],
    );
}

#[test]
fn outlook_in_italian_is_read() {
    let file = include_bytes!("../samples/outlook_it.csv");
    check(
        file,
        Dialect::Outlook,
        Language::Italian,
        "windows-1252",
        &[&[
            "N:Però;Niccolò;;Dott.;III",
            "ORG:Caffè Città;Qualità",
            "TITLE:Direttore",
            "TEL;TYPE=work:0543 555000",
            "TEL;TYPE=work:0543 555001",
            "TEL;TYPE=home:0547 555002",
            "TEL;TYPE=cell:347 5550003",
            "EMAIL:niccolo@example.it",
            "EMAIL:caffe@example.it",
            "ADR;TYPE=work:;;Via Roma 1;Forlì;FC;47121;",
            "ADR;TYPE=home:;;;Cesena;;;",
            "URL:http://caffe.example.it",
            "BDAY:19880109",
            "NOTE:Più tardi è meglio",
        ]],
    );
}

#[test]
fn outlook_in_polish_is_read() {
    let file = include_bytes!("../samples/outlook_pl.csv");
    check(
        file,
        Dialect::Outlook,
        Language::Polish,
        "windows-1250",
        &[&[
            "N:Wąs-Źdźbło;Żaneta;;Pani;",
            "ORG:Piekarnia Łąka;Księgowość",
            "TITLE:Główna księgowa",
            "TEL;TYPE=work:+48 58 555 00 00",
            "TEL;TYPE=work:+48 58 555 00 01",
            "TEL;TYPE=home:+48 42 555 00 02",
            "TEL;TYPE=cell:+48 600 555 003",
            "EMAIL:zaneta@example.pl",
            "EMAIL:biuro@example.pl",
            "ADR;TYPE=work:;;ul. Świętojańska 2;Gdańsk;;80-840;",
            "ADR;TYPE=home:;;ul. Długa 1\\, m. 5;Łódź;;;",
            "URL:http://laka.example.pl",
            "BDAY:19790415",
            "NOTE:Dzwonić po południu\\, później już nie odbiera",
            "CATEGORIES:Praca,Rodzina",
        ]],
    );
}

#[test]
fn outlook_in_ukrainian_is_read() {
    check(
        OUTLOOK_UK,
        Dialect::Outlook,
        Language::Ukrainian,
        "windows-1251",
        &[&[
            "N:Ґалаґан;Ївга;Іллівна;пані;",
            "ORG:Музей їжаків;Фонди",
            "TITLE:Зберігачка",
            "TEL;TYPE=work;TYPE=fax:+380 412 555 000",
            "TEL;TYPE=work:+380 412 555 001",
            "TEL;TYPE=work:+380 412 555 002",
            "TEL;TYPE=home:+380 412 555 003",
            "TEL;TYPE=cell:+380 67 555 0004",
            "EMAIL:yivha@example.com.ua",
            "EMAIL:muzei@example.com.ua",
            "ADR;TYPE=work:;;вул. Єднання\\, 3;Житомир;Житомирська;10014;Україна",
            "ADR;TYPE=home:;;;Бердичів;;;",
            "URL:http://yizhaky.example.com.ua",
            "BDAY:19691228",
            "NOTE:Любить їжаків і чай",
            "CATEGORIES:Музей",
        ]],
    );
}
