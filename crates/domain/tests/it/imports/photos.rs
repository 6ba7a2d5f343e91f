//! Photos in a file.

use chrono::Duration;
use domain::contact::import::{ImportedContact, ItemAction, ItemError};
use testkit::import_file::{ImportFile, imported, with_uid};

use super::{ADD, Olena, SKIP, UPDATE, counts, person};

fn with_photo(number: usize, photo: &[u8]) -> ImportedContact {
    ImportedContact { photo: Some(photo.to_vec()), ..imported(person(number)) }
}

#[tokio::test]
async fn photo_becomes_the_photo_of_the_contact() {
    let olena = Olena::new().await;
    let file = ImportFile::of((0..9).map(|number| with_photo(number, b"picture")));
    assert_eq!(counts(&olena.import(&file, SKIP).await), [9, 0, 0, 0]);
    let mut photos: Vec<String> =
        olena.contacts().await.iter().map(|contact| contact.photo.as_ref().unwrap().as_str().to_owned()).collect();
    photos.sort_unstable();
    assert_eq!(olena.env.pictures.stored(), photos);
    assert_eq!(olena.env.store.orphaned_pictures(), 0, "all are claimed");
    olena.import(&file, SKIP).await;
    olena.import(&file, UPDATE).await;
    assert_eq!(olena.env.pictures.stored(), photos, "a known contact with a photo retains it");
}

#[tokio::test]
async fn bad_photo_is_reported_and_its_contact_written_without_it() {
    let olena = Olena::new().await;
    let large = vec![b'p'; 5 * 1024 * 1024 + 1];
    let file = ImportFile::of([with_photo(1, b"a text"), with_photo(2, b"picture"), with_photo(3, &large)]);
    let report = olena.import(&file, SKIP).await;
    assert_eq!(counts(&report), [3, 0, 0, 0]);
    let errors: Vec<Vec<String>> =
        report.items.iter().map(|item| item.errors.iter().map(ItemError::to_string).collect()).collect();
    let unsupported = "the photo is not imported: the file is neither a JPEG nor a PNG picture";
    assert_eq!(errors, [vec![unsupported], vec![], vec!["the photo is not imported: it has more than 5 MiB"]]);
    let with_photo = olena.contacts().await.iter().filter(|contact| contact.photo.is_some()).count();
    assert_eq!(with_photo, 1);
}

#[tokio::test]
async fn contact_without_a_photo_gets_that_of_the_entry() {
    let olena = Olena::new().await;
    let contact = olena.stored(person(1)).await;
    olena.env.clock.advance(Duration::seconds(1));
    let file = ImportFile::of([with_photo(1, b"picture"), with_photo(1, b"picture")]);
    let report = olena.import(&file, UPDATE).await;
    assert_eq!(counts(&report), [0, 1, 1, 0]);
    let changed = olena.contacts().await.remove(0);
    assert_eq!(changed.card, contact.card);
    assert!(changed.photo.is_some() && changed.change > contact.change);
    assert_eq!(changed.updated_at - contact.updated_at, Duration::seconds(1));
}

#[tokio::test]
async fn unavailable_picture_store_does_not_stop_the_import() {
    let olena = Olena::new().await;
    olena.env.pictures.set_unavailable(true);
    let report = olena.import(&ImportFile::of([with_photo(1, b"picture"), imported(person(2))]), SKIP).await;
    assert_eq!(counts(&report), [2, 0, 0, 0]);
    let expected = "the photo is not imported: the picture store is unavailable";
    assert_eq!(report.items[0].errors[0].to_string(), expected);
    assert_eq!(olena.env.store.orphaned_pictures(), 1, "it may have arrived, and is removed");
}

#[tokio::test]
async fn photo_that_was_stored_too_slowly_is_not_referenced() {
    let olena = Olena::new().await;
    olena.env.pictures.delay_by(Duration::minutes(6), olena.env.clock.clone());
    let sweeping = async {
        while olena.ports.clock.now() < testkit::samples::now() + Duration::minutes(6) {
            tokio::task::yield_now().await;
        }
        domain::use_cases::background::remove_orphaned_pictures(&olena.ports).await.unwrap();
        olena.env.pictures.release();
    };
    let file = ImportFile::of([with_photo(1, b"picture")]);
    let (report, ()) = tokio::join!(olena.import(&file, ADD), sweeping);
    assert_eq!(report.items[0].action, ItemAction::Created);
    assert_eq!(report.items[0].errors[0].to_string(), "the photo is not imported: storing it took too long");
    assert_eq!(olena.contacts().await[0].photo, None);
}

#[tokio::test]
async fn received_card_and_photo_belong_to_the_same_change() {
    let olena = Olena::new().await;
    let contact = ImportedContact { photo: Some(b"picture".to_vec()), ..with_uid("uid-1", person(1)) };
    olena.import(&ImportFile::of([contact]), SKIP).await;
    let contact = olena.contacts().await.remove(0);
    let cards = olena.ports.store.received_cards(olena.id, &[contact.id]).await.unwrap();
    assert_eq!(cards[0].change, contact.change);
}

#[tokio::test]
async fn photo_of_exactly_5_mib_is_accepted() {
    let olena = Olena::new().await;
    let [accepted, too_large] = [5_242_880, 5_242_881].map(|bytes| {
        let mut photo = b"picture".to_vec();
        photo.resize(bytes, b'.');
        photo
    });
    let report = olena.import(&ImportFile::of([with_photo(1, &accepted), with_photo(2, &too_large)]), SKIP).await;
    assert_eq!(report.items[0].errors, []);
    assert_eq!(report.items[1].errors[0].to_string(), "the photo is not imported: it has more than 5 MiB");
    let have_photo: Vec<bool> = olena.contacts().await.iter().map(|contact| contact.photo.is_some()).collect();
    assert_eq!(have_photo, [true, false]);
}
