//! Conversions between versions.

use vcard::{Limits, Version, convert};

use crate::samples::{SINGLE, card_of, text, with_lines};

fn converted(text: &str, to: Version) -> String {
    convert(text, to, &Limits::default()).unwrap()
}

#[test]
fn samples_have_the_same_values_in_3_0_and_4_0() {
    for (name, _) in SINGLE {
        let text = text(name);
        for to in [Version::V3_0, Version::V4_0] {
            assert_eq!(card_of(&converted(&text, to)), card_of(&text), "{name}");
        }
    }
}

#[test]
fn lines_change_where_the_versions_differ() {
    let cases = [
        ("TEL;TYPE=CELL,PREF:1", "TEL;PREF=1;TYPE=CELL:1"),
        ("EMAIL;TYPE=PREF:a@b.example", "EMAIL;PREF=1:a@b.example"),
        ("PHOTO;ENCODING=b;TYPE=JPEG:AAEC", "PHOTO:data:image/jpeg;base64,AAEC"),
        ("BDAY;X-APPLE-OMIT-YEAR=1604:1604-02-28", "BDAY:--0228"),
        ("BDAY:1990-02-28", "BDAY:19900228"),
        ("GEO:50.45;30.52", "GEO:geo:50.45,30.52"),
        ("X-ADDRESSBOOKSERVER-KIND:group", "KIND:group"),
        ("X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:1", "MEMBER:urn:uuid:1"),
        ("item1.X-ABLabel:a", "item1.X-ABLabel:a"),
        ("X-ANY;A=\"b;c\":d\\,e", "X-ANY;A=\"b;c\":d\\,e"),
        ("SOUND;ENCODING=b:AAEC", "SOUND;ENCODING=b:AAEC"),
        ("TEL;PREF=1:1", "TEL;PREF=1:1"),
    ];
    for (old, new) in cases {
        let text = with_lines("3.0", &["N:A;;;;", "FN:A", old]);
        assert_eq!(converted(&text, Version::V4_0), with_lines("4.0", &["N:A;;;;", "FN:A", new]), "{old}");
    }
    let back = [
        ("TEL;VALUE=uri;TYPE=work:tel:+1-2;ext=3", "TEL;TYPE=work:+1-2\\;ext=3"),
        ("TEL;PREF=1;TYPE=cell:1", "TEL;TYPE=PREF;TYPE=cell:1"),
        ("PHOTO:data:image/png;base64,AAEC", "PHOTO;ENCODING=b;TYPE=PNG:AAEC"),
        ("PHOTO:https://a.example/b.jpg", "PHOTO:https://a.example/b.jpg"),
        ("BDAY:--0228", "BDAY;X-APPLE-OMIT-YEAR=1604:1604-02-28"),
        ("BDAY;VALUE=text:circa 1800", "BDAY;VALUE=text:circa 1800"),
        ("GEO:geo:50.45,30.52", "GEO:50.45;30.52"),
        ("KIND:group", "X-ADDRESSBOOKSERVER-KIND:group"),
        ("N:\r\n A;;;;", "N:\r\n A;;;;"),
        ("TEL;PREF=2:1", "TEL;PREF=2:1"),
        ("TEL;X-ORDER=1:1", "TEL;X-ORDER=1:1"),
        ("TEL;VALUE=text:tel:1", "TEL;VALUE=text:tel:1"),
        ("TEL;X-KIND=uri:tel:1", "TEL;X-KIND=uri:tel:1"),
        ("TEL:tel:1", "TEL:tel:1"),
    ];
    for (old, new) in back {
        let text = with_lines("4.0", &["N:A;;;;", "FN:A", old]);
        assert_eq!(converted(&text, Version::V3_0), with_lines("3.0", &["N:A;;;;", "FN:A", new]), "{old}");
    }
}

#[test]
fn words_encodings_and_charsets_of_2_1_are_replaced() {
    let cases = [
        ("TEL;CELL;VOICE:1", "TEL;TYPE=CELL;TYPE=VOICE:1"),
        ("NOTE;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D1=97=0D=0A=2C", "NOTE:ї\\n\\,"),
        ("ADR;HOME;ENCODING=8BIT:;;a, b;c;;;", "ADR;TYPE=HOME:;;a\\, b;c;;;"),
        ("PHOTO;BASE64;JPEG:AAEC", "PHOTO;ENCODING=b;TYPE=JPEG:AAEC"),
        ("CATEGORIES:a,b", "CATEGORIES:a,b"),
        ("ROLE:a, b", "ROLE:a\\, b"),
        ("LABEL:a, b", "LABEL:a\\, b"),
        ("AGENT;CHARSET=UTF-8:a", "AGENT;CHARSET=UTF-8:a"),
        (";CHARSET=UTF-8:a", ";CHARSET=UTF-8:a"),
    ];
    for (old, new) in cases {
        let text = with_lines("2.1", &["N:A;;;;", "FN:A", old]);
        assert_eq!(converted(&text, Version::V3_0), with_lines("3.0", &["N:A;;;;", "FN:A", new]), "{old}");
    }
}

#[test]
fn uri_of_a_phone_remains_in_4_0() {
    let text = with_lines("3.0", &["FN:A", "TEL;VALUE=uri:tel:+380441112233"]);
    assert_eq!(converted(&text, Version::V4_0), text.replace("3.0", "4.0"));
}

#[test]
fn required_lines_are_added() {
    let three = converted(&with_lines("4.0", &["FN:A B"]), Version::V3_0);
    assert_eq!(three, with_lines("3.0", &["FN:A B", "N:;A B;;;"]));
    let three = converted(&with_lines("2.1", &["N:B;A"]), Version::V3_0);
    assert_eq!(three, with_lines("3.0", &["N:B;A", "FN:A B"]));
    assert_eq!(converted("BEGIN:VCARD\r\nFN:A\r\nEND:VCARD\r\n", Version::V4_0), with_lines("4.0", &["FN:A"]));
}

#[test]
fn no_line_changes_in_the_same_version_or_for_2_1() {
    let three = with_lines("3.0", &["TEL;CELL:1", "PHOTO;BASE64;JPEG:AAEC"]);
    let four = with_lines("4.0", &["TEL;PREF=1:1"]);
    assert_eq!(converted(&three, Version::V3_0), three);
    assert_eq!(converted(&four, Version::V4_0), four);
    assert_eq!(converted(&four, Version::V2_1), four);
}
