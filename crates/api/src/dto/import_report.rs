//! The report of an import.

use std::borrow::Cow;

use contact_files::{FileColumn, FileSummary};
use domain::contact::import::{ImportReport, ItemAction, ItemError, ReportItem};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::problem::{Code, FieldError};

/// Report of an import, or of a dry run.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportReport)]
pub(crate) struct ImportReportView {
    /// The format of the file: `vcard` or `csv`.
    #[schema(example = "vcard")]
    format: &'static str,
    /// The version of the first vCard, or the program whose columns the table has; null if it is unknown.
    #[schema(example = "3.0")]
    dialect: Option<&'static str>,
    /// The charset of the file; null if it was not detected.
    #[schema(example = "UTF-8")]
    charset: Option<&'static str>,
    /// The number of entries.
    #[schema(example = 1)]
    total: usize,
    /// The number of created contacts.
    #[schema(example = 1)]
    created: usize,
    /// The number of entries that changed a contact, and of groups whose tag a member got.
    #[schema(example = 0)]
    updated: usize,
    /// The number of entries without effect, because the contact exists already.
    #[schema(example = 0)]
    skipped: usize,
    /// The number of entries that cannot be imported.
    #[schema(example = 0)]
    failed: usize,
    /// The columns of a table. A vCard has none.
    columns: Vec<ImportColumnView>,
    /// One item for each entry, in the order of the file.
    items: Vec<ImportItemView>,
}

/// A column of a table.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportColumn)]
pub(crate) struct ImportColumnView {
    /// The name in the first row, or the position, from 1.
    #[schema(example = "E-mail 1 - Value")]
    name: String,
    /// The field of its values; null if they are not imported. `mapping` can give it one.
    #[schema(example = "email")]
    field: Option<String>,
}

/// Report of one entry.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportItem)]
pub(crate) struct ImportItemView {
    /// The position in the file, from 0.
    #[schema(example = 0)]
    index: usize,
    /// The number of its first line, from 1.
    #[schema(example = 1)]
    line: usize,
    /// The action that was done, or that an import would do.
    #[schema(example = "created", extensions(("x-values" = json!(["created", "updated", "skipped", "failed"]))))]
    action: &'static str,
    /// The contact; null for a group, for an entry that failed, and for a new contact of a dry run.
    #[schema(example = "0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27")]
    contact_id: Option<Uuid>,
    /// The name of the entry.
    #[schema(example = "Леся Українка")]
    name: Option<String>,
    /// Reasons for which the entry failed, or values of it that were not imported: at most 20.
    errors: Vec<ImportErrorView>,
}

/// An error of an entry.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportError)]
pub(crate) struct ImportErrorView {
    /// The position in the contact, as a JSON pointer (RFC 6901). The empty pointer is the whole entry.
    #[schema(example = "/emails/0/address")]
    pub(crate) pointer: String,
    /// A stable, machine-readable code.
    #[schema(value_type = String, example = "invalid-email")]
    code: Cow<'static, str>,
    /// A description of the error and its fix, for people.
    #[schema(example = "must be an e-mail address like name@example.com")]
    pub(crate) detail: String,
}

impl ImportReportView {
    /// Creates the view of a report on a file.
    pub(crate) fn new(report: ImportReport, file: FileSummary) -> Self {
        let [created, updated, skipped, failed] =
            [ItemAction::Created, ItemAction::Updated, ItemAction::Skipped, ItemAction::Failed]
                .map(|action| report.count(action));
        Self {
            format: file.format.name(),
            dialect: file.dialect,
            charset: file.charset,
            total: report.items.len(),
            created,
            updated,
            skipped,
            failed,
            columns: file.columns.into_iter().map(ImportColumnView::from).collect(),
            items: report.items.into_iter().map(ImportItemView::from).collect(),
        }
    }
}

impl From<FileColumn> for ImportColumnView {
    fn from(column: FileColumn) -> Self {
        Self { name: column.name, field: column.field }
    }
}

impl From<ReportItem> for ImportItemView {
    fn from(item: ReportItem) -> Self {
        let action = match item.action {
            ItemAction::Created => "created",
            ItemAction::Updated => "updated",
            ItemAction::Skipped => "skipped",
            ItemAction::Failed => "failed",
        };
        Self {
            index: item.index,
            line: item.line,
            action,
            contact_id: item.contact.map(|contact| contact.0),
            name: item.name,
            errors: item.errors.iter().map(ImportErrorView::from).collect(),
        }
    }
}

impl From<&ItemError> for ImportErrorView {
    fn from(error: &ItemError) -> Self {
        let (pointer, code) = match error {
            ItemError::Value(error) => {
                let FieldError { pointer, code, detail, .. } = FieldError::of_card(error);
                return Self { pointer: pointer.unwrap_or_default(), code, detail };
            }
            ItemError::Unreadable(_) => ("", "unreadable"),
            ItemError::Photo(_) => ("/photo", "photo-not-imported"),
            ItemError::LimitReached { .. } => ("", Code::ContactLimitReached.as_str()),
            ItemError::TooManyEntries => ("", "too-many-entries"),
            ItemError::TooManyMembers => ("", "too-many-members"),
            ItemError::Deleted => ("", "contact-deleted"),
        };
        Self { pointer: pointer.to_owned(), code: Cow::Borrowed(code), detail: error.to_string() }
    }
}
