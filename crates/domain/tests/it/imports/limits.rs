//! Limits of an import.

use domain::{
    Policy, Ports,
    contact::{
        Expected,
        import::{EntryError, ItemAction, ItemError},
    },
    use_cases::contact::{ImportStop, delete_contact},
};
use testkit::import_file::{ImportFile, Unreadable, group, imported, with_uid};

use super::{ADD, Olena, SKIP, UPDATE, counts, person};

pub(super) async fn with_limit(contact_limit: u64) -> Olena {
    let olena = Olena::new().await;
    let ports = Ports { policy: Policy { contact_limit, ..Policy::default() }, ..olena.ports.clone() };
    Olena { ports, ..olena }
}

#[tokio::test]
async fn contacts_beyond_the_limit_are_reported_and_the_others_written() {
    let olena = with_limit(250).await;
    olena.stored(person(1000)).await;
    let file = ImportFile::of((0..300).map(|number| imported(person(number))));
    let report = olena.import(&file, SKIP).await;
    assert_eq!(counts(&report), [249, 0, 0, 51]);
    assert_eq!(report.items[248].action, ItemAction::Created);
    assert_eq!(report.items[249].errors, [ItemError::LimitReached { limit: 250 }]);
    assert_eq!(report.items[249].errors[0].to_string(), "the address book has the maximum of 250 contacts");
    assert_eq!(olena.contacts().await.len(), 250);

    let removed = report.items[0].contact.unwrap();
    delete_contact(&olena.ports, olena.id, removed, &Expected::Any).await.unwrap();
    assert_eq!(counts(&olena.import(&file, SKIP).await), [1, 0, 248, 51], "the count is correct");
}

#[tokio::test]
async fn part_beyond_the_limit_costs_one_unit() {
    let olena = with_limit(200).await;
    let units = async |contacts: usize| {
        olena.env.store.take_begun_units();
        olena.import(&ImportFile::of((0..contacts).map(|number| imported(person(number)))), ADD).await;
        olena.env.store.take_begun_units()
    };
    let of_one_part = units(200).await;
    assert_eq!(units(600).await, of_one_part + 2);
}

#[tokio::test]
async fn second_entry_of_a_contact_beyond_the_limit_fails_too() {
    let olena = with_limit(1).await;
    let file = ImportFile::of([1, 2, 2].map(|number| imported(person(number))));
    for (options, expected) in [(SKIP, [1, 0, 0, 2]), (UPDATE, [0, 0, 1, 2])] {
        assert_eq!(counts(&olena.import(&file, options).await), expected);
    }
    assert_eq!(olena.contacts().await.len(), 1);
}

#[tokio::test]
async fn entry_after_the_ten_thousandth_fails_and_ends_the_import() {
    let olena = Olena::new().await;
    let file = ImportFile::of((0..10_300).map(|number| with_uid(&format!("uid-{number}"), person(number % 50))));
    let report = olena.import(&file, SKIP).await;
    assert_eq!(report.items.len(), 10_001);
    let last = report.items.last().unwrap();
    assert_eq!((last.index, last.action, last.contact), (10_000, ItemAction::Failed, None));
    assert_eq!(last.errors[0].to_string(), "the file has more than 10000 entries; divide it");
    assert_eq!(counts(&report), [50, 0, 9_950, 1]);
}

#[tokio::test]
async fn entries_before_an_unreadable_part_of_the_file_remain() {
    let olena = Olena::new().await;
    let file = ImportFile::of((0..500).map(|number| imported(person(number)))).readable_up_to(2);
    let error = olena.try_import(&file, SKIP, None).await.unwrap_err();
    assert!(matches!(error.stop, ImportStop::Source(Unreadable)));
    assert_eq!(counts(&error.report), [400, 0, 0, 0]);
    assert_eq!(olena.contacts().await.len(), 400);
}

#[tokio::test]
async fn deleted_user_cannot_import() {
    let olena = Olena::new().await;
    let unknown = Olena { id: domain::ids::UserId(testkit::samples::id()), ..olena };
    let error = unknown.try_import(&ImportFile::of([imported(person(1))]), SKIP, None).await.unwrap_err();
    assert!(matches!(error.stop, ImportStop::OwnerNotFound));
}

#[tokio::test]
async fn entry_of_a_contact_beyond_the_limit_fails_in_the_next_part_too() {
    let olena = with_limit(1).await;
    let entries = (0..200).chain([5]).map(|number| with_uid(&format!("uid-{number}"), person(number)));
    let report = olena.import(&ImportFile::of(entries), SKIP).await;
    assert_eq!(counts(&report), [1, 0, 0, 200]);
    assert_eq!(report.items[200].errors, [ItemError::LimitReached { limit: 1 }]);
}

#[tokio::test]
async fn groups_count_as_entries_of_the_file() {
    let olena = Olena::new().await;
    let groups = ["A", "B", "C", "D", "E"].map(|tag| group(tag, &["unknown"]));
    let unreadable = || Err(EntryError::Unreadable("the card has no END".to_owned()));
    let file = ImportFile::new(groups.into_iter().chain(std::iter::repeat_with(unreadable).take(10_000)));
    let report = olena.import(&file, SKIP).await;
    let last = report.items.last().unwrap();
    assert_eq!((report.items.len(), last.index), (10_001, 10_000));
    assert_eq!(last.errors, [ItemError::TooManyEntries]);
    assert_eq!(counts(&report), [0, 0, 5, 9_996]);
}
