//! Handler of imports of files.

use actix_web::{HttpResponse, web};
use contact_files::FileOptions;
use domain::{
    Ports,
    contact::Birthday,
    idempotency::IdempotencyKey,
    use_cases::contact::{self, Importer},
};

use super::responses::Answer;
use crate::{
    dto::{
        import_query::{ImportChoices, ImportForm, ImportQuery},
        import_report::ImportReportView,
        json::JsonWriter,
    },
    extract::{ImportUpload, QueryOf, SlottedFile},
    problem::documented::{ImportProblems, ServerProblems},
    streaming,
};

/// Import contacts
///
/// Reads a file of a phone or another service: vCard 2.1, 3.0 and 4.0, or CSV of Google, Outlook, outlook.com and
/// Thunderbird. Send it as the body, or as the part `file` of a form: at most 10 MiB and 10,000 entries.
///
/// Each entry has an item in the report. An entry with an error does not stop the others. The same file again creates
/// nothing: a contact is recognized by its UID, by an e-mail address or a phone with the same name, or because all values
/// are equal. Groups become tags. Photos in the file become photos of the contacts; those behind a URL are not fetched.
/// Values that a contact cannot have are reported, and remain in its vCard.
///
/// Begin with `dry_run=true`: it changes nothing, and returns the report of the import.
///
/// The file is imported in parts of up to 200 entries, each as a whole or not at all. After an error or a lost connection
/// send the same file again: it goes on. With an `Idempotency-Key` the report then also has what the first request did.
#[utoipa::path(
    post, path = "/api/contacts/import", tag = "Contacts", security(("bearer" = ["api:write"])),
    request_body(
        description = "The file.",
        content(
            (String = "text/vcard", example = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1\r\nN:Українка;Леся;;;\r\nFN:Леся Українка\r\nEMAIL:lesia@example.com\r\nEND:VCARD\r\n"),
            (String = "text/csv", example = "First Name,Last Name,E-mail 1 - Value\r\nЛеся,Українка,lesia@example.com\r\n"),
            (ImportForm = "multipart/form-data")
        )
    ),
    params(
        ImportQuery,
        ("Idempotency-Key" = Option<String>, Header, extensions(("x-bounds" = json!([1, IdempotencyKey::MAX]))),
            description = "An identifier of this request, a new one for each file: 1 to 255 visible ASCII characters, for \
                example a UUID, with or without quotes.")
    ),
    responses(
        (status = 200, description = "The report. Some entries may have failed.", body = ImportReportView),
        ImportProblems, ServerProblems
    )
)]
pub(crate) async fn import_contacts(
    ports: web::Data<Ports>,
    QueryOf(choices): QueryOf<ImportQuery>,
    upload: ImportUpload,
) -> Answer {
    let ImportChoices { options, charset, table } = choices;
    let ImportUpload { principal, key, file } = upload;
    let locale = Some(principal.user.locale.as_str().to_owned());
    let today = Birthday::latest(ports.clock.now());
    let charset = charset.or(file.charset);
    let file_options = FileOptions { format: file.format, charset, locale, table, today };
    let importer = Importer { owner: principal.user.id, client: &principal.client };
    let import =
        async |file: &mut SlottedFile| contact::import_contacts(&ports, importer, file, options, key.as_ref()).await;
    let (report, summary, turn) = file.import(file_options, import).await?;
    let json = JsonWriter::of(&ImportReportView::new(report, summary));
    Ok(streaming::whole(HttpResponse::Ok(), json, turn))
}
