//! Filters of addressbook-query.

use carddav::{Filter, Precondition, Report, RequestError, parse_report};

const CARD: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:u-1\r\nFN:Олена Їжак\r\nN:Їжак;Олена;;;\r\n\
    EMAIL;TYPE=HOME:olena@example.com\r\nitem1.EMAIL;TYPE=\"WORK,PREF\":work@Example.org\r\n\
    TEL;CELL:+380671112233\r\nNOTE:one\\, two\\nthree fo\r\n lded\r\n\
    ORG;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=94=D1=96=D0=BC\r\nNICKNAME:Straße\r\nEND:VCARD\r\n";

fn read(attributes: &str, inside: &str) -> Result<Filter, RequestError> {
    let body = format!(
        "<addressbook-query xmlns='urn:ietf:params:xml:ns:carddav'>\
         <filter {attributes}>{inside}</filter><limit><nresults>7</nresults></limit></addressbook-query>"
    );
    parse_report(body.as_bytes()).map(|report| match report {
        Report::Query { filter, limit: Some(7), .. } => filter,
        other => panic!("{other:?}"),
    })
}

/// Asserts the result of a filter for the card.
fn assert_matches(attributes: &str, inside: &str, expected: bool) {
    assert_eq!(read(attributes, inside).unwrap().matches(CARD), expected, "{attributes} {inside}");
}

/// Returns a filter of one property with one text.
fn text(property: &str, attributes: &str, text: &str) -> String {
    format!("<prop-filter name='{property}'><text-match {attributes}>{text}</text-match></prop-filter>")
}

#[test]
fn filter_without_conditions_matches_each_card() {
    assert_matches("", "", true);
    assert_matches("test='allof'", "", true);
}

#[test]
fn property_is_defined_or_not() {
    for (name, is_defined) in
        [("FN", true), ("fn", true), ("PHOTO", false), ("item1.EMAIL", true), ("item2.EMAIL", false)]
    {
        assert_matches("", &format!("<prop-filter name='{name}'/>"), is_defined);
        assert_matches("", &format!("<prop-filter name='{name}'><is-not-defined/></prop-filter>"), !is_defined);
    }
}

#[test]
fn text_is_compared_by_its_kind() {
    let cases = [
        ("UID", "match-type='equals'", "U-1", true),
        ("UID", "match-type='equals'", "U-", false),
        ("UID", "match-type='starts-with'", "u-", true),
        ("UID", "match-type='starts-with'", "-1", false),
        ("UID", "match-type='ends-with'", "-1", true),
        ("UID", "match-type='ends-with'", "u-", false),
        ("UID", "match-type='contains'", "-", true),
        ("UID", "", "-", true),
        ("UID", "", "2", false),
        ("EMAIL", "match-type='equals'", "work@example.org", true),
        ("EMAIL", "match-type='equals'", "olena@example.com", true),
        ("item1.EMAIL", "match-type='equals'", "olena@example.com", false),
        ("TEL", "", "67111", true),
        ("PHOTO", "", "", false),
    ];
    for (property, attributes, needle, expected) in cases {
        assert_matches("", &text(property, attributes, needle), expected);
    }
}

#[test]
fn values_are_decoded_before_they_are_compared() {
    for (property, needle) in [("NOTE", "one, two\nthree folded"), ("ORG", "Дім"), ("N", "їжак;олена;;;")] {
        assert_matches("", &text(property, "match-type='equals'", needle), true);
    }
    assert_matches("", &text("FN", "", "&lt;&amp;&gt;"), false);
    let filter = read("", &text("FN", "", "&lt;&amp;&gt;")).unwrap();
    assert!(filter.matches("FN:<&>\r\n"));
}

#[test]
fn collations_differ_in_case() {
    let cases = [
        ("FN", "", "ОЛЕНА ЇЖАК", true),
        ("FN", "collation='default'", "ОЛЕНА ЇЖАК", true),
        ("FN", "collation='i;unicode-casemap'", "ОЛЕНА I\u{308}ЖАК", false),
        ("FN", "collation='i;unicode-casemap'", "олена І\u{308}жак", true),
        ("FN", "collation='i;ascii-casemap'", "ОЛЕНА ЇЖАК", false),
        ("FN", "collation='i;ascii-casemap'", "Олена Їжак", true),
        ("EMAIL", "collation='i;ascii-casemap'", "WORK@EXAMPLE.ORG", true),
        ("EMAIL", "collation='i;octet'", "work@example.org", false),
        ("EMAIL", "collation='i;octet'", "work@Example.org", true),
        ("NICKNAME", "", "straße", true),
    ];
    for (property, collation, needle, expected) in cases {
        assert_matches("", &text(property, &format!("match-type='equals' {collation}"), needle), expected);
    }
}

#[test]
fn negated_text_matches_a_line_without_it() {
    assert_matches("", &text("UID", "negate-condition='yes'", "u"), false);
    assert_matches("", &text("UID", "negate-condition='yes'", "x"), true);
    // One of two e-mails is enough, and without a line nothing matches.
    assert_matches("", &text("EMAIL", "negate-condition='yes'", "work"), true);
    assert_matches("", &text("PHOTO", "negate-condition='yes'", "x"), false);
    assert_matches("", &text("UID", "negate-condition='no'", "u"), true);
}

