//! Exported contacts in a response.

use domain::{Ports, use_cases::contact::ContactExport};

use crate::{
    dto::{contact_view::log_unreadable, export_text::ExportText},
    problem::Problem,
    streaming::Document,
};

/// Writer of exported contacts.
pub(crate) struct ContactExportDocument(pub(crate) ContactExport);

impl Document for ContactExportDocument {
    type Text = ExportText;

    fn next_contacts(&self) -> u64 {
        self.0.next_contacts()
    }

    async fn write_next(self, ports: &Ports, text: &mut ExportText) -> Result<Option<Self>, Problem> {
        let part = self.0.read(ports).await?;
        for exported in &part.contacts {
            text.write(exported, &*ports.picture_store).unwrap_or_else(log_unreadable);
        }
        if part.rest.is_none() {
            text.end();
        }
        Ok(part.rest.map(Self))
    }
}
