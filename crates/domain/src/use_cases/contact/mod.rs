//! Use cases of contacts: create, read, search, edit, delete, photos, birthdays, changes, export.

mod apply_batch;
mod change_photo;
mod create_contact;
mod delete_contact;
mod export_contacts;
mod get_contact;
mod import_contacts;
mod list_changes;
mod list_contacts;
mod list_tags;
mod patch_contact;
mod replace_contact;
mod upcoming_birthdays;

pub use self::{
    apply_batch::{Applied, ApplyBatchError, OperationError, apply_batch},
    change_photo::{ChangePhotoError, change_photo, remove_photo},
    create_contact::{CreateContactError, Created, create_contact},
    delete_contact::{DeleteContactError, delete_contact},
    export_contacts::{
        ContactExport, ContactExportPart, ExportContactError, ExportContactsError, ExportExtras, ExportedContact,
        export_contact,
    },
    get_contact::{GetContactError, get_contact},
    import_contacts::{ImportContactsError, ImportStop, Importer, import_contacts},
    list_changes::{ChangesPage, ChangesPart, ChangesRest, ListChangesError},
    list_contacts::{ContactPage, ContactPagePart, ContactPageRest},
    list_tags::list_tags,
    patch_contact::patch_contact,
    replace_contact::replace_contact,
    upcoming_birthdays::{NextBirthday, UpcomingBirthday, UpcomingBirthdays},
};
pub use super::steps::EditContactError;
