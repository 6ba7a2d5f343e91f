//! Repeated requests with an idempotency key.

use domain::{
    contact::{Expected, import::ImportOptions},
    idempotency::IdempotencyKeyError,
    use_cases::contact::{ImportStop, delete_contact},
};
use testkit::import_file::{ImportFile, imported, with_uid};

use super::{ADD, Olena, SKIP, UPDATE, counts, limits::with_limit, person};

fn file(contacts: usize) -> ImportFile {
    ImportFile::of((0..contacts).map(|number| match number % 2 {
        0 => with_uid(&format!("uid-{number}"), person(number)),
        _ => imported(person(number)),
    }))
}

#[tokio::test]
async fn repeated_request_reports_the_same_and_writes_nothing() {
    for options in [SKIP, UPDATE, ADD] {
        let olena = Olena::new().await;
        olena.stored(domain::contact::ContactCard { emails: Vec::new(), ..person(3) }).await;
        olena.env.clock.advance(chrono::Duration::seconds(1));
        let first = olena.try_import(&file(250), options, Some("k")).await.unwrap();
        let contacts = olena.contacts().await;
        let second = olena.try_import(&file(250), options, Some("k")).await.unwrap();
        assert_eq!(second, first);
        assert_eq!(olena.contacts().await, contacts);
    }
}

#[tokio::test]
async fn entries_that_were_skipped_are_reported_as_skipped_after_their_contact_was_deleted() {
    for options in [SKIP, UPDATE] {
        let olena = Olena::new().await;
        let known = olena.stored(person(3)).await;
        let first = olena.try_import(&ImportFile::of([imported(person(3))]), options, Some("k")).await.unwrap();
        assert_eq!(counts(&first), [0, 0, 1, 0]);
        delete_contact(&olena.env.ports, olena.id, known.id, &Expected::Any).await.unwrap();
        let second = olena.try_import(&ImportFile::of([imported(person(3))]), options, Some("k")).await.unwrap();
        assert_eq!(second, first);
        let third = olena.try_import(&ImportFile::of([imported(person(3))]), options, Some("other")).await.unwrap();
        assert_eq!(counts(&third), [1, 0, 0, 0]);
    }
}

#[tokio::test]
async fn entry_that_failed_is_skipped_once_another_program_has_created_its_contact() {
    for (options, expected) in [(SKIP, [1, 0, 1, 0]), (UPDATE, [1, 0, 1, 0]), (ADD, [1, 0, 0, 1])] {
        let olena = with_limit(1).await;
        let file = ImportFile::of([1, 2].map(|number| imported(person(number))));
        assert_eq!(counts(&olena.try_import(&file, options, Some("k")).await.unwrap()), [1, 0, 0, 1]);
        olena.stored(person(2)).await;
        assert_eq!(counts(&olena.try_import(&file, options, Some("k")).await.unwrap()), expected);
    }
}

#[tokio::test]
async fn repeated_request_goes_on_where_the_first_one_stopped() {
    for options in [SKIP, ADD] {
        let olena = Olena::new().await;
        let error = olena.try_import(&file(500).readable_up_to(1), options, Some("k")).await.unwrap_err();
        assert_eq!(counts(&error.report), [200, 0, 0, 0]);
        let report = olena.try_import(&file(500), options, Some("k")).await.unwrap();
        assert_eq!(counts(&report), [500, 0, 0, 0], "those of the first request are reported as created");
        assert_eq!(report.items[..200], error.report.items);
        assert_eq!(olena.contacts().await.len(), 500);
    }
}

#[tokio::test]
async fn failed_commit_leaves_its_key_unused() {
    let olena = Olena::new().await;
    // The first commit is that of the audit trail.
    olena.env.store.fail_commit_after(2);
    let error = olena.try_import(&file(500), ADD, Some("k")).await.unwrap_err();
    assert!(matches!(error.stop, ImportStop::Store(_)));
    assert_eq!((counts(&error.report), olena.contacts().await.len()), ([200, 0, 0, 0], 200));
    assert_eq!(counts(&olena.try_import(&file(500), ADD, Some("k")).await.unwrap()), [500, 0, 0, 0]);
    assert_eq!(olena.contacts().await.len(), 500);
}

#[tokio::test]
async fn key_of_another_file_or_mode_is_rejected() {
    let olena = Olena::new().await;
    olena.try_import(&file(10), SKIP, Some("k")).await.unwrap();
    for (other, options) in [(file(11), SKIP), (file(10), UPDATE)] {
        let error = olena.try_import(&other, options, Some("k")).await.unwrap_err();
        assert!(matches!(error.stop, ImportStop::Key(IdempotencyKeyError::Reused)));
        assert_eq!(error.report.items, []);
    }
    assert_eq!(olena.contacts().await.len(), 10);
}

#[tokio::test]
async fn deleted_contact_is_reported_as_created_and_not_created_again() {
    let olena = Olena::new().await;
    let first = olena.try_import(&file(2), SKIP, Some("k")).await.unwrap();
    delete_contact(&olena.ports, olena.id, first.items[0].contact.unwrap(), &Expected::Any).await.unwrap();
    assert_eq!(olena.try_import(&file(2), SKIP, Some("k")).await.unwrap(), first);
    assert_eq!(olena.contacts().await.len(), 1);
}

#[tokio::test]
async fn dry_run_uses_no_key() {
    let olena = Olena::new().await;
    let dry = ImportOptions { is_dry_run: true, ..SKIP };
    for _ in 0..2 {
        assert_eq!(counts(&olena.try_import(&file(3), dry, Some("k")).await.unwrap()), [3, 0, 0, 0]);
    }
    assert_eq!(counts(&olena.try_import(&file(3), SKIP, Some("k")).await.unwrap()), [3, 0, 0, 0]);
    assert_eq!(counts(&olena.try_import(&file(3), dry, Some("k")).await.unwrap()), [0, 0, 3, 0]);
    assert_eq!(olena.contacts().await.len(), 3);
}
