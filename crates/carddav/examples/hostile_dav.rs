//! Measures the time of hostile bodies of 1 and 2 MiB, which must double, and of filters on large cards:
//! `cargo run --release --package carddav --example hostile_dav`.

#![expect(clippy::print_stdout, reason = "prints a table")]

use std::time::{Duration, Instant};

use carddav::{MAX_BODY_BYTES, Report, parse_propfind, parse_proppatch, parse_report};

/// Text before the repetition, the repeated text, and the text after it.
const INPUTS: [(&str, &str, &str); 16] = [
    ("<propfind xmlns='DAV:'>", "<a>", ""),
    ("<propfind xmlns='DAV:'", " b='c'", "/>"),
    ("<propfind xmlns='", "n", "'/>"),
    ("<propfind xmlns='DAV:'>", "<a/>", "</propfind>"),
    ("<propfind xmlns='DAV:'>", "<a b='c'/>", "</propfind>"),
    ("<propfind xmlns='DAV:'>", "<a xmlns:b='urn:b'/>", "</propfind>"),
    ("<propfind xmlns='DAV:'>", "&amp;", "</propfind>"),
    ("<propfind xmlns='DAV:'>", "<!---->", "</propfind>"),
    ("<propfind xmlns='DAV:'>", "<!--", "</propfind>"),
    ("<propfind xmlns='DAV:'>", "<![CDATA[", "</propfind>"),
    ("<propfind xmlns='DAV:'><prop>", "<getetag/>", "</prop></propfind>"),
    ("<propertyupdate xmlns='DAV:'><set><prop><a>", "&amp;", "</a></prop></set></propertyupdate>"),
    (
        "<a:addressbook-multiget xmlns='DAV:' xmlns:a='urn:ietf:params:xml:ns:carddav'>",
        "<href>a</href>",
        "</a:addressbook-multiget>",
    ),
    ("<sync-collection xmlns='DAV:'>", "<sync-token>a</sync-token>", "</sync-collection>"),
    ("<sync-collection xmlns='DAV:'><sync-token>", "&amp;", "</sync-token></sync-collection>"),
    ("<addressbook-query xmlns='urn:ietf:params:xml:ns:carddav'>", "<a/>", "</addressbook-query>"),
];

fn time_of(body: &[u8]) -> Duration {
    let clock = Instant::now();
    drop((parse_propfind(body), parse_proppatch(body), parse_report(body)));
    clock.elapsed()
}

/// Returns the time of a filter that matches a card.
fn time_of_filter(conditions: &str, card: &str) -> Option<Duration> {
    let body = format!(
        "<addressbook-query xmlns='urn:ietf:params:xml:ns:carddav'><filter test='allof'>{conditions}</filter></addressbook-query>"
    );
    let Ok(Report::Query { filter, .. }) = parse_report(body.as_bytes()) else { return None };
    let clock = Instant::now();
    filter.matches(card).then(|| clock.elapsed())
}

/// Returns the time of the most expensive filter of values on a card of 256 KiB.
fn time_of_texts(text: &str) -> Option<Duration> {
    let condition = "<prop-filter name='NOTE'><text-match negate-condition='yes'>b</text-match></prop-filter>";
    let card = ["BEGIN:VCARD\r\nNOTE:", &text.repeat((256 << 10) / text.len()), "\r\nEND:VCARD\r\n"].concat();
    time_of_filter(&condition.repeat(50), &card)
}

/// Returns the time of the most expensive filter of parameters on a card of 250 KiB. Only the last parameter matches.
fn time_of_parameters(parameter: &str) -> Option<Duration> {
    let condition = "<param-filter name='TYPE'><text-match>last</text-match></param-filter>".repeat(49);
    let property = format!("<prop-filter name='TEL' test='allof'>{condition}</prop-filter>");
    let parameters = parameter.repeat((250 << 10) / parameter.len());
    time_of_filter(&property, &format!("BEGIN:VCARD\r\nTEL{parameters};TYPE=last:1\r\nEND:VCARD\r\n"))
}

fn main() {
    println!("{:>8} {:>8}", "1 MiB", "2 MiB");
    for (head, piece, end) in INPUTS {
        let [half, full] = [MAX_BODY_BYTES / 2, MAX_BODY_BYTES].map(|size| {
            let body = [head, &piece.repeat((size - head.len() - end.len()) / piece.len()), end].concat();
            time_of(body.as_bytes()).as_millis()
        });
        println!("{half:>5} ms {full:>5} ms  {head:?} {piece:?}");
    }
    for text in ["a", "їжак", "\u{FDFA}"] {
        println!("a filter on {text:?}: {:?}", time_of_texts(text));
    }
    for parameter in [";a", ";TYPE=a,b", ";TYPE=їжак"] {
        println!("a filter on {parameter:?}: {:?}", time_of_parameters(parameter));
    }
}
