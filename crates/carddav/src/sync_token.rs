//! Tokens of sync-collection as URIs. RFC 6578 requires a URI, and the server has short tokens of its own.

const PREFIX: &str = "urn:x-contacts:sync:";

/// Returns the URI of a token.
pub(crate) fn uri_of(token: &str) -> String {
    [PREFIX, token].concat()
}

/// Returns the token of a URI. A URI of another server is returned unchanged, and is no valid token.
pub(crate) fn token_of(uri: &str) -> &str {
    let uri = uri.trim();
    uri.strip_prefix(PREFIX).unwrap_or(uri)
}
