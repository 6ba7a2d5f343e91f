//! The changes of an address book, and a client that follows them.

use std::{cell::Cell, collections::BTreeMap};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::database;

use crate::{
    process::run,
    service::{Answer, Person, Service, on_both},
};

on_both!([("CONTACT_LIMIT", "1000")];
    client_that_follows_writers_has_their_address_book,
    each_change_of_a_contact_is_reported_once,
    large_address_book_is_loaded_in_any_pages,
    tokens_expire_with_the_epoch_and_below_the_floor,
    address_book_with_forgotten_deletions_can_be_loaded_in_pages,
    invalid_requests_for_changes_are_rejected
);

const CHANGES: &str = "/api/contacts/changes";

fn path_of(id: &str) -> String {
    format!("/api/contacts/{id}")
}

/// A client with a copy of the address book.
#[derive(Default)]
struct Follower {
    contacts: BTreeMap<String, Value>,
    next: Option<String>,
}

impl Follower {
    /// Applies the changes of one response. Returns true when there are more.
    async fn read(&mut self, person: &Person<'_>, limit: usize) -> bool {
        let since = self.next.as_ref().map_or(String::new(), |next| format!("&since={next}"));
        let page = person.get(&format!("{CHANGES}?limit={limit}{since}")).await.expect(StatusCode::OK).json;
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= limit);
        let numbers: Vec<i64> = items.iter().map(|item| item["change"].as_i64().unwrap()).collect();
        assert!(numbers.is_sorted_by(|left, right| left < right), "{numbers:?}");
        for item in items {
            let id = item["id"].as_str().unwrap().to_owned();
            assert_eq!(item["deleted"], json!(item["contact"].is_null()));
            match &item["contact"] {
                Value::Null => self.contacts.remove(&id),
                contact => self.contacts.insert(id, contact.clone()),
            };
        }
        self.next = Some(page["next"].as_str().unwrap().to_owned());
        page["has_more"].as_bool().unwrap()
    }

    async fn catch_up(&mut self, person: &Person<'_>, limit: usize) {
        while self.read(person, limit).await {}
    }

    /// Returns the items after the token, without reading them.
    async fn pending(&self, person: &Person<'_>) -> Vec<Value> {
        let path = format!("{CHANGES}?since={}", self.next.as_ref().unwrap());
        person.get(&path).await.expect(StatusCode::OK).json["items"].as_array().unwrap().clone()
    }
}

async fn address_book(person: &Person<'_>) -> BTreeMap<String, Value> {
    let list = person.get("/api/contacts?limit=1000").await.expect(StatusCode::OK).json;
    let contacts = list["items"].as_array().unwrap().iter();
    contacts.map(|contact| (contact["id"].as_str().unwrap().to_owned(), contact.clone())).collect()
}

/// Creates contacts, and changes, deletes, restores and purges some of them.
async fn write(person: &Person<'_>, writer: usize) {
    let mut ids = Vec::new();
    for round in 0..12 {
        let contact = json!({"first_name": format!("Олена {writer}"), "last_name": format!("{round}")});
        ids.push(person.add(&contact).await["id"].as_str().unwrap().to_owned());
        let (id, other) = (&ids[round], &ids[round / 2]);
        let patch = json!({"notes": format!("{writer} {round}")});
        person.send_json(Method::PATCH, &path_of(other), &patch).await;
        match round % 4 {
            // The contact may be purged already.
            0 => drop(person.send(Method::DELETE, &path_of(other)).await),
            1 => drop(person.send(Method::POST, &format!("{}/restore", path_of(other))).await),
            2 => {
                person.send(Method::DELETE, &path_of(id)).await.expect(StatusCode::NO_CONTENT);
                person.send(Method::DELETE, &format!("/api/contacts/trash/{id}")).await.expect(StatusCode::NO_CONTENT);
            }
            _ => {
                let operations = json!([{"op": "create", "contact": {"nickname": "Зірка"}},
                    {"op": "update", "id": id, "contact": {"favorite": true}}]);
                let batch = json!({ "operations": operations });
                person.send_json(Method::POST, "/api/contacts/batch", &batch).await.expect(StatusCode::OK);
            }
        }
    }
}

