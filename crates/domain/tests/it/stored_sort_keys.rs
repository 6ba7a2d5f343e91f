//! Sort keys that another version has stored.

use domain::{
    contact::{ChangeNumber, Contact, Cursor, SortValue, StoredSortKeys},
    ids::UserId,
};
use testkit::samples;
use uuid::Uuid;

fn contact() -> Contact {
    let stored = StoredSortKeys { first_name: vec![1], last_name: vec![2], birthday: 305 };
    let contact = samples::contact(UserId(Uuid::from_u128(1)), samples::card("Олена", "Коваль"));
    Contact { stored_keys: Some(Box::new(stored)), ..contact }
}

#[test]
fn cursor_is_the_position_by_which_the_store_sorts() {
    let sort = "first_name,-last_name,birthday,created_at".parse().unwrap();
    let contact = contact();
    let at_creation = SortValue::Time(contact.created_at);
    let expected = [SortValue::Text(vec![1]), SortValue::Text(vec![2]), SortValue::Day(305), at_creation];
    assert_eq!(Cursor::at(&contact, &sort).values(), expected);
}

#[test]
fn changed_contact_is_sorted_by_its_card() {
    let card = samples::valid_card("Леся", "Коваль");
    let changed = contact().with_card(&card, ChangeNumber(2), samples::now()).unwrap();
    assert_eq!(changed.stored_keys, None);
}
