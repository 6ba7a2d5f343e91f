//! A multistatus document that is written in parts.

use actix_web::{HttpResponse, HttpResponseBuilder, http::StatusCode, web::Bytes};
use carddav::Multistatus;

use crate::{dto::part_text::PartText, response::DAV_XML};

/// Text of a multistatus document (RFC 4918, 13).
pub(super) struct MultistatusText {
    /// `None` after the end.
    document: Option<Multistatus>,
    end: String,
}

impl MultistatusText {
    pub(super) fn begin() -> Self {
        Self { document: Some(Multistatus::begin()), end: String::new() }
    }

    /// Writes with the document. Nothing is written after the end.
    pub(super) fn write(&mut self, write: impl FnOnce(&mut Multistatus)) {
        if let Some(document) = &mut self.document {
            write(document);
        }
    }

    /// Ends the document.
    pub(super) fn end(&mut self, sync_token: Option<&str>) {
        if let Some(document) = self.document.take() {
            self.end = document.end(sync_token);
        }
    }
}

impl PartText for MultistatusText {
    fn size(&self) -> usize {
        self.document.as_ref().map_or(self.end.len(), Multistatus::pending_bytes)
    }

    fn take(&mut self) -> Bytes {
        let mut text = self.document.as_mut().map(Multistatus::take).unwrap_or_default();
        text.push_str(&std::mem::take(&mut self.end));
        text.into()
    }
}

/// Returns the head of a response with a multistatus document.
pub(super) fn response() -> HttpResponseBuilder {
    let mut response = HttpResponse::build(StatusCode::MULTI_STATUS);
    response.content_type(DAV_XML);
    response
}

/// Returns a response with a document that is written at once.
pub(super) fn whole(write: impl FnOnce(&mut Multistatus)) -> HttpResponse {
    let mut document = Multistatus::begin();
    write(&mut document);
    response().body(document.end(None))
}
