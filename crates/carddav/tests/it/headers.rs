//! Headers as clients and proxies write them.

use carddav::{Depth, EntityTags, HeaderError, Preferences};

#[test]
fn depth_is_read_and_defaults_to_the_least() {
    let cases = [
        (None, Ok(Depth::Zero)),
        (Some("0"), Ok(Depth::Zero)),
        (Some(" 1 "), Ok(Depth::One)),
        (Some("infinity"), Ok(Depth::Infinity)),
        (Some("Infinity"), Ok(Depth::Infinity)),
        (Some("2"), Err(HeaderError::Depth)),
        (Some(""), Err(HeaderError::Depth)),
        (Some("0,1"), Err(HeaderError::Depth)),
    ];
    for (value, expected) in cases {
        assert_eq!(Depth::parse(value), expected, "{value:?}");
    }
}

#[test]
fn preferences_are_read() {
    let cases: [(&[&str], bool, bool); 9] = [
        (&[], false, false),
        (&["return=minimal"], true, false),
        (&["Return = \"minimal\""], true, false),
        (&["respond-async, return=minimal; a=b"], true, false),
        (&["return-minimal"], true, false),
        (&["return=representation"], false, false),
        (&["depth-noroot"], false, true),
        (&["return=minimal", "depth-noroot"], true, true),
        (&["=,;return=minimal"], false, false),
    ];
    for (values, minimal, without_root) in cases {
        assert_eq!(Preferences::parse(values.iter().copied()), Preferences { minimal, without_root }, "{values:?}");
    }
}

#[test]
fn entity_tag_matches_in_each_spelling_of_clients_and_proxies() {
    for value in [
        "\"7.1\"",
        "W/\"7.1\"",
        "\"7.1-gzip\"",
        "W/\"7.1-gzip\"",
        "\"7.1\"-gzip",
        "\"7.1-br\"",
        "7.1",
        "\"6.1\", \"7.1\"",
        "\"7.1\",",
        ", ,\"7.1\"\t,,W/\"6.1\"",
        "*",
        " * ",
    ] {
        let tags = EntityTags::parse(value).unwrap();
        assert!(tags.matches("7.1"), "{value}");
    }
    let tags = EntityTags::parse("\"17.1\", W/\"7.10\"").unwrap();
    assert!(!tags.matches("7.1") && tags.matches("17.1") && tags.matches("7.10"));
}

#[test]
fn wrong_entity_tags_are_rejected() {
    for value in ["", " ", ",", " , ", "\"\"", "\"a\",\"\"", "\"a\" \"b\"", "W/", "*, \"a\"", "\"a\",*", "*,*"] {
        assert_eq!(EntityTags::parse(value), Err(HeaderError::EntityTags), "{value:?}");
    }
}
