//! Cards as other programs sent them: the text of a vCard, and the identifier in it.
//!
//! A vCard has more than a contact: parameters, properties of single programs, values that are not valid here. Its text
//! is stored beside the contact, so that none of it is lost on the way out. The syntax is not known here.

mod model;
mod repository;

pub use self::{
    model::{CardUid, CardVersion, ReceivedCard, ReceivedText, TextTooLarge},
    repository::{ReceivedCardQueries, ReceivedCardRepository},
};