#[test]
fn property_filters_are_combined() {
    let (has, lacks) = (text("UID", "", "u-1"), text("UID", "", "u-2"));
    let no_photo = "<prop-filter name='PHOTO'><is-not-defined/></prop-filter>".to_owned();
    let no_name = "<prop-filter name='FN'><is-not-defined/></prop-filter>".to_owned();
    for (first, second, any, all) in [
        (&has, &lacks, true, false),
        (&lacks, &has, true, false),
        (&has, &no_photo, true, true),
        (&lacks, &no_photo, true, false),
        (&lacks, &no_name, false, false),
        (&has, &no_name, true, false),
    ] {
        let inside = format!("{first}{second}");
        assert_matches("", &inside, any);
        assert_matches("test='anyof'", &inside, any);
        assert_matches("test='allof'", &inside, all);
    }
}

#[test]
fn conditions_of_a_property_are_fulfilled_by_one_line() {
    let inside = |test: &str, kind: &str| {
        format!(
            "<prop-filter name='EMAIL' {test}><text-match>olena</text-match>\
             <param-filter name='type'><text-match match-type='equals'>{kind}</text-match></param-filter></prop-filter>"
        )
    };
    assert_matches("", &inside("test='allof'", "home"), true);
    // Both are true, but of two lines.
    assert_matches("", &inside("test='allof'", "work"), false);
    assert_matches("", &inside("test='anyof'", "work"), true);
    assert_matches("", &inside("", "other"), true);
}

#[test]
fn parameters_are_checked() {
    let inside = |property: &str, condition: &str| {
        format!("<prop-filter name='{property}'><param-filter name='TYPE'>{condition}</param-filter></prop-filter>")
    };
    let equals = |value: &str| format!("<text-match match-type='equals'>{value}</text-match>");
    assert_matches("", &inside("item1.EMAIL", ""), true);
    assert_matches("", &inside("FN", ""), false);
    assert_matches("", &inside("FN", "<is-not-defined/>"), true);
    assert_matches("", &inside("item1.EMAIL", "<is-not-defined/>"), false);
    assert_matches("", &inside("item1.EMAIL", &equals("pref")), true);
    assert_matches("", &inside("item1.EMAIL", &equals("home")), false);
    // A bare word of vCard 2.1 is a type.
    assert_matches("", &inside("TEL", &equals("cell")), true);
}

#[test]
fn conditions_of_parameters_are_checked_each_for_its_property() {
    let parameter = |name: &str, value: &str| {
        format!("<param-filter name='{name}'><text-match match-type='equals'>{value}</text-match></param-filter>")
    };
    let property = |name: &str, conditions: &[String]| {
        format!("<prop-filter name='{name}' test='allof'>{}</prop-filter>", conditions.concat())
    };
    let (work, pref, home) = (parameter("TYPE", "work"), parameter("TYPE", "pref"), parameter("TYPE", "home"));
    let (utf8, latin) = (parameter("CHARSET", "utf-8"), parameter("CHARSET", "iso-8859-1"));
    let no_charset = "<param-filter name='CHARSET'><is-not-defined/></param-filter>".to_owned();
    let quoted = parameter("ENCODING", "quoted-printable");
    for (email, organization, expected) in [
        (vec![work.clone(), pref.clone()], vec![utf8.clone(), quoted.clone()], true),
        (vec![pref, work.clone(), no_charset.clone()], vec![quoted.clone(), utf8.clone()], true),
        (vec![work.clone(), home.clone()], vec![utf8.clone()], false),
        (vec![home], vec![latin, utf8.clone()], false),
        (vec![work.clone()], vec![no_charset, quoted], false),
        (vec![work], vec![utf8], true),
    ] {
        let inside = format!("{}{}", property("EMAIL", &email), property("ORG", &organization));
        assert_matches("test='allof'", &inside, expected);
    }
}

#[test]
fn unknown_conditions_are_rejected() {
    let filters = [
        ("", "<other/>".to_owned()),
        ("test='noneof'", String::new()),
        ("", "<prop-filter name='A'><other/></prop-filter>".to_owned()),
        ("", "<prop-filter name='A'><is-not-defined/><text-match>a</text-match></prop-filter>".to_owned()),
        ("", "<prop-filter name='A' test='x'><text-match>a</text-match></prop-filter>".to_owned()),
        ("", text("A", "match-type='like'", "a")),
        ("", text("A", "negate-condition='maybe'", "a")),
        ("", "<prop-filter name='A'><param-filter name='B'><is-not-defined/><is-not-defined/></param-filter></prop-filter>".to_owned()),
    ];
    for (attributes, inside) in filters {
        assert_eq!(
            read(attributes, &inside),
            Err(RequestError::Precondition(Precondition::SupportedFilter)),
            "{inside}"
        );
    }
    let unknown = text("A", "collation='i;unicode-nameprep'", "a");
    assert_eq!(read("", &unknown), Err(RequestError::Precondition(Precondition::SupportedCollation)));
    assert!(matches!(read("", "<prop-filter/>"), Err(RequestError::Unexpected(_))));
}
