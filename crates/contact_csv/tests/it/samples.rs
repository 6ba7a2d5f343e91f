//! Samples of the programs that people use. The people are invented.

use contact_csv::{Contact, Dialect, Entry, Language, Layout, ReadOptions, Reader};
use vcard::{Version, write};

pub(crate) const GOOGLE: &[u8] = include_bytes!("../samples/google.csv");
pub(crate) const OUTLOOK_EN: &[u8] = include_bytes!("../samples/outlook_en.csv");
pub(crate) const OUTLOOK_UK: &[u8] = include_bytes!("../samples/outlook_uk.csv");
pub(crate) const THUNDERBIRD_JA: &[u8] = include_bytes!("../samples/thunderbird_ja.csv");
pub(crate) const THUNDERBIRD_UTF16: &[u8] = include_bytes!("../samples/thunderbird_utf16.csv");
pub(crate) const EXCEL: &[u8] = include_bytes!("../samples/excel.csv");
pub(crate) const HEADERLESS: &[u8] = include_bytes!("../samples/headerless.csv");
pub(crate) const BROKEN: &[u8] = include_bytes!("../samples/broken.csv");

/// A file that was read.
pub(crate) struct File {
    pub entries: Vec<Entry>,
    pub layout: Option<Layout>,
    pub charset: &'static str,
}

impl File {
    pub(crate) fn layout(&self) -> &Layout {
        self.layout.as_ref().unwrap()
    }

    /// Returns the only contact.
    pub(crate) fn contact(&self) -> &Contact {
        assert_eq!(self.entries.len(), 1);
        self.entries.first().unwrap().contact.as_ref().unwrap()
    }
}

/// Reads a file.
pub(crate) fn read(file: &[u8], options: ReadOptions) -> File {
    let mut reader = Reader::new(options);
    let mut rest = file;
    let entries: Vec<Entry> = std::iter::from_fn(|| reader.next(&mut rest).or_else(|| reader.finish())).collect();
    assert!(entries.iter().enumerate().all(|(index, entry)| entry.index == index));
    File { entries, layout: reader.layout().cloned(), charset: reader.charset().unwrap().name() }
}

/// Reads a text.
pub(crate) fn read_text(text: &str) -> File {
    read(text.as_bytes(), ReadOptions::default())
}

/// Returns the properties of a contact as lines of a vCard.
pub(crate) fn lines(contact: &Contact) -> Vec<String> {
    let text = write(&contact.card, Version::V4_0).replace("\r\n ", "");
    let is_value =
        |line: &&str| !["BEGIN:", "END:", "VERSION:", "FN:", "N:;;;;"].iter().any(|start| line.starts_with(start));
    text.lines().filter(is_value).map(str::to_owned).collect()
}

/// Names of columns without a field.
pub(crate) fn unknown(layout: &Layout) -> Vec<&str> {
    layout.columns.iter().filter(|column| column.field.is_none()).map(|column| column.name.as_str()).collect()
}

fn check(file: &[u8], dialect: Dialect, language: Language, charset: &str, contacts: &[&[&str]]) {
    let file = read(file, ReadOptions::default());
    assert_eq!((file.layout().dialect, file.layout().language), (dialect, Some(language)));
    assert_eq!(file.charset, charset);
    let read: Vec<Vec<String>> = file.entries.iter().map(|entry| lines(entry.contact.as_ref().unwrap())).collect();
    assert_eq!(read, contacts);
    assert!(file.entries.iter().all(|entry| entry.contact.as_ref().unwrap().warnings.is_empty()));
}

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
