//! The headers If-Match and If-None-Match (RFC 9110, 13.1).

use crate::error::HeaderError;

/// Entity tags of a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntityTags {
    /// `*`: every tag.
    Any,
    /// Tags without their quotes.
    Listed(Vec<String>),
}

impl EntityTags {
    /// Ends that proxies add to a tag when they compress an answer. Clients send them back.
    const ADDED_BY_PROXIES: [&'static str; 4] = ["-gzip", "-br", "-zstd", "-deflate"];

    /// Reads a header. Tags may be weak, may lack their quotes, and may have the end of a proxy. Empty elements are ignored
    /// (RFC 9110, 5.6.1.2).
    ///
    /// # Errors
    /// The value has no tag, a tag is empty or has a quote inside, or `*` stands beside tags.
    pub fn parse(value: &str) -> Result<Self, HeaderError> {
        if value.trim() == "*" {
            return Ok(Self::Any);
        }
        let tags = value.split(',').map(str::trim).filter(|tag| !tag.is_empty());
        let tags: Option<Vec<String>> = tags.map(bare).collect();
        tags.filter(|tags| !tags.is_empty()).map(Self::Listed).ok_or(HeaderError::EntityTags)
    }

    /// Returns true when the header has this tag, which has no quotes.
    #[must_use]
    pub fn matches(&self, tag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(tags) => tags.iter().any(|own| own == tag),
        }
    }
}

/// Returns a tag without `W/`, quotes, and the end of a proxy inside or behind the quotes.
fn bare(tag: &str) -> Option<String> {
    if tag == "*" {
        return None;
    }
    let tag = tag.strip_prefix("W/").or_else(|| tag.strip_prefix("w/")).unwrap_or(tag);
    let tag = without_proxy_end(tag);
    let inner = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).unwrap_or(tag);
    let inner = without_proxy_end(inner);
    (!inner.is_empty() && !inner.contains('"')).then(|| inner.to_owned())
}

fn without_proxy_end(tag: &str) -> &str {
    EntityTags::ADDED_BY_PROXIES.iter().find_map(|end| tag.strip_suffix(end)).unwrap_or(tag)
}
