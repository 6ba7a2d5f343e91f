//! Heavy searches.

use std::time::Duration;

use futures_util::future::{join, join_all, join3};
use reqwest::StatusCode;
use tokio::time::sleep;

use crate::service::{Kind, Service};

/// Only the statements of searches contain this text.
const SEARCH: &str = "strpos";

#[actix_web::test]
async fn heavy_searches_of_one_user_are_serialized() {
    let service = Service::start(Kind::Postgres, &[]).await;
    let (olena, petro) =
        (service.stored_person("olena@example.com").await, service.stored_person("petro@example.com").await);
    let heavy = format!("/api/contacts?q={}c", "a".repeat(199));
    let mut lock = service.postgres().lock_table("contacts").await;
    let watching = async {
        for _ in 0..200 {
            if lock.waiting(SEARCH).await >= 2 {
                break;
            }
            sleep(Duration::from_millis(20)).await;
        }
        sleep(Duration::from_millis(300)).await;
        let waiting = lock.waiting(SEARCH).await;
        lock.release().await;
        waiting
    };
    let searches = join_all((0..8).map(|_| olena.get(&heavy)));
    let (answers, other, waiting) = join3(searches, petro.get(&heavy), watching).await;
    assert_eq!(waiting, 2, "one of each user");
    for answer in answers.into_iter().chain([other]) {
        assert_eq!(answer.expect(StatusCode::OK).json["total"], 0);
    }
    service.end().await;
}

#[actix_web::test]
async fn light_searches_do_not_wait_for_each_other() {
    let service = Service::start(Kind::Postgres, &[]).await;
    let olena = service.stored_person("olena@example.com").await;
    let mut lock = service.postgres().lock_table("contacts").await;
    let watching = async {
        let mut most = 0;
        for _ in 0..200 {
            most = most.max(lock.waiting(SEARCH).await);
            if most >= 2 {
                break;
            }
            sleep(Duration::from_millis(20)).await;
        }
        lock.release().await;
        most
    };
    let searches = join_all((0..2).map(|_| olena.get("/api/contacts?q=олена")));
    let (answers, waiting) = join(searches, watching).await;
    assert_eq!(waiting, 2);
    for answer in answers {
        answer.expect(StatusCode::OK);
    }
    service.end().await;
}
