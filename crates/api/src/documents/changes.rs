//! The changes of an address book in a response.
//!
//! The views only describe the JSON. Their document writes it member by member.

use domain::{
    Ports,
    contact::changes::{Change, SyncToken},
    ids::UserId,
    picture::PictureStore,
    use_cases::contact::{ChangesPage, ChangesRest},
};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    dto::{
        contact_view::{ContactView, reserve},
        json::JsonWriter,
    },
    problem::Problem,
    streaming::Document,
};

/// Some changes of the address book.
#[derive(ToSchema)]
#[schema(as = ContactChanges)]
#[expect(dead_code, reason = "describes what ChangesDocument writes")]
pub(crate) struct ChangesView {
    /// The changes, in their order. A contact has one item, for its last change.
    items: Vec<ChangeView>,
    /// The `since` of your next request.
    #[schema(example = "8d1f0c5e7a3b4e6f9a2c5d8e1b4f7a0c-42")]
    next: String,
    /// `true`: there are more changes; send the next request at once.
    #[schema(example = false)]
    has_more: bool,
}

/// The last change of a contact.
#[derive(ToSchema)]
#[schema(as = ContactChange)]
pub(crate) struct ChangeView {
    /// The contact's id.
    #[schema(example = "0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27")]
    #[expect(dead_code, reason = "describes what is written below")]
    id: Uuid,
    /// The number of the change. It is also the `ETag` of the contact.
    #[schema(example = 42)]
    #[expect(dead_code, reason = "describes what is written below")]
    change: i64,
    /// `true`: the contact is no longer in the address book. It is in the trash, or deleted permanently.
    #[schema(example = false)]
    #[expect(dead_code, reason = "describes what is written below")]
    deleted: bool,
    /// The contact as it is now; null when it is deleted.
    #[expect(dead_code, reason = "describes what is written below")]
    contact: Option<ContactView>,
}

impl ChangeView {
    fn write(json: &mut JsonWriter, change: &Change, pictures: &dyn PictureStore) {
        json.begin_object();
        json.plain_member("id", change.id.0.hyphenated().encode_lower(&mut Uuid::encode_buffer()));
        json.member("change", &change.number.0);
        json.member("deleted", &change.contact.is_none());
        match &change.contact {
            Some(contact) => {
                json.name("contact");
                ContactView::write(json, contact, pictures);
            }
            None => json.member("contact", &()),
        }
        json.end_object();
    }
}

/// Writer of a [`ChangesView`].
pub(crate) struct ChangesDocument {
    page: ChangesPage,
}

impl ChangesDocument {
    /// Begins the changes after a token.
    pub(crate) fn begin(json: &mut JsonWriter, owner: UserId, since: Option<SyncToken>, limit: u64) -> Self {
        json.begin_object();
        json.name("items");
        json.begin_list();
        Self { page: ChangesPage::new(owner, since, limit) }
    }
}

impl Document for ChangesDocument {
    type Text = JsonWriter;

    fn next_contacts(&self) -> u64 {
        self.page.next_contacts()
    }

    async fn write_next(self, ports: &Ports, json: &mut JsonWriter) -> Result<Option<Self>, Problem> {
        let part = self.page.read(ports).await?;
        reserve(json, part.changes.iter().filter_map(|change| change.contact.as_ref()));
        for change in &part.changes {
            ChangeView::write(json, change, &*ports.picture_store);
        }
        let (next, has_more) = match part.rest {
            ChangesRest::Parts(page) => return Ok(Some(Self { page })),
            ChangesRest::End { next, has_more } => (next, has_more),
        };
        json.end_list();
        json.plain_member("next", &next.to_string());
        json.member("has_more", &has_more);
        json.end_object();
        Ok(None)
    }
}
