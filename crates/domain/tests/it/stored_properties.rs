//! Properties of every value with a stored name, of the names of pictures and devices, of stored sort keys, and of the
//! bound of received cards.

use std::{collections::BTreeSet, fmt::Debug, net::IpAddr};

use domain::{
    account::{Purpose, Registration},
    audit::{AuditAction, AuditOutcome},
    client::{ClientInfo, Site},
    contact::{
        ChangeNumber, Contact, Cursor, Sort, SortValue, StoredSortKeys, TakenNumbers,
        received::{CardVersion, ReceivedText, TextTooLarge},
    },
    mail::MailKind,
    picture::PictureKey,
    secret::Secret,
    session::DeviceDigest,
};
use proptest::prelude::*;
use testkit::samples;
use uuid::Uuid;

use crate::{
    token_properties::{character, tampered},
    value_properties::any_text,
};

const REGISTRATIONS: [Registration; 3] = [Registration::Open, Registration::Closed, Registration::Invite];

/// A change of a text: none, another case, a blank at its end, or one other character.
#[derive(Debug, Clone)]
struct Change(u8, usize, char);

impl Change {
    fn of(&self, text: &str) -> String {
        let Self(kind, at, with) = *self;
        match kind {
            0..=2 => text.to_owned(),
            3 => text.to_ascii_uppercase(),
            4 => format!("{text} "),
            _ => tampered(text, at, with, kind),
        }
    }
}

/// Checks the stored names of a type: each is read as its value, and a text that is not exactly a name is no value.
fn check_names<T: Copy + Debug + PartialEq>(
    raw: &[String],
    values: &[T],
    name: impl Fn(T) -> &'static str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<(), TestCaseError> {
    let names: BTreeSet<&str> = values.iter().map(|value| name(*value)).collect();
    prop_assert_eq!(names.len(), values.len(), "each value has a name of its own");
    for value in values {
        prop_assert_eq!(parse(name(*value)), Some(*value));
    }
    for text in raw {
        prop_assert_eq!(parse(text).map(&name), names.get(text.as_str()).copied(), "{:?}", text);
    }
    Ok(())
}

/// Checks the names of a type and texts that are almost one of them.
macro_rules! check_stored_names {
    ($raw:expr, $change:expr, $values:expr, $type:ident, $parse:expr) => {{
        let near = $values.iter().map(|value| $change.of(value.as_str()));
        check_names(&near.chain([$raw.clone()]).collect::<Vec<_>>(), &$values[..], $type::as_str, $parse)?;
    }};
}

fn client() -> impl Strategy<Value = ClientInfo> {
    let ip = prop_oneof![
        prop::sample::select(vec!["192.0.2.1", "192.0.3.1", "2001:db8::1", "2001:db8:1::1"])
            .prop_map(|ip| ip.parse::<IpAddr>().unwrap()),
        any::<IpAddr>(),
    ];
    let agent = prop_oneof!["(Mozilla|Firefox|/|[0-9.]{1,3}| ){0,4}", any_text()];
    (prop::option::of(ip), prop::option::of(agent)).prop_map(|(ip, agent)| ClientInfo::new(ip, agent.as_deref()))
}