async fn client_that_follows_writers_has_their_address_book(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let (mut follower, is_written) = (Follower::default(), Cell::new(false));
    let writing = async {
        tokio::join!(write(&olena, 1), write(&olena, 2), write(&olena, 3));
        is_written.set(true);
    };
    let following = async {
        let mut responses = 0;
        while !is_written.get() {
            follower.read(&olena, 3).await;
            responses += 1;
        }
        responses
    };
    let ((), responses) = tokio::join!(writing, following);
    assert!(responses > 3, "it followed while they wrote");
    follower.catch_up(&olena, 3).await;
    let expected = address_book(&olena).await;
    assert!(expected.len() > 20);
    assert_eq!(follower.contacts, expected);
    assert_eq!(follower.pending(&olena).await, Vec::<Value>::new());
    let mut late = Follower::default();
    late.catch_up(&olena, 100).await;
    assert_eq!(late.contacts, expected, "a client that begins now gets the same");
    service.end().await;
}

async fn each_change_of_a_contact_is_reported_once(service: Service) {
    let (olena, petro) =
        (service.stored_person("olena@example.com").await, service.stored_person("petro@example.com").await);
    let mut follower = Follower::default();
    follower.catch_up(&olena, 100).await;
    let contact = olena.add(&json!({"first_name": "Леся"})).await;
    let id = contact["id"].as_str().unwrap();
    petro.add(&json!({"first_name": "Чужа"})).await;
    let created = json!({"id": id, "change": 1, "deleted": false, "contact": contact});
    assert_eq!(follower.pending(&olena).await, [created]);

    let patch = json!({"notes": "поетка"});
    let changed = olena.send_json(Method::PATCH, &path_of(id), &patch).await.expect(StatusCode::OK);
    let expected = json!({"id": id, "change": 2, "deleted": false, "contact": changed.json});
    assert_eq!(changed.header("etag"), "\"2\"", "the number is the entity tag");
    assert_eq!(follower.pending(&olena).await, [expected], "the last change only");
    olena.send_json(Method::PATCH, &path_of(id), &patch).await.expect(StatusCode::OK);
    follower.catch_up(&olena, 100).await;
    assert_eq!(follower.pending(&olena).await, Vec::<Value>::new(), "the same again is no change");

    olena.send(Method::DELETE, &path_of(id)).await.expect(StatusCode::NO_CONTENT);
    let deleted = json!({"id": id, "change": 3, "deleted": true, "contact": null});
    assert_eq!(follower.pending(&olena).await, [deleted]);
    let restored = olena.send(Method::POST, &format!("{}/restore", path_of(id))).await.expect(StatusCode::OK).json;
    let expected = json!({"id": id, "change": 4, "deleted": false, "contact": restored});
    assert_eq!(follower.pending(&olena).await, [expected]);

    olena.send(Method::DELETE, &path_of(id)).await.expect(StatusCode::NO_CONTENT);
    let deleted = json!({"id": id, "change": 5, "deleted": true, "contact": null});
    for _ in 0..2 {
        assert_eq!(
            follower.pending(&olena).await,
            std::slice::from_ref(&deleted),
            "in the trash, and after it is emptied"
        );
        olena.send(Method::DELETE, "/api/contacts/trash").await.expect(StatusCode::NO_CONTENT);
    }
    follower.catch_up(&olena, 1).await;
    assert!(follower.contacts.is_empty());
    service.end().await;
}

async fn large_address_book_is_loaded_in_any_pages(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    for batch in 0..3 {
        let contact =
            |number: usize| json!({"first_name": format!("{batch} {number}"), "notes": "і".repeat(number * 10 + 1)});
        let operations: Vec<Value> =
            (0..200).map(|number| json!({"op": "create", "contact": contact(number)})).collect();
        let batch = json!({ "operations": operations });
        olena.send_json(Method::POST, "/api/contacts/batch", &batch).await.expect(StatusCode::OK);
    }
    let expected = address_book(&olena).await;
    assert_eq!(expected.len(), 600);
    for limit in [97, 200, 1000] {
        let mut follower = Follower::default();
        follower.catch_up(&olena, limit).await;
        assert_eq!(follower.contacts, expected, "{limit}");
    }
    let whole = olena.get(&format!("{CHANGES}?limit=1000")).await.expect(StatusCode::OK);
    assert_eq!((whole.header("transfer-encoding"), whole.header("content-length")), ("chunked", ""));
    assert_eq!(whole.json["has_more"], json!(false));
    service.end().await;
}

