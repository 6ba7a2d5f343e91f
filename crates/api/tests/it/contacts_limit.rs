//! So many contacts and no more.

use futures_util::{StreamExt as _, stream};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::service::{Service, on_both};

on_both!(the_101st_is_refused_also_when_all_come_at_once);

async fn the_101st_is_refused_also_when_all_come_at_once(service: Service) {
    let olena = service.person("olena@example.com").await;
    let body = json!({"first_name": "Один", "last_name": "Зі ста"});
    let posts = (0..160).map(|_| olena.send_json(Method::POST, "/api/contacts", &body));
    let answers: Vec<_> = stream::iter(posts).buffer_unordered(32).collect().await;
    let created = answers.iter().filter(|answer| answer.status == StatusCode::CREATED).count();
    assert_eq!(created, 100);
    for refused in answers.into_iter().filter(|answer| answer.status != StatusCode::CREATED) {
        refused.expect_problem(409, "contact-limit-reached");
    }
    let list = olena.get("/api/contacts?limit=1").await.expect(StatusCode::OK).json;
    assert_eq!(list["total"], 100);
    let one = format!("/api/contacts/{}", list["items"][0]["id"].as_str().unwrap());
    olena.send(Method::DELETE, &one).await.expect(StatusCode::NO_CONTENT);
    olena.add(&body).await;
    olena.send_json(Method::POST, "/api/contacts", &body).await.expect_problem(409, "contact-limit-reached");
    service.end().await;
}
