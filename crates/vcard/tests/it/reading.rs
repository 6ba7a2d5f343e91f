//! Values of cards, program by program and form by form.

use vcard::{Address, Birthday, Card, Kind, Labeled, Lexer, Name, decoded_value};

use crate::samples::{card, card_of, with_lines};

fn labeled(values: &[Labeled<String>]) -> Vec<(Option<&str>, &str)> {
    values.iter().map(|value| (value.label.as_deref(), value.value.as_str())).collect()
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// Returns the card of lines in 3.0.
fn lines(lines: &[&str]) -> Card {
    card_of(&with_lines("3.0", lines))
}

#[test]
fn ios_card_is_read() {
    let card = card("ios");
    let name = Name {
        first: some("Марія"),
        last: some("Коваленко"),
        middle: some("Ігорівна"),
        prefix: some("д-р"),
        suffix: None,
    };
    assert_eq!(card.name, name);
    assert_eq!((card.phonetic_first_name, card.phonetic_last_name), (some("Mariia"), some("Kovalenko")));
    assert_eq!((card.nickname, card.job_title), (some("Марійка"), some("Кардіологиня")));
    assert_eq!((card.organization, card.department), (some("Лікарня №4"), some("Кардіологія")));
    assert_eq!(labeled(&card.emails), [(Some("work"), "maria@clinic.example"), (Some("Дача"), "maria@dacha.example")]);
    assert_eq!(
        labeled(&card.phones),
        [(Some("iPhone"), "+380 67 111 22 33"), (Some("home fax"), "044 555-01-01"), (Some("assistant"), "102")]
    );
    assert_eq!(labeled(&card.urls), [(Some("homepage"), "https://maria.example")]);
    let address = Address {
        street: some("вул. Садова 5\nкв. 12"),
        city: some("Київ"),
        region: None,
        postal_code: some("01001"),
        country: some("Україна"),
    };
    assert_eq!(card.addresses, [Labeled { label: some("home"), value: address }]);
    assert_eq!(card.birthday, Birthday::new(None, 2, 29));
    assert_eq!(card.note, some("Перший рядок\nДругий, з комою"));
    assert_eq!(card.uid, some("6F1B2C3D-0001-4A5B-9C8D-1234567890AB"));
    assert_eq!(card.revision, some("2026-11-20T09:15:00Z"));
}

#[test]
fn apple_group_is_read_with_its_members() {
    let card = card("macos_group");
    assert_eq!((card.kind, card.display_name().as_str()), (Some(Kind::Group), "Хор"));
    assert_eq!(card.members.len(), 2);
    assert_eq!(card.members[0], "urn:uuid:6F1B2C3D-0001-4A5B-9C8D-1234567890AB");
}

#[test]
fn company_has_no_first_name_from_its_fn() {
    let card = card("macos_company");
    assert!(card.name.is_empty());
    assert_eq!(card.organization, some("Bäckerei Sonnenschein"));
    assert_eq!(labeled(&card.phones), [(Some("main"), "+49 30 1234567")]);
    let photo = card.photo.unwrap();
    assert_eq!((photo.media_type.as_deref(), &photo.bytes[..3]), (Some("image/jpeg"), &b"\xff\xd8\xff"[..]));
}

#[test]
fn google_card_is_read() {
    let card = card("google");
    assert_eq!((card.name.prefix, card.name.suffix), (some("Dr."), some("Jr.")));
    assert_eq!(labeled(&card.emails), [(Some("home"), "aino@example.fi"), (Some("Yacht Club"), "aino@yacht.example")]);
    assert_eq!(labeled(&card.phones), [(Some("mobile"), "+358 40 1234567"), (Some("work"), "+358 9 123 456;ext=12")]);
    assert_eq!(
        labeled(&card.urls),
        [(Some("PROFILE"), "http://www.google.com/profiles/1"), (None, "https://aino.example.fi")]
    );
    assert_eq!(card.categories, ["Sailing", "myContacts", "starred"]);
}

#[test]
fn outlook_card_in_windows_1251_is_read() {
    let card = card("outlook_21");
    assert_eq!((card.name.first, card.name.last), (some("Петро"), some("Шевчук")));
    assert_eq!((card.organization, card.department), (some("Фірма, ТОВ"), some("Збут")));
    assert_eq!(card.job_title, some("Директор"));
    assert_eq!(card.note, some("Перший\nДругий"));
    let phones = [
        (Some("work"), "(044) 222-33-44"),
        (Some("mobile"), "+380 (50) 222-33-44"),
        (Some("work fax"), "(044) 222-33-45"),
    ];
    assert_eq!(labeled(&card.phones), phones);
    assert_eq!(card.addresses[0].value.street, some("вул. Київська 10, оф. 3"));
    assert_eq!(labeled(&card.emails), [(None, "petro@firma.example")]);
    assert_eq!(card.birthday, Birthday::new(Some(1975), 11, 3));
    assert_eq!(&card.photo.unwrap().bytes[..3], b"\xff\xd8\xff");
}

#[test]
fn thunderbird_card_is_read() {
    let card = card("thunderbird");
    assert_eq!(labeled(&card.emails), [(None, "zoe@example.fr"), (Some("work"), "zoe@travail.example")]);
    assert_eq!(
        labeled(&card.phones),
        [(Some("mobile"), "+33-6-12-34-56-78"), (Some("work"), "+33-1-23-45-67-89;ext=42")]
    );
    assert_eq!(card.birthday, Birthday::new(None, 7, 14));
    assert_eq!(card.pronouns, some("elle"));
    assert_eq!(card.note, some("Aime la mer, le vent"));
    let photo = card.photo.unwrap();
    assert_eq!((photo.media_type.as_deref(), &photo.bytes[..4]), (Some("image/png"), &b"\x89PNG"[..]));
}

#[test]
fn nextcloud_card_is_read() {
    let card = card("nextcloud");
    assert_eq!(card.addresses[0].value.street, some("Postbus 12, 2e etage, Dorpsstraat 8"));
    assert_eq!(labeled(&card.phones), [(Some("home"), "030 1234567"), (Some("mobile"), "+31 6 12345678")]);
    assert_eq!(card.categories, ["Familie", "Koor"]);
}

#[test]
fn android_card_in_quoted_printable_is_read() {
    let card = card("android_21");
    assert_eq!((card.name.first, card.name.last), (some("Олена"), some("Приходько")));
    assert_eq!(
        labeled(&card.phones),
        [(Some("mobile"), "+380671234567"), (Some("home"), "0445550000"), (Some("Дача"), "0456")]
    );
    assert_eq!(card.addresses[0].value.street, some("вул. Лісова; 1"));
    assert_eq!(card.note, some("Перший\nДругий"));
    assert!(card.photo.is_some());
}

#[test]
fn nokia_card_is_read() {
    let card = card("nokia");
    assert_eq!(card.display_name(), "Jörg Müller");
    assert_eq!(card.birthday, Birthday::new(Some(1970), 1, 31));
}

#[test]
fn dav_client_card_is_read() {
    let card = card("dav_client");
    assert_eq!(labeled(&card.emails), [(Some("home"), "iryna@example.ua"), (Some("Choir"), "iryna@choir.example")]);
    assert!(card.favorite);
    assert_eq!(card.birthday, Birthday::new(None, 2, 28));
}

#[test]
fn birthday_is_read_in_every_form() {
    let with_year = Birthday::new(Some(1990), 2, 28);
    let without_year = Birthday::new(None, 2, 28);
    let cases = [
        ("BDAY:19900228", with_year),
        ("BDAY:1990-02-28", with_year),
        ("BDAY:1990-2-28", with_year),
        ("BDAY:1990-02-28T00:00:00Z", with_year),
        ("BDAY:19900228T230000+0200", with_year),
        ("BDAY;VALUE=date: 1990-02-28 ", with_year),
        ("BDAY;VALUE=DATE-AND-OR-TIME:19900228", with_year),
        ("BDAY:28.02.1990", with_year),
        ("BDAY:--0228", without_year),
        ("BDAY:--02-28", without_year),
        ("BDAY:--0228T120000", without_year),
        ("BDAY:1604-02-28", without_year),
        ("BDAY;X-APPLE-OMIT-YEAR=1604:1604-02-28", without_year),
        ("BDAY;X-APPLE-OMIT-YEAR=1900:1900-02-28", without_year),
        ("BDAY:0000-02-28", without_year),
        ("BDAY:1604-02-29", Birthday::new(None, 2, 29)),
        ("BDAY;VALUE=text:1990-02-28", None),
        ("BDAY;VALUE=text:circa 1800", None),
        ("BDAY:1990", None),
        ("BDAY:1990-02", None),
        ("BDAY:--02", None),
        ("BDAY:---28", None),
        ("BDAY:1990-02-30", None),
        ("BDAY:1990-02-29", None),
        ("BDAY:19901328", None),
        ("BDAY:02/28/1990", None),
        ("BDAY:+990-02-28", None),
        ("BDAY:", None),
    ];
    for (line, birthday) in cases {
        assert_eq!(lines(&[line]).birthday, birthday, "{line}");
    }
}

#[test]
fn photo_is_read_in_every_form() {
    let jpeg = Some("image/jpeg");
    let cases = [
        ("PHOTO;ENCODING=b;TYPE=JPEG:AAEC", jpeg),
        ("PHOTO;ENCODING=BASE64;JPEG:AAE\r\n C", jpeg),
        ("PHOTO;BASE64;TYPE=image/jpeg:\r\n AAEC\r\n", jpeg),
        ("PHOTO;MEDIATYPE=image/jpeg:data:;base64,AAEC", jpeg),
        ("PHOTO:data:image/jpeg;base64,AAEC", jpeg),
        ("PHOTO;VALUE=uri:DATA:image/jpeg;base64,AA\r\n EC", jpeg),
        ("PHOTO;ENCODING=b;TYPE=JPEG:data:image/jpeg;base64,AAEC", jpeg),
        ("PHOTO;ENCODING=b:AAEC", None),
    ];
    for (line, media_type) in cases {
        let photo = lines(&[line]).photo.unwrap();
        assert_eq!((photo.media_type.as_deref(), photo.bytes.as_slice()), (media_type, &[0, 1, 2][..]), "{line}");
    }
    for line in [
        "PHOTO;VALUE=uri:https://example.com/a.jpg",
        "PHOTO;ENCODING=b:!!!",
        "PHOTO;ENCODING=b:",
        "PHOTO:AAEC",
        "PHOTO:data:image/jpeg,AAEC",
    ] {
        assert_eq!(lines(&[line]).photo, None, "{line}");
    }
    let unpadded = lines(&["PHOTO;ENCODING=b:AAE"]).photo.unwrap();
    assert_eq!(unpadded.bytes, [0, 1]);
}

#[test]
fn label_is_read_from_types_and_from_the_group() {
    let cases = [
        ("TEL;TYPE=HOME:1", Some("home")),
        ("TEL;TYPE=home,voice,pref:1", Some("home")),
        ("TEL;type=\"cell,work\":1", Some("work mobile")),
        ("TEL;TYPE=VOICE:1", None),
        ("TEL;TYPE=X-Datscha:1", Some("Datscha")),
        ("TEL;WORK;FAX:1", Some("work fax")),
        ("TEL;PAGER;QUOTED-PRINTABLE:1", Some("pager")),
        ("A.TEL;TYPE=HOME:1\r\na.x-ablabel:_$!<Mobile>!$_", Some("mobile")),
        ("a.TEL;TYPE=HOME:1\r\na.X-ABLabel:Кава\\, чай", Some("Кава, чай")),
        ("a.TEL;TYPE=HOME:1\r\na.X-ABLabel:", Some("home")),
        ("a.TEL:1\r\nb.X-ABLabel:other", None),
    ];
    for (line, label) in cases {
        assert_eq!(lines(&[line]).phones[0].label.as_deref(), label, "{line}");
    }
}

#[test]
fn texts_are_read_without_escapes_and_schemes() {
    let note = |line| lines(&[line]).note;
    assert_eq!(note("NOTE:a\\nb\\Nc\\,d\\;e\\\\n"), some("a\nb\nc,d;e\\n"));
    assert_eq!(note("NOTE:C:\\Temp\\"), some("C:\\Temp\\"));
    assert_eq!(note("NOTE:  \\n "), None);
    assert_eq!(note("NOTE;ENCODING=QUOTED-PRINTABLE:=41=4=ZZ="), some("A=4=ZZ"));
    assert_eq!(note("NOTE;ENCODING=b:0LrRltGC"), some("кіт"));
    assert_eq!(lines(&["EMAIL:mailto:a%40b.example"]).emails[0].value, "a@b.example");
    assert_eq!(lines(&["TEL;VALUE=uri:tel:+1%20555;ext=7"]).phones[0].value, "+1 555;ext=7");
    assert_eq!(lines(&["ORG:A\\;B;C;D"]).organization, some("A;B"));
    assert_eq!(lines(&["ORG:A;C;D"]).department, some("C, D"));
    assert_eq!(lines(&["NICKNAME:A,B\\,C"]).nickname, some("A, B,C"));
    assert_eq!(lines(&["CATEGORIES:a,,b\\,c", "CATEGORIES:d"]).categories, ["a", "b,c", "d"]);
}

#[test]
fn card_without_n_has_its_fn_as_first_name() {
    assert_eq!(lines(&["FN:Jean Doe"]).name.first, some("Jean Doe"));
    assert_eq!(lines(&["FN:Jean Doe", "N:;;;;"]).name.first, some("Jean Doe"));
    assert_eq!(lines(&["FN:Acme", "ORG:Acme"]).name.first, None);
    assert_eq!(lines(&["FN:Other", "N:Doe;Jean;;;"]).display_name(), "Jean Doe");
}

#[test]
fn first_line_with_a_value_counts() {
    let card = lines(&["TITLE:", "TITLE:one", "TITLE:two", "BDAY:soon", "BDAY:19900228"]);
    assert_eq!((card.job_title, card.birthday), (some("one"), Birthday::new(Some(1990), 2, 28)));
    assert_eq!(lines(&["N:;;;;", "N:One;;;;", "N:Two;;;;"]).name.last, some("One"));
}

#[test]
fn first_line_of_a_property_with_one_value_counts() {
    assert_eq!(lines(&["FN:A", "FN:B"]).name.first, some("A"));
    let card = lines(&["ORG:A", "ORG:B;C"]);
    assert_eq!((card.organization, card.department), (some("A"), None));
    let card = lines(&["ORG:;C", "ORG:B"]);
    assert_eq!((card.organization, card.department), (None, some("C")));
}

#[test]
fn favorite_is_one_yes_or_true() {
    for (value, is_favorite) in [("1", true), (" TRUE", true), ("yes", true), ("0", false), ("no", false), ("", false)]
    {
        assert_eq!(lines(&[&format!("X-FAVORITE:{value}")]).favorite, is_favorite, "{value:?}");
    }
}

#[test]
fn debug_output_has_the_size_of_a_photo_instead_of_its_bytes() {
    let photo = lines(&["PHOTO;ENCODING=b;TYPE=JPEG:AAEC"]).photo.unwrap();
    assert_eq!(format!("{photo:?}"), r#"Photo { media_type: Some("image/jpeg"), bytes: 3 }"#);
}

#[test]
fn value_is_decoded_without_control_characters_and_escapes() {
    let value = |line: &str| decoded_value(&Lexer::new(line).next().unwrap()).into_owned();
    assert_eq!(value("X-ANY:a\\, b"), "a, b");
    assert_eq!(value("X-ANY:a b"), "a b");
    assert_eq!(value("X-ANY;ENCODING=QUOTED-PRINTABLE:a=0Db=0D=0Ac=09d=01=5C;"), "a\nb\nc\td;");
}
