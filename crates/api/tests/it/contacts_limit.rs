//! The contact limit under concurrency.

use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::service::{Answer, Person, Service, on_both};

on_both!([("CONTACT_LIMIT", "100")]; concurrent_creations_admit_exactly_the_contact_limit);

/// Posts contacts by several clients of one user, each one after the other. Returns all answers.
async fn posted(person: &Person<'_>, clients: usize, times: usize) -> Vec<Answer> {
    let body = json!({"first_name": "Один", "last_name": "Зі ста"});
    let one = async || {
        let mut answers = Vec::with_capacity(times);
        for _ in 0..times {
            answers.push(person.send_json(Method::POST, "/api/contacts", &body).await);
        }
        answers
    };
    join_all((0..clients).map(|_| one())).await.into_iter().flatten().collect()
}

/// Returns the number of created contacts. Checks that the address book was full for all others.
fn count_created(answers: Vec<Answer>) -> usize {
    let (created, rejected): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|answer| answer.status == StatusCode::CREATED);
    for answer in rejected {
        answer.expect_problem(409, "contact-limit-reached");
    }
    created.len()
}

async fn concurrent_creations_admit_exactly_the_contact_limit(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    assert_eq!(count_created(posted(&olena, 64, 10).await), 100);
    let list = olena.get("/api/contacts?limit=1").await.expect(StatusCode::OK).json;
    assert_eq!(list["total"], 100);
    let one = format!("/api/contacts/{}", list["items"][0]["id"].as_str().unwrap());
    olena.send(Method::DELETE, &one).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(count_created(posted(&olena, 64, 1).await), 1, "one contact fits again");
    service.end().await;
}
