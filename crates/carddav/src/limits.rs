//! Bounds of a request. A request outside of them is rejected before it costs memory or time.

/// Maximum number of bytes of an XML body. A multiget that names 10,000 cards has 1.2 MB.
pub const MAX_BODY_BYTES: usize = 2 << 20;

/// Maximum depth of elements.
pub(crate) const MAX_DEPTH: u16 = 32;

/// Maximum number of attributes of an element, declarations of namespaces included.
pub(crate) const MAX_ATTRIBUTES: usize = 64;

/// Maximum number of bytes of a namespace and of a local name. Unknown names are repeated in each answer.
pub(crate) const MAX_NAME_BYTES: usize = 255;

/// Maximum number of properties in a request. Clients ask for about 30.
pub(crate) const MAX_PROPERTIES: usize = 128;

/// Maximum number of bytes of all unknown properties of a request, namespaces included. They are repeated for each card.
/// Clients ask for some hundred bytes.
pub(crate) const MAX_UNKNOWN_BYTES: usize = 4096;

/// Maximum number of hrefs of a multiget, and of bytes of each.
pub(crate) const MAX_HREFS: usize = 20_000;
pub(crate) const MAX_HREF_BYTES: usize = 4096;

/// Maximum number of conditions of a filter. Each one is checked on each card.
pub(crate) const MAX_CONDITIONS: usize = 100;

/// Maximum number of characters of the name of a card.
pub(crate) const MAX_CARD_NAME: usize = 512;
