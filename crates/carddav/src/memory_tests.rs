//! Memory for hostile bodies of 2 MiB: at most 16 MiB besides the body.

use peak_alloc::PeakAlloc;

use crate::{MAX_BODY_BYTES, parse_propfind, parse_proppatch, parse_report};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const MAX: usize = 16 << 20;

/// Reads a body as each kind of request.
fn read_all(body: &[u8]) {
    drop((parse_propfind(body), parse_proppatch(body), parse_report(body)));
}

// One test, because the allocator counts the whole process.
#[test]
fn hostile_bodies_take_bounded_memory() {
    // Text before the repetition, the repeated text, and the text after it.
    let inputs = [
        ("", "<a>", ""),
        ("", "<", ""),
        ("", "&#65;", ""),
        ("<propfind xmlns='DAV:'", " b='c'", "/>"),
        ("<propfind xmlns='", "n", "'/>"),
        ("<", "a", "/>"),
        ("<propfind xmlns='DAV:'>", "<b/>", "</propfind>"),
        ("<propfind xmlns='DAV:'>", "<!---->", "</propfind>"),
        ("<propfind xmlns='DAV:'>", "<?b c?>", "</propfind>"),
        ("<propfind xmlns='DAV:'>", "<![CDATA[]]>", "</propfind>"),
        ("<propfind xmlns='DAV:'><prop>", "<getetag/>", "</prop></propfind>"),
        ("<propfind xmlns='DAV:'>", "<propname/>", "</propfind>"),
        ("<propertyupdate xmlns='DAV:'><set><prop>", "<a/>", "</prop></set></propertyupdate>"),
        ("<propertyupdate xmlns='DAV:'><set><prop><a>", "&amp;", "</a></prop></set></propertyupdate>"),
        (
            "<c:addressbook-multiget xmlns='DAV:' xmlns:c='urn:ietf:params:xml:ns:carddav'>",
            "<href>a</href>",
            "</c:addressbook-multiget>",
        ),
        (
            "<c:addressbook-query xmlns:c='urn:ietf:params:xml:ns:carddav'><c:filter>",
            "<c:prop-filter name='A'/>",
            "</c:filter></c:addressbook-query>",
        ),
        ("<sync-collection xmlns='DAV:'><sync-token>", "a", "</sync-token></sync-collection>"),
    ];
    for (head, piece, end) in inputs {
        let body = [head, &piece.repeat((MAX_BODY_BYTES - head.len() - end.len()) / piece.len()), end].concat();
        ALLOCATOR.reset_peak_usage();
        let before = ALLOCATOR.current_usage();
        read_all(body.as_bytes());
        let peak = ALLOCATOR.peak_usage().saturating_sub(before);
        assert!(peak <= MAX, "{head:?} {piece:?}: {} MiB", peak >> 20);
    }
}
