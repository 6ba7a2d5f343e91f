//! Valid requests of CardDAV.

use std::collections::BTreeMap;

use reqwest::RequestBuilder;

use super::requests::{Cell, Request, Requests, requests};

const NAMESPACES: &str = r#"xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:carddav""#;

pub(super) fn dav_requests() -> Requests {
    requests! { |cell|
        "GET /.well-known/carddav" => 301, cell.plain();
        "OPTIONS /.well-known/carddav" => 301, cell.plain();
        "PROPFIND /.well-known/carddav" => 301, cell.plain();
        "PROPPATCH /.well-known/carddav" => 301, cell.plain();
        "REPORT /.well-known/carddav" => 301, cell.plain();
        "OPTIONS /dav" => 200, cell.plain();
        "PROPFIND /dav" => 207, valid(cell, cell.route.1);
        "PROPPATCH /dav" => 207, valid(cell, cell.route.1);
        "REPORT /dav" => 207, valid(cell, cell.route.1);
        "GET /dav" => 405, valid(cell, cell.route.1);
        "PUT /dav" => 405, valid(cell, cell.route.1);
        "DELETE /dav" => 405, valid(cell, cell.route.1);
        "MOVE /dav" => 405, valid(cell, cell.route.1);
        "OPTIONS /dav/{path:.*}" => 200, valid(cell, &cell.account.book());
        "PROPFIND /dav/{path:.*}" => 207, valid(cell, &cell.account.book());
        "PROPPATCH /dav/{path:.*}" => 207, valid(cell, &cell.account.book());
        "REPORT /dav/{path:.*}" => 207, valid(cell, &cell.account.book());
        "GET /dav/{path:.*}" => 200, valid(cell, &cell.account.card());
        "PUT /dav/{path:.*}" => 204, valid(cell, &cell.account.card());
        "DELETE /dav/{path:.*}" => 204, valid(cell, &cell.account.card());
        "MOVE /dav/{path:.*}" => 201, valid(cell, &cell.account.card());
    }
}

/// A request with the body and the headers of the method of the route.
pub(super) fn valid(cell: &Cell<'_>, path: &str) -> RequestBuilder {
    let request = cell.to(path);
    let xml = |text: String| cell.to(path).header("depth", "0").header("content-type", "application/xml").body(text);
    match cell.route.0 {
        "PROPFIND" => xml(format!("<propfind {NAMESPACES}><prop><displayname/></prop></propfind>")),
        "PROPPATCH" => xml(format!(
            "<propertyupdate {NAMESPACES}><set><prop><displayname>x</displayname></prop></set></propertyupdate>"
        )),
        "REPORT" => xml(multiget(&[&cell.account.card()])),
        "PUT" => {
            request.header("content-type", "text/vcard").body("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Cell\r\nEND:VCARD\r\n")
        }
        "MOVE" => request.header("destination", format!("{}moved{}.vcf", cell.account.book(), cell.number)),
        _ => request,
    }
}

/// The body of a report that reads cards by their paths.
pub(super) fn multiget(paths: &[&str]) -> String {
    let hrefs: String = paths.iter().map(|path| format!("<href>{path}</href>")).collect();
    format!("<c:addressbook-multiget {NAMESPACES}><prop><c:address-data/></prop>{hrefs}</c:addressbook-multiget>")
}

/// The body of a report of the changes since a token. `limit` is empty, or an element.
pub(super) fn sync_collection(token: &str, limit: &str) -> String {
    let token = format!("<sync-token>{token}</sync-token><sync-level>1</sync-level>");
    format!("<sync-collection {NAMESPACES}>{token}{limit}<prop><c:address-data/></prop></sync-collection>")
}
