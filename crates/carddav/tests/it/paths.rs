//! Paths of requests, and hrefs.

use carddav::{CardName, Resource};

use crate::support::{BOOK, USER};

fn card(name: &str) -> Option<Resource> {
    Some(Resource::Card(USER, CardName::new(name).unwrap()))
}

#[test]
fn each_resource_is_read_and_written() {
    let cases = [
        (Resource::Root, "/dav/".to_owned()),
        (Resource::Principal(USER), format!("/dav/principals/{USER}/")),
        (Resource::Home(USER), format!("/dav/books/{USER}/")),
        (Resource::AddressBook(USER), BOOK.to_owned()),
        (card("a.vcf").unwrap(), format!("{BOOK}a.vcf")),
    ];
    for (resource, href) in cases {
        assert_eq!(resource.href(), href);
        assert_eq!(Resource::parse(&href), Some(resource.clone()));
        assert_eq!(Resource::parse(&format!("https://dav.example.com:8443{href}")), Some(resource.clone()));
        assert_eq!(resource.user(), (resource != Resource::Root).then_some(USER));
    }
}

#[test]
fn collection_needs_no_slash_at_its_end() {
    assert_eq!(Resource::parse("/dav"), Some(Resource::Root));
    assert_eq!(Resource::parse(&format!("/dav/principals/{USER}")), Some(Resource::Principal(USER)));
    assert_eq!(Resource::parse(BOOK.trim_end_matches('/')), Some(Resource::AddressBook(USER)));
    assert_eq!(Resource::parse(&format!("{BOOK}a.vcf/")), None);
}

#[test]
fn name_is_read_in_each_spelling_and_written_in_one() {
    let cases = [
        ("a%20b.vcf", "a b.vcf", "a%20b.vcf"),
        ("a@b.vcf", "a@b.vcf", "a@b.vcf"),
        ("a%40b.vcf", "a@b.vcf", "a@b.vcf"),
        ("%61%2e%76cf", "a.vcf", "a.vcf"),
        ("їжак", "їжак", "%D1%97%D0%B6%D0%B0%D0%BA"),
        ("%d1%97жак", "їжак", "%D1%97%D0%B6%D0%B0%D0%BA"),
        ("100%25", "100%", "100%25"),
        ("100%", "100%", "100%25"),
        ("a%3Fb%23c", "a?b#c", "a%3Fb%23c"),
        ("a&b'c", "a&b'c", "a&b'c"),
        ("...", "...", "..."),
        ("a\\b", "a\\b", "a%5Cb"),
    ];
    for (segment, name, written) in cases {
        let resource = Resource::parse(&format!("{BOOK}{segment}"));
        assert_eq!(resource, card(name), "{segment}");
        assert_eq!(resource.unwrap().href(), format!("{BOOK}{written}"));
    }
    assert_eq!(Resource::parse("HTTP://host/%64av/"), Some(Resource::Root));
}

#[test]
fn other_paths_are_no_resource() {
    let long = "a".repeat(513);
    let user = USER.to_string();
    let simple = user.replace('-', "");
    let inside = [".", "..", "a/b", "a%2Fb", "a%00b", "a%0Ab", "%C3", "a?b", "a#b", "/", "/a", long.as_str(), "a/"];
    let mut paths: Vec<String> = inside.iter().map(|name| format!("{BOOK}{name}")).collect();
    paths.extend(
        ["", "/", "dav/", "//dav/", "/dav//", "/dav/other/", "/DAV/", "http://host", "/api/contacts", "*"]
            .map(str::to_owned),
    );
    paths.extend([
        "/dav/principals/".to_owned(),
        "/dav/books/".to_owned(),
        "/dav/principals/alice/".to_owned(),
        format!("/dav/books/{user}/other/"),
        format!("/dav/books/{simple}/"),
        format!("/dav/books/{{{user}}}/"),
        format!("ftp://host/dav/books/{user}/"),
    ]);
    for path in paths {
        assert_eq!(Resource::parse(&path), None, "{path}");
    }
}

#[test]
fn longest_name_is_counted_in_characters() {
    let longest = "ї".repeat(512);
    assert_eq!(Resource::parse(&format!("{BOOK}{longest}")), card(&longest));
    assert_eq!(CardName::new(&longest).unwrap().as_str(), longest);
    assert_eq!(CardName::new(&"ї".repeat(513)), None);
}
