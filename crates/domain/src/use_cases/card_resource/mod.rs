//! Use cases of CardDAV: read the cards of an address book by name, follow its changes, put, rename and delete cards.

mod card_sync;
mod delete_card;
mod get_cards;
mod move_card;
mod put_card;

pub use self::{
    card_sync::{CardSync, CardSyncError, CardSyncPart, CardSyncRest, current_sync_token},
    delete_card::{DeleteCardError, delete_card},
    get_cards::{CardReading, CardReadingPart, CardWithPhoto, ReadCardsError},
    move_card::{MoveCardError, move_card},
    put_card::{FormerText, PutCardError, Stored, put_card},
};
