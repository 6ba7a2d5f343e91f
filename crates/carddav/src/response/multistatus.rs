//! The answer 207 (RFC 4918, 13).

use super::{
    error_document::write_error,
    propstat::{begin, end, end_with, write_properties},
    status::Status,
    values::Values,
};
use crate::{name::Name, precondition::Precondition, request::Selection, sync_token::uri_of, xml::XmlWriter};

/// Root of the document.
const ROOT: &str = "d:multistatus";

/// Writer of an answer 207. It can be sent in parts: take what is written after each response.
#[derive(Debug)]
pub struct Multistatus {
    xml: XmlWriter,
}

/// Result of the change of a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PropertyOutcome {
    /// The property is changed.
    Changed,
    /// The property cannot be changed.
    Protected,
    /// The property is not changed, because another one of the same request cannot be changed.
    NotChanged,
}

impl Multistatus {
    /// Begins the document.
    #[must_use]
    pub fn begin() -> Self {
        Self { xml: XmlWriter::begin(ROOT) }
    }

    /// Writes a resource with the selected properties. `minimal` leaves out those that it does not have.
    pub fn resource(&mut self, values: &Values<'_>, selection: &Selection, minimal: bool) {
        self.begin_response(&values.href());
        write_properties(&mut self.xml, values, selection, minimal);
        self.end_response();
    }

    /// Writes the status of a resource: 404 for a card that was removed, or for an href that is no card.
    pub fn status(&mut self, href: &str, status: Status) {
        self.begin_response(href);
        self.xml.leaf("d:status", status.line());
        self.end_response();
    }

    /// Writes that the answer has not all results (RFC 6578, 3.6; RFC 6352, 8.6.2). `href` is the collection.
    pub fn truncated(&mut self, href: &str) {
        self.begin_response(href);
        self.xml.leaf("d:status", Status::InsufficientStorage.line());
        write_error(&mut self.xml, &Precondition::NumberOfMatchesWithinLimits);
        self.end_response();
    }

    /// Writes the results of a PROPPATCH.
    pub fn property_changes(&mut self, href: &str, results: &[(&Name, PropertyOutcome)]) {
        self.begin_response(href);
        for outcome in [PropertyOutcome::Changed, PropertyOutcome::Protected, PropertyOutcome::NotChanged] {
            let names: Vec<&Name> = results.iter().filter(|(_, own)| *own == outcome).map(|(name, _)| *name).collect();
            if !names.is_empty() {
                self.write_outcome(&names, outcome);
            }
        }
        self.end_response();
    }

    /// Returns the number of bytes that are written and not taken.
    #[must_use]
    pub fn pending_bytes(&self) -> usize {
        self.xml.len()
    }

    /// Returns what is written since the last call.
    #[must_use]
    pub fn take(&mut self) -> String {
        self.xml.take()
    }

    /// Ends the document, and returns what is written since the last part. `sync_token` is the one of the next
    /// sync-collection, without the URI around it.
    #[must_use]
    pub fn end(mut self, sync_token: Option<&str>) -> String {
        if let Some(token) = sync_token {
            self.xml.leaf("d:sync-token", &uri_of(token));
        }
        self.xml.close(ROOT);
        self.xml.take()
    }

    fn begin_response(&mut self, href: &str) {
        self.xml.open("d:response");
        self.xml.leaf("d:href", href);
    }

    fn end_response(&mut self) {
        self.xml.close("d:response");
    }

    fn write_outcome(&mut self, names: &[&Name], outcome: PropertyOutcome) {
        begin(&mut self.xml);
        names.iter().for_each(|name| self.xml.empty_name(name));
        match outcome {
            PropertyOutcome::Changed => end(&mut self.xml, Status::Ok),
            PropertyOutcome::NotChanged => end(&mut self.xml, Status::FailedDependency),
            PropertyOutcome::Protected => {
                end_with(&mut self.xml, Status::Forbidden, Some(&Precondition::CannotModifyProtectedProperty));
            }
        }
    }
}
