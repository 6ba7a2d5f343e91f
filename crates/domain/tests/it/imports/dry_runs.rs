//! Dry runs.

use domain::{
    Policy, Ports,
    contact::{
        ContactCard, Notes,
        import::{EntryContent, EntryError, ImportOptions, ImportReport, ImportedContact},
    },
};
use testkit::import_file::{ImportFile, group, imported, with_uid};

use super::{ADD, Olena, SKIP, UPDATE, counts, person};

fn entry(contact: ImportedContact) -> Result<EntryContent, EntryError> {
    Ok(EntryContent::Contact(Box::new(contact)))
}

fn file() -> ImportFile {
    let noted = |number, text: &str| ContactCard { notes: Some(Notes::parse(text).unwrap()), ..person(number) };
    let many = (10..220).map(|number| entry(imported(person(number))));
    let entries = [
        entry(with_uid("uid-1", person(1))),
        entry(imported(noted(1, "з файлу"))),
        entry(imported(person(1))),
        entry(imported(noted(2, "нова"))),
        entry(imported(person(3))),
        Err(EntryError::Unreadable("the card has no END".to_owned())),
        group("Друзі", &["uid-1", "uid-3"]),
        group("Нікого", &["unknown"]),
    ];
    // Of the second part: entries of contacts of the first.
    let late = [entry(imported(noted(1, "з другої частини"))), entry(imported(noted(1, "з другої частини")))];
    ImportFile::new(entries.into_iter().chain(many).chain(late))
}

async fn olena(contact_limit: u64) -> Olena {
    let olena = Olena::new().await;
    for number in [2, 3] {
        olena.stored(person(number)).await;
    }
    let ports = Ports { policy: Policy { contact_limit, ..Policy::default() }, ..olena.ports.clone() };
    Olena { ports, ..olena }
}

/// The report without the ids of contacts that were created.
fn without_new_contacts(mut report: ImportReport, known: &[domain::contact::Contact]) -> ImportReport {
    for item in &mut report.items {
        item.contact = item.contact.filter(|id| known.iter().any(|contact| contact.id == *id));
    }
    report
}

#[tokio::test]
async fn dry_run_reports_what_the_import_does_and_writes_nothing() {
    for options in [SKIP, UPDATE, ADD] {
        for contact_limit in [1_000, 100] {
            let olena = olena(contact_limit).await;
            let (contacts, events) = (olena.contacts().await, olena.env.store.audit_events().len());
            let dry = olena.import(&file(), ImportOptions { is_dry_run: true, ..options }).await;
            assert_eq!(olena.contacts().await, contacts);
            assert_eq!(olena.env.store.audit_events().len(), events);
            let next = olena.stored(person(1_000)).await;
            assert_eq!(next.change.0, contacts[1].change.0 + 1, "no number was taken");
            let ports = Ports {
                policy: Policy { contact_limit: contact_limit + 1, ..Policy::default() },
                ..olena.ports.clone()
            };
            let real = Olena { ports, ..olena }.import(&file(), options).await;
            let real = without_new_contacts(real, &contacts);
            assert_eq!(counts(&dry), counts(&real), "{options:?} {contact_limit}");
            for (dry, real) in dry.items.iter().zip(&real.items) {
                assert_eq!(
                    (dry.index, dry.action, dry.contact),
                    (real.index, real.action, real.contact),
                    "{options:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn dry_run_stores_no_picture() {
    let olena = Olena::new().await;
    let contact = ImportedContact { photo: Some(b"picture".to_vec()), ..imported(person(1)) };
    let file = ImportFile::of([contact]);
    let dry = ImportOptions { is_dry_run: true, ..SKIP };
    assert_eq!(counts(&olena.import(&file, dry).await), [1, 0, 0, 0]);
    assert_eq!(olena.env.pictures.stored(), Vec::<String>::new());
    assert_eq!(olena.env.store.orphaned_pictures(), 0);
    olena.stored(person(1)).await;
    let dry = ImportOptions { is_dry_run: true, ..UPDATE };
    assert_eq!(counts(&olena.import(&file, dry).await), [0, 1, 0, 0], "it would get the photo");
}