async fn tokens_expire_with_the_epoch_and_below_the_floor(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let contact = olena.add(&json!({"first_name": "Леся"})).await;
    let mut old = Follower::default();
    old.catch_up(&olena, 100).await;
    olena.send(Method::DELETE, &path_of(contact["id"].as_str().unwrap())).await.expect(StatusCode::NO_CONTENT);
    let mut current = Follower::default();
    current.catch_up(&olena, 100).await;
    let read = async |token: &str| olena.get(&format!("{CHANGES}?since={token}")).await;
    let (epoch, number) = current.next.as_ref().unwrap().split_once('-').unwrap();
    assert_eq!(number, "2");
    read(&format!("{epoch}-3")).await.expect_problem(410, "sync-token-expired");
    read(&format!("{epoch}-1-3")).await.expect_problem(410, "sync-token-expired");
    read(&format!("{}-2", "0".repeat(32))).await.expect_problem(410, "sync-token-expired");

    database::execute(service.database_url(), "UPDATE users SET changes_floor = 2").await;
    read(old.next.as_ref().unwrap()).await.expect_problem(410, "sync-token-expired");
    read(current.next.as_ref().unwrap()).await.expect(StatusCode::OK);

    let renewed = run(&["renew-sync-tokens"], &[("DATABASE_URL", service.database_url())]);
    assert!(renewed.status.success(), "{renewed:?}");
    read(current.next.as_ref().unwrap()).await.expect_problem(410, "sync-token-expired");
    let mut again = Follower::default();
    again.catch_up(&olena, 100).await;
    assert_ne!(again.next, current.next);

    // What a backup brings back: the numbers of later changes would be given again, for other contents.
    let lesia = olena.add(&json!({"first_name": "Леся"})).await;
    let path = path_of(lesia["id"].as_str().unwrap());
    let later = olena.send_json(Method::PATCH, &path, &json!({"nickname": "Зірка"})).await.expect(StatusCode::OK);
    let tag = later.header("etag").to_owned();
    let before = format!("{}", tag.trim_matches('"').parse::<i64>().unwrap() - 1);
    database::execute(
        service.database_url(),
        &format!("UPDATE contacts SET change = {before} WHERE deleted_at IS NULL"),
    )
    .await;
    database::execute(service.database_url(), &format!("UPDATE users SET contact_changes = {before}")).await;
    assert!(run(&["renew-sync-tokens"], &[("DATABASE_URL", service.database_url())]).status.success());
    assert_eq!(olena.get(&path).await.header("etag"), format!("\"{before}\""), "an unchanged contact has its tag");
    let other = olena.send_json(Method::PATCH, &path, &json!({"nickname": "Інша"})).await.expect(StatusCode::OK);
    assert_ne!(other.header("etag"), tag);
    let stale = olena.request(Method::DELETE, &path).header("if-match", tag).send().await.unwrap();
    Answer::of(stale).await.expect_problem(412, "contact-changed");
    let mut again = Follower::default();
    again.catch_up(&olena, 100).await;
    assert_eq!(again.pending(&olena).await, Vec::<Value>::new());
    service.end().await;
}

/// A client that loads the address book for the first time needs no deletions from before.
async fn address_book_with_forgotten_deletions_can_be_loaded_in_pages(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    for number in 0..5 {
        olena.add(&json!({"first_name": format!("{number}")})).await;
    }
    database::execute(service.database_url(), "UPDATE users SET contact_changes = 9, changes_floor = 8").await;
    let mut follower = Follower::default();
    assert!(follower.read(&olena, 2).await);
    assert!(follower.next.as_ref().unwrap().ends_with("-2-9"), "{:?}", follower.next);
    follower.catch_up(&olena, 2).await;
    assert_eq!(follower.contacts, address_book(&olena).await);
    assert!(follower.next.as_ref().unwrap().ends_with("-9"), "{:?}", follower.next);
    assert_eq!(follower.pending(&olena).await, Vec::<Value>::new());
    service.end().await;
}

async fn invalid_requests_for_changes_are_rejected(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let epoch = "0".repeat(32);
    let tokens = [
        "",
        "7",
        "-7",
        &epoch,
        &format!("{epoch}-"),
        &format!("{epoch}-+7"),
        &format!("{epoch}-7-"),
        &format!("{epoch}-7-8-9"),
        &format!("{epoch}-99999999999999999999"),
        &format!("{}x-7", "0".repeat(31)),
    ];
    for token in tokens {
        let rejected = olena.get(&format!("{CHANGES}?since={}", token.replace('+', "%2B"))).await;
        assert_eq!(rejected.expect_problem(422, "invalid-parameters").errors(), [("since", "invalid-sync-token")]);
    }
    for limit in ["0", "1001", "-1", "x"] {
        let rejected = olena.get(&format!("{CHANGES}?limit={limit}")).await;
        assert_eq!(rejected.expect_problem(422, "invalid-parameters").errors(), [("limit", "out-of-range")]);
    }
    let rejected = olena.get(&format!("{CHANGES}?cursor=x")).await;
    assert_eq!(rejected.expect_problem(422, "invalid-parameters").errors(), [("cursor", "unknown-field")]);
    service.get(CHANGES).await.expect_problem(401, "unauthenticated");
    service.end().await;
}
