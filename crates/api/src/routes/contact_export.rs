//! Handler of the export of contacts.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{ContentDisposition, DispositionParam, DispositionType},
    web,
};
use domain::{Ports, contact::is_heavy_search, use_cases::contact::ContactExport};

use super::responses::Answer;
use crate::{
    app_state::AppState,
    documents::contact_export::ContactExportDocument,
    dto::{
        contact_query::{ExportQuery, ExportRequest},
        contact_view::ContactView,
        export_text::ExportText,
    },
    extract::{Authenticated, QueryOf},
    problem::documented::{ParameterProblems, PhotoProblems, ServerProblems},
    streaming::PartReader,
};

/// A vCard in the documentation.
pub(super) const VCARD_EXAMPLE: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27\r\n\
    FN:Леся Українка\r\nN:Українка;Леся;;;\r\nTEL;TYPE=HOME:+380 (67) 111-22-33\r\n\
    REV:20261121T100000Z\r\nEND:VCARD\r\n";
/// A table in the documentation, with the first columns only.
const CSV_EXAMPLE: &str = "First Name,Middle Name,Last Name\r\nЛеся,,Українка\r\n";

/// Export contacts
///
/// Returns all contacts that match the filters as one file: vCard for other address books, CSV with the columns of Google
/// for spreadsheets, or JSON. A contact that came as vCard has everything that it came with, also what this service does
/// not show.
#[utoipa::path(
    get, path = "/api/contacts/export", tag = "Contacts", security(("bearer" = ["api:read"])), params(ExportQuery),
    responses(
        (
            status = 200, description = "The file.",
            content(
                (String = "text/vcard", example = json!(VCARD_EXAMPLE)),
                (String = "text/csv", example = json!(CSV_EXAMPLE)),
                (Vec<ContactView> = "application/json")
            ),
            headers(("Content-Disposition", description = "The name of the file, such as `contacts-2026-11-21.vcf`."))
        ),
        ParameterProblems, PhotoProblems, ServerProblems
    )
)]
pub(crate) async fn export_contacts(
    ports: web::Data<Ports>,
    state: web::Data<AppState>,
    request: HttpRequest,
    Authenticated(principal): Authenticated,
    QueryOf(ExportRequest { query, format, photos }): QueryOf<ExportQuery>,
) -> Answer {
    let owner = principal.user.id;
    let today = principal.user.timezone.day_at(ports.clock.now());
    let name = format!("contacts-{today}.{}", format.extension());
    let disposition = ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(name)],
    };
    let mut response = HttpResponse::Ok();
    response.content_type(format.media_type()).insert_header(disposition);
    let is_heavy = is_heavy_search(&query.filter, ports.policy.contact_limit);
    let export = ContactExport::new(owner, query.filter, query.sort, format.extras(photos));
    let (text, document) = (ExportText::begin(format), ContactExportDocument(export));
    PartReader::new(&request, ports, state, owner).with_search(is_heavy).respond_with(response, text, document).await
}