/// The parts of a client that make a device.
fn device(client: &ClientInfo) -> (Site, String) {
    let agent = client.user_agent.clone().unwrap_or_default();
    (Site::of(client.ip), agent.replace(|c: char| c.is_ascii_digit(), ""))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn only_the_exact_name_of_a_value_is_read(
        raw in any_text(), change in (0u8..8, any::<usize>(), character()).prop_map(|(kind, at, with)| Change(kind, at, with)),
    ) {
        check_stored_names!(raw, change, Purpose::ALL, Purpose, Purpose::from_stored);
        check_stored_names!(raw, change, CardVersion::ALL, CardVersion, CardVersion::from_stored);
        check_stored_names!(raw, change, MailKind::ALL, MailKind, MailKind::from_stored);
        check_stored_names!(raw, change, AuditAction::ALL, AuditAction, AuditAction::from_stored);
        check_stored_names!(raw, change, AuditOutcome::ALL, AuditOutcome, AuditOutcome::from_stored);
        check_stored_names!(raw, change, REGISTRATIONS, Registration, |text| text.parse::<Registration>().ok());
    }

    #[test]
    fn picture_name_has_its_folder_and_only_its_id(id in any::<u128>(), other in any::<u128>(), random in any::<[u8; 32]>()) {
        let (id, other) = (Uuid::from_u128(id), Uuid::from_u128(other));
        for (folder, key) in [("avatars/", PictureKey::avatar as fn(Uuid) -> PictureKey), ("photos/", PictureKey::photo as fn(Uuid) -> PictureKey)] {
            let name = key(id);
            let digits = name.as_str().strip_prefix(folder).unwrap();
            prop_assert_eq!((digits.len(), Uuid::try_parse(digits)), (32, Ok(id)));
            prop_assert_eq!(PictureKey::from_stored(name.as_str().to_owned()), name.clone());
            prop_assert_eq!(key(other) == name, other == id);
        }
        let (one, next) = (Secret::from_bytes(random), Secret::from_bytes(random.map(|byte| byte.wrapping_add(1))));
        prop_assert_ne!(PictureKey::unguessable_id(&one), PictureKey::unguessable_id(&next));
    }

    /// Two clients have one device when they have the same site, and the same user agent except for digits.
    #[test]
    fn device_is_its_site_and_its_user_agent_without_digits(one in client(), other in client(), digits in "[0-9]{1,4}") {
        let digest = DeviceDigest::of(&one);
        prop_assert_eq!(DeviceDigest::of(&other) == digest, device(&other) == device(&one), "{:?} {:?}", one, other);
        let agent = format!("{digits}{}{digits}", one.user_agent.clone().unwrap_or_default());
        if agent.chars().count() <= ClientInfo::MAX_USER_AGENT {
            prop_assert_eq!(DeviceDigest::of(&ClientInfo::new(one.ip, Some(&agent))), digest, "an update of a browser");
        }
        let text = digest.to_string();
        let bytes: Vec<u8> = (0..32).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap()).collect();
        prop_assert_eq!((text.len(), bytes), (64, digest.0.to_vec()));
    }

    /// The store sorts a contact by them, whatever its card has.
    #[test]
    fn cursor_has_the_stored_sort_keys_of_its_contact(
        first_name in prop::collection::vec(any::<u8>(), 0..9), last_name in prop::collection::vec(any::<u8>(), 0..9),
        birthday in any::<u32>(),
        keys in prop::sample::subsequence(vec!["first_name", "-last_name", "created_at", "birthday"], 1..=4)
            .prop_shuffle(),
    ) {
        let stored = StoredSortKeys { first_name: first_name.clone(), last_name: last_name.clone(), birthday };
        let contact = samples::contact(samples::user().id, samples::card("Олена", "Коваль"));
        let contact = Contact { stored_keys: Some(Box::new(stored)), ..contact };
        let value = |key: &&str| match *key {
            "first_name" => SortValue::Text(first_name.clone()),
            "-last_name" => SortValue::Text(last_name.clone()),
            "birthday" => SortValue::Day(birthday),
            _ => SortValue::Time(contact.created_at),
        };
        let sort: Sort = keys.join(",").parse().unwrap();
        let (cursor, expected) = (Cursor::at(&contact, &sort), keys.iter().map(value).collect::<Vec<_>>());
        prop_assert_eq!((cursor.values(), cursor.id()), (&*expected, contact.id));
    }

    #[test]
    fn taken_numbers_are_consecutive_and_never_negative(
        first in prop_oneof![0..=i64::MAX, i64::MAX - 9..=i64::MAX],
        index in prop_oneof![0usize..10, any::<usize>()],
    ) {
        let taken = TakenNumbers { first: ChangeNumber(first), contacts: 0, own_limit: None };
        let expected = (i128::from(first) + i128::try_from(index).unwrap()).min(i128::from(i64::MAX));
        prop_assert_eq!(i128::from(taken.number(index).0), expected);
    }
}

proptest! {
    // Each text has 256 KiB.
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn received_text_is_bounded_in_bytes_and_unchanged(
        piece in prop::sample::select(vec!["a", "ї", "가", "👨", "\r\n", "\0"]), bytes in -9isize..10,
        version in prop::sample::select(CardVersion::ALL.to_vec()),
    ) {
        let bytes = ReceivedText::MAX_BYTES.strict_add_signed(bytes);
        let text = piece.repeat(bytes / piece.len()) + &"x".repeat(bytes % piece.len());
        match ReceivedText::new(version, text.clone()) {
            Ok(received) => {
                prop_assert!(bytes <= 256 * 1024, "{} bytes", bytes);
                prop_assert_eq!((received.version(), received.as_str()), (version, text.as_str()));
                prop_assert_eq!(ReceivedText::from_stored(version, text), received);
            }
            Err(TextTooLarge) => prop_assert!(bytes > 256 * 1024, "{} bytes", bytes),
        }
    }
}
