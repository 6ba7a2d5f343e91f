//! Error documents.

use carddav::{Precondition, Privilege, error_document};

use crate::tree::Tree;

#[test]
fn each_condition_has_its_element() {
    use Precondition as P;
    let href = || "/dav/books/u/contacts/a&b.vcf".to_owned();
    let cases = [
        (P::PropfindFiniteDepth, "propfind-finite-depth"),
        (P::CannotModifyProtectedProperty, "cannot-modify-protected-property"),
        (P::SupportedReport, "supported-report"),
        (P::ValidSyncToken, "valid-sync-token"),
        (P::SyncTraversalSupported, "sync-traversal-supported"),
        (P::NumberOfMatchesWithinLimits, "number-of-matches-within-limits"),
        (
            P::NeedPrivileges { href: href(), privilege: Privilege::Bind },
            "need-privileges(resource(href(/dav/books/u/contacts/a&b.vcf) privilege(bind)))",
        ),
        (P::SupportedAddressData, "card:supported-address-data"),
        (P::ValidAddressData, "card:valid-address-data"),
        (P::NoUidConflict { href: href() }, "card:no-uid-conflict(href(/dav/books/u/contacts/a&b.vcf))"),
        (P::AddressbookCollectionLocationOk, "card:addressbook-collection-location-ok"),
        (P::MaxResourceSize, "card:max-resource-size"),
        (P::SupportedFilter, "card:supported-filter"),
        (P::SupportedCollation, "card:supported-collation"),
    ];
    for (condition, expected) in cases {
        let root = Tree::parse(&error_document(Some(&condition), "hint"));
        assert_eq!(root.name, "{DAV:}error");
        let [element, message] = root.children.as_slice() else { panic!("{root:?}") };
        assert_eq!((element.short().as_str(), message.text.as_str()), (expected, "hint"));
    }
}

#[test]
fn message_alone_is_escaped_and_has_a_namespace_of_its_own() {
    let root = Tree::parse(&error_document(None, "<b> & \"c\"\u{0}\u{B}\u{FFFF}"));
    let [message] = root.children.as_slice() else { panic!("{root:?}") };
    assert_eq!((message.name.as_str(), message.text.as_str()), ("{urn:x-contacts:dav}message", "<b> & \"c\""));
}

#[test]
fn error_of_an_unknown_token_has_the_text_that_evolution_looks_for() {
    let document = error_document(Some(&Precondition::ValidSyncToken), "the token has expired");
    assert!(document.contains("valid-sync-token"));
}
