//! Received vCards, over HTTP: what came in goes out.

use contact_files::FileFormat;
use domain::{
    contact::{
        ChangeNumber, Contact,
        import::ImportedContact,
        received::{CardUid, CardVersion, ReceivedCard},
    },
    ids::{ContactId, UserId},
    store::Store as _,
};
use reqwest::{Method, StatusCode};
use serde_json::json;
use testkit::samples;

use crate::{
    exports::contacts_in,
    service::{Answer, Person, Service, on_both},
};

on_both!(
    unchanged_vcard_comes_back_line_for_line,
    change_of_one_field_changes_its_line_only,
    vcard_in_another_version_is_converted,
    export_as_csv_and_json_is_without_received_cards,
);

/// Samples of programs, with one contact each.
const SAMPLES: [&[u8]; 10] = [
    include_bytes!("../../../vcard/tests/samples/ios.vcf"),
    include_bytes!("../../../vcard/tests/samples/macos_company.vcf"),
    include_bytes!("../../../vcard/tests/samples/google.vcf"),
    include_bytes!("../../../vcard/tests/samples/outlook_21.vcf"),
    include_bytes!("../../../vcard/tests/samples/thunderbird.vcf"),
    include_bytes!("../../../vcard/tests/samples/nextcloud.vcf"),
    include_bytes!("../../../vcard/tests/samples/android_21.vcf"),
    include_bytes!("../../../vcard/tests/samples/nokia.vcf"),
    include_bytes!("../../../vcard/tests/samples/dav_client.vcf"),
    include_bytes!("../../../vcard/tests/samples/text_birthday.vcf"),
];

/// Stores the contacts of the samples with their received cards, as an import does.
async fn store_samples(service: &Service, person: &Person<'_>) -> Vec<(ContactId, ImportedContact)> {
    let store = service.store().await;
    let me = person.get("/api/me").await.expect(StatusCode::OK).json;
    let owner = UserId(me["id"].as_str().unwrap().parse().unwrap());
    let read = SAMPLES.map(|file| contacts_in(file, FileFormat::Vcard).remove(0));
    let new = |read: &ImportedContact| {
        Contact::new(ContactId(samples::id()), owner, &read.card, ChangeNumber(0), samples::now())
    };
    let mut contacts: Vec<Contact> = read.iter().map(new).collect();
    samples::store_contacts(&store, &mut contacts).await;
    let received = |(contact, read): (&Contact, &ImportedContact)| ReceivedCard {
        contact: contact.id,
        uid: read.uid.clone().unwrap_or_else(|| CardUid::of_contact(contact.id)),
        change: contact.change,
        text: read.text.clone().unwrap(),
    };
    let cards: Vec<ReceivedCard> = contacts.iter().zip(&read).map(received).collect();
    let mut unit = store.begin().await.unwrap();
    unit.put_received_cards(owner, &cards).await.unwrap();
    unit.commit().await.unwrap();
    store.close().await;
    contacts.iter().map(|contact| contact.id).zip(read).collect()
}

async fn vcard_of(person: &Person<'_>, id: ContactId, accept: &str) -> String {
    let request = person.request(Method::GET, &format!("/api/contacts/{id}")).header("accept", accept);
    Answer::of(request.send().await.unwrap()).await.expect(StatusCode::OK).text
}

/// Returns the lines of a text that another text does not have.
fn lines_without<'a>(text: &'a str, other: &str) -> Vec<&'a str> {
    text.lines().filter(|line| !other.lines().any(|own| own == *line)).collect()
}

async fn unchanged_vcard_comes_back_line_for_line(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    for (id, read) in store_samples(&service, &olena).await {
        let text = read.text.unwrap();
        let version = text.version();
        if version == CardVersion::V2_1 {
            continue;
        }
        let card = vcard_of(&olena, id, &format!("text/vcard;version={}", version.as_str())).await;
        assert_eq!(card.lines().collect::<Vec<_>>(), text.as_str().lines().collect::<Vec<_>>());
        let export = olena.get(&format!("/api/contacts/export?version={}", version.as_str())).await;
        assert!(export.expect(StatusCode::OK).text.contains(&card), "{card}");
    }
    service.end().await;
}

async fn change_of_one_field_changes_its_line_only(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    for (id, read) in store_samples(&service, &olena).await {
        let version = if read.text.unwrap().version() == CardVersion::V4_0 { "4.0" } else { "3.0" };
        let accept = format!("text/vcard;version={version}");
        let before = vcard_of(&olena, id, &accept).await;
        let path = format!("/api/contacts/{id}");
        let patch = json!({"job_title": "Лікарка"});
        let patched = olena.send_json(Method::PATCH, &path, &patch).await.expect(StatusCode::OK);
        let after = vcard_of(&olena, id, &accept).await;
        for line in lines_without(&before, &after) {
            assert!(line.starts_with("TITLE") || line.starts_with("REV"), "{line} is gone from\n{after}");
        }
        for line in lines_without(&after, &before) {
            let is_own = line == "TITLE:Лікарка" || line.starts_with("REV:");
            assert!(is_own || line.starts_with("UID:"), "{line} is new in\n{after}");
        }
        let card: serde_json::Value =
            serde_json::from_str(contacts_in(&after, FileFormat::Vcard)[0].card.to_json().as_str()).unwrap();
        for (name, value) in card.as_object().unwrap() {
            assert_eq!(*value, patched.json[name], "{name}");
        }
    }
    service.end().await;
}

async fn vcard_in_another_version_is_converted(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    for (id, read) in store_samples(&service, &olena).await {
        for version in ["3.0", "4.0"] {
            let card = vcard_of(&olena, id, &format!("text/vcard;version={version}")).await;
            assert!(card.contains(&format!("\r\nVERSION:{version}\r\n")), "{card}");
            let again = contacts_in(&card, FileFormat::Vcard).remove(0);
            assert_eq!((&again.card, &again.uid), (&read.card, &read.uid), "{card}");
        }
    }
    service.end().await;
}

async fn export_as_csv_and_json_is_without_received_cards(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let stored = store_samples(&service, &olena).await;
    let csv = olena.get("/api/contacts/export?format=csv&sort=created_at").await.expect(StatusCode::OK);
    let rows = contacts_in(&csv.text, FileFormat::Csv);
    for (row, (id, read)) in rows.iter().zip(&stored) {
        assert_eq!((&row.card, row.uid.as_ref()), (&read.card, Some(&CardUid::of_contact(*id))));
    }
    assert_eq!(rows.len(), stored.len());
    let json = olena.get("/api/contacts/export?format=json").await.expect(StatusCode::OK).json;
    assert_eq!(json.as_array().unwrap().len(), stored.len());
    service.end().await;
}
