//! Properties of cursors: each is read as it was written, in its own sort order only.

use chrono::DateTime;
use domain::{
    collation::sort_key,
    contact::{
        Birthday, ChangeNumber, Contact, ContactCard, Cursor, Nickname, PersonName, Sort, SortKey, SortValue,
        trash::TrashPosition,
    },
    ids::{ContactId, UserId},
    time::Timestamp,
};
use proptest::{prelude::*, sample::subsequence};
use testkit::samples;
use uuid::Uuid;

use super::cursor::{MAX_LENGTH, decode, decode_trash, encode, encode_trash};

const KEYS: [&str; 5] = ["first_name", "last_name", "created_at", "updated_at", "birthday"];

/// First and last moment that a cursor can have, in microseconds: the years 1 to 9999.
const FIRST: i64 = -62_135_596_800_000_000;
const LAST: i64 = 253_402_300_799_999_999;

fn time() -> impl Strategy<Value = Timestamp> {
    let micros = prop_oneof![
        Just(FIRST),
        Just(LAST),
        -1_000_000i64..1_000_000,
        1_700_000_000_000_000i64..1_900_000_000_000_000,
        FIRST..=LAST,
    ];
    micros.prop_map(|micros| DateTime::from_timestamp_micros(micros).unwrap())
}

fn id() -> impl Strategy<Value = ContactId> {
    any::<u128>().prop_map(|id| ContactId(Uuid::from_u128(id)))
}

/// Any order of any of the keys, each with a direction.
fn sort() -> impl Strategy<Value = Sort> {
    let keys = subsequence(KEYS.to_vec(), 1..=5).prop_shuffle();
    (keys, any::<[bool; 5]>()).prop_map(|(keys, descending)| {
        let word = |(key, is_descending): (&&str, bool)| format!("{}{key}", if is_descending { "-" } else { "" });
        keys.iter().zip(descending).map(word).collect::<Vec<_>>().join(",").parse().unwrap()
    })
}

fn name() -> impl Strategy<Value = Option<PersonName>> {
    let text = prop_oneof!["[А-Яа-яїіє' -]{1,20}", "\\PC{1,30}", "[a-z𝟘ﷺ가]{90,100}"];
    prop::option::of(text).prop_map(|text| text.and_then(|text| PersonName::parse(&text).ok()))
}

/// A contact with any names, birthday and times.
fn contact() -> impl Strategy<Value = Contact> {
    let birthday = (prop::option::of(1i32..=2025), 1u32..=12, 1u32..=31)
        .prop_map(|(year, month, day)| Birthday::new(year, month, day).ok());
    let values = (name(), name(), birthday, time(), time(), id());
    values.prop_map(|(first_name, last_name, birthday, created_at, updated_at, id)| {
        // A card needs a name of some kind.
        let nickname = Nickname::parse("Кіт").ok();
        let card = samples::valid(ContactCard { first_name, last_name, nickname, birthday, ..ContactCard::default() });
        let contact = Contact::new(id, UserId(Uuid::nil()), &card, ChangeNumber(0), created_at);
        Contact { updated_at, ..contact }
    })
}

/// Returns the value of a contact for a sort key.
fn value(contact: &Contact, key: SortKey) -> SortValue {
    let card = contact.card.parse().unwrap();
    let text = |name: Option<&PersonName>| SortValue::Text(sort_key(name.map(PersonName::as_str)));
    match key {
        SortKey::FirstName => text(card.first_name.as_ref()),
        SortKey::LastName => text(card.last_name.as_ref()),
        SortKey::CreatedAt => SortValue::Time(contact.created_at),
        SortKey::UpdatedAt => SortValue::Time(contact.updated_at),
        SortKey::Birthday => {
            let day = card.birthday.map(|birthday| birthday.month_day().ordinal());
            SortValue::Day(day.unwrap_or(SortValue::NO_BIRTHDAY))
        }
    }
}

fn is_base64url(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn cursor_of_a_contact_is_read_as_written_in_its_own_order_only(contact in contact(), sort in sort(), other in sort()) {
        let cursor = Cursor::at(&contact, &sort);
        let values: Vec<SortValue> = sort.keys().iter().map(|(key, _)| value(&contact, *key)).collect();
        prop_assert_eq!((cursor.values(), cursor.id()), (&*values, contact.id));
        prop_assert_eq!(Cursor::new(values.clone(), contact.id, &sort), Some(cursor.clone()));
        let fits_other = values.len() == other.keys().len()
            && values.iter().zip(other.keys()).all(|(value, (key, _))| value.fits(*key));
        prop_assert_eq!(Cursor::new(values, contact.id, &other).is_some(), fits_other);
        let text = encode(&cursor, &sort);
        prop_assert!(text.len() <= MAX_LENGTH && is_base64url(&text), "{}", text);
        prop_assert_eq!(decode(&text, &sort), Some(cursor));
        prop_assert_eq!(decode(&text, &other).is_some(), other == sort, "an order has its own cursors");
        prop_assert_eq!(decode_trash(&text), None);
    }

    #[test]
    fn position_in_the_trash_is_read_as_written(deleted_at in time(), id in id(), sort in sort(), beyond in 1i64..1 << 50) {
        let position = TrashPosition { deleted_at, id };
        let text = encode_trash(position);
        prop_assert!(text.len() <= MAX_LENGTH && is_base64url(&text), "{}", text);
        prop_assert_eq!(decode_trash(&text), Some(position));
        prop_assert_eq!(decode(&text, &sort), None);
        for micros in [FIRST - beyond, LAST + beyond] {
            let deleted_at = DateTime::from_timestamp_micros(micros).unwrap();
            prop_assert_eq!(decode_trash(&encode_trash(TrashPosition { deleted_at, id })), None, "{}", deleted_at);
        }
    }
}
