//! Contacts as rows of CSV.

use contact_csv::{ListColumns, Writer};
use domain::contact::{Contact, UnreadableContact, received::CardUid};
use vcard::Card;

use crate::fields::card_of;

/// Columns that a stream writes. The last column of a list has all further values.
const COLUMNS: ListColumns = ListColumns { emails: 5, phones: 5, addresses: 3, urls: 3 };

/// Writer of contacts in the columns of Google, in UTF-8 with commas and CR LF.
#[derive(Debug, Clone, Copy)]
pub struct ContactRows(Writer);

impl Default for ContactRows {
    fn default() -> Self {
        Self(Writer::new(COLUMNS))
    }
}

impl ContactRows {
    /// Returns the first row, after a byte order mark.
    #[must_use]
    pub fn header(&self) -> String {
        self.0.header()
    }

    /// Returns the row of a contact. The UID is its id.
    ///
    /// # Errors
    /// The stored card of the contact cannot be read.
    pub fn row(&self, contact: &Contact) -> Result<String, UnreadableContact> {
        let uid = Some(CardUid::of_contact(contact.id).as_str().to_owned());
        Ok(self.0.row(&Card { uid, ..card_of(&contact.parsed_card()?) }))
    }
}
