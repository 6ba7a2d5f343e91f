//! The body of REPORT: addressbook-multiget, addressbook-query and sync-collection.

use super::{
    filter::read_filter,
    selection::{Selection, SelectionReader},
};
use crate::{
    error::RequestError,
    filter::Filter,
    limits::{MAX_HREF_BYTES, MAX_HREFS},
    precondition::Precondition,
    sync_token::token_of,
    xml::{Elements, read_document},
};

/// A report that a client asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Report {
    /// Cards by their paths (RFC 6352, 8.7).
    Multiget {
        /// Properties of each card.
        selection: Selection,
        /// Paths or URLs, as the client wrote them.
        hrefs: Vec<String>,
    },
    /// Cards that match a filter (RFC 6352, 8.6).
    Query {
        /// Properties of each card.
        selection: Selection,
        /// Condition of the cards. Clients leave it out to read all cards, although the standard requires it.
        filter: Filter,
        /// Maximum number of cards in the answer.
        limit: Option<u32>,
    },
    /// Cards that have changed since a token (RFC 6578).
    SyncCollection {
        /// Properties of each card.
        selection: Selection,
        /// Token of an earlier answer; `None` for the first synchronisation.
        token: Option<String>,
        /// Levels below the address book.
        level: SyncLevel,
        /// Maximum number of cards in the answer.
        limit: Option<u32>,
    },
}

/// Levels of a sync-collection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SyncLevel {
    /// The members of the address book. Also that of a request without the element.
    #[default]
    One,
    /// All levels, which are the same in an address book without collections.
    Infinite,
}

/// Reads the body of a REPORT.
///
/// # Errors
/// The body is another report, or outside of the limits, or it asks for what the server does not have.
pub fn parse_report(body: &[u8]) -> Result<Report, RequestError> {
    read_document(body, |elements, root| {
        if root.name.is_carddav("addressbook-multiget") {
            read_multiget(elements)
        } else if root.name.is_carddav("addressbook-query") {
            read_query(elements)
        } else if root.name.is_dav("sync-collection") {
            read_sync_collection(elements)
        } else {
            Err(RequestError::Precondition(Precondition::SupportedReport))
        }
    })
}

/// Returns the selection of a report. Without one the answer has paths only.
fn finish(selection: SelectionReader) -> Selection {
    selection.finish().unwrap_or(Selection::Listed(Vec::new()))
}

fn read_multiget(elements: &mut Elements<'_>) -> Result<Report, RequestError> {
    let (mut selection, mut hrefs) = (SelectionReader::default(), Vec::new());
    elements.for_each_child(|elements, child| {
        if child.name.is_dav("href") {
            let text = elements.text()?;
            let href = text.trim();
            if href.len() > MAX_HREF_BYTES {
                return Err(RequestError::Unexpected("an href has more than 4,096 bytes"));
            }
            if hrefs.len() >= MAX_HREFS {
                return Err(RequestError::Unexpected("addressbook-multiget has more than 20,000 hrefs"));
            }
            hrefs.push(href.to_owned());
        }
        selection.read(elements, child)
    })?;
    if hrefs.is_empty() {
        return Err(RequestError::Unexpected("addressbook-multiget must have an href"));
    }
    Ok(Report::Multiget { selection: finish(selection), hrefs })
}

fn read_query(elements: &mut Elements<'_>) -> Result<Report, RequestError> {
    let (mut selection, mut filter, mut limit) = (SelectionReader::default(), None, None);
    elements.for_each_child(|elements, child| {
        if child.name.is_carddav("filter") {
            filter = Some(read_filter(elements, child)?);
        } else if child.name.is_carddav("limit") {
            limit = read_limit(elements)?;
        }
        selection.read(elements, child)
    })?;
    Ok(Report::Query { selection: finish(selection), filter: filter.unwrap_or_default(), limit })
}

fn read_sync_collection(elements: &mut Elements<'_>) -> Result<Report, RequestError> {
    let (mut selection, mut token, mut limit) = (SelectionReader::default(), None, None);
    let mut level = SyncLevel::default();
    elements.for_each_child(|elements, child| {
        if child.name.is_dav("sync-token") {
            token = Some(token_of(&elements.text()?).to_owned()).filter(|token| !token.is_empty());
        } else if child.name.is_dav("sync-level") {
            level = level_of(&elements.text()?)?;
        } else if child.name.is_dav("limit") {
            limit = read_limit(elements)?;
        }
        selection.read(elements, child)
    })?;
    Ok(Report::SyncCollection { selection: finish(selection), token, level, limit })
}

fn level_of(text: &str) -> Result<SyncLevel, RequestError> {
    match text.trim() {
        "1" => Ok(SyncLevel::One),
        "infinite" => Ok(SyncLevel::Infinite),
        _ => Err(RequestError::Unexpected("sync-level must be 1 or infinite")),
    }
}

/// Reads the element `nresults`, which each standard has in its own namespace.
fn read_limit(elements: &mut Elements<'_>) -> Result<Option<u32>, RequestError> {
    let mut limit = None;
    elements.for_each_child(|elements, child| {
        if child.name.is_dav("nresults") || child.name.is_carddav("nresults") {
            let number = elements.text()?.trim().parse().ok().filter(|number| *number > 0);
            limit = Some(number.ok_or(RequestError::Unexpected("nresults must be a positive number"))?);
        }
        Ok(())
    })?;
    Ok(limit)
}
