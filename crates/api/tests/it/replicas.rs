//! Two replicas with one PostgreSQL and one Redis, also without Redis.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};

use api::settings::Timeouts;
use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::json;
use testkit::redis::{self, PrivateRedis};

use crate::{
    app_passwords,
    service::{Answer, Kind, PASSWORD, Person, Service, token_in},
};

/// Starts two replicas with these limits and this timeout of Redis.
async fn two(redis_url: &str, limits: &[(&str, &str)], redis: Duration) -> [Service; 2] {
    let secret = redis::separate_secret();
    let own = [("REDIS_URL", redis_url), ("JWT_SECRET", secret.as_str())];
    let variables: Vec<_> = own.iter().chain(limits).copied().collect();
    let first = Service::start_with(Kind::Postgres, &variables, Timeouts { redis, ..Timeouts::default() }).await;
    let second = first.replica().await;
    [first, second]
}

async fn end([first, second]: [Service; 2]) {
    second.end().await;
    first.end().await;
}

/// Sends requests at once, to the replicas in turn. Returns the number of answers by status.
async fn statuses(replicas: &[Service; 2], times: usize, ask: impl AsyncFn(&Service) -> StatusCode) -> (usize, usize) {
    let answers = join_all((0..times).map(|number| ask(&replicas[number % 2]))).await;
    let count = |status: StatusCode| answers.iter().filter(|answer| **answer == status).count();
    let rejected = count(StatusCode::TOO_MANY_REQUESTS);
    assert!(answers.iter().all(|answer| !answer.is_server_error()), "{answers:?}");
    (times - rejected, rejected)
}

async fn get_me(replica: &Service, person: &Person<'_>) -> StatusCode {
    let request = replica.request(Method::GET, "/api/me").bearer_auth(&person.access_token);
    request.send().await.unwrap().status()
}

async fn cache(service: &Service) -> String {
    service.get("/readyz").await.expect(StatusCode::OK).json["cache"]["status"].as_str().unwrap().to_owned()
}

async fn wait_for_cache_status(replicas: &[Service; 2], expected: &str) {
    for _ in 0..300 {
        if cache(&replicas[0]).await == expected && cache(&replicas[1]).await == expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the cache was not {expected} within 30 seconds");
}

#[actix_web::test]
async fn two_replicas_admit_exactly_the_limit() {
    // A busy machine must not look like an unavailable Redis.
    let limits = [("RATE_LIMIT_ME", "30/h"), ("RATE_LIMIT_LOGIN", "7/h"), ("RATE_LIMIT_MAIL", "3/h")];
    let replicas = two(&redis::shared_url(), &limits, Duration::from_secs(20)).await;
    wait_for_cache_status(&replicas, "ok").await;
    let olena = replicas[0].person("olena@example.com").await;
    assert_eq!(statuses(&replicas, 80, async |replica: &Service| get_me(replica, &olena).await).await, (30, 50));

    let login = json!({"email": "petro@example.com", "password": PASSWORD});
    let sign_in = async |replica: &Service| replica.post("/api/auth/login", &login).await.status;
    assert_eq!(statuses(&replicas, 20, sign_in).await, (7, 13));

    let ask_for_mail = async |replica: &Service| {
        replica.post("/api/auth/forgot-password", &json!({"email": "petro@example.com"})).await.status
    };
    assert_eq!(statuses(&replicas, 12, ask_for_mail).await, (3, 9));

    let answer =
        Answer::of(replicas[1].request(Method::GET, "/api/me").bearer_auth(&olena.access_token).send().await.unwrap());
    let answer = answer.await.expect_problem(429, "too-many-requests");
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=120).contains(&wait), "{wait}");
    end(replicas).await;
}

#[actix_web::test]
async fn changes_are_visible_on_the_other_replica_immediately() {
    let replicas = two(&redis::shared_url(), &[], Duration::from_secs(20)).await;
    wait_for_cache_status(&replicas, "ok").await;
    let [first, second] = &replicas;
    let here = first.person("olena@example.com").await;
    let me = async |replica: &Service, person: &Person<'_>| {
        Answer::of(replica.request(Method::GET, "/api/me").bearer_auth(&person.access_token).send().await.unwrap())
            .await
    };
    for number in 0..20 {
        let name = format!("Name {number}");
        here.send_json(Method::PATCH, "/api/me", &json!({ "username": name })).await.expect(StatusCode::OK);
        assert_eq!(me(second, &here).await.expect(StatusCode::OK).json["username"], name);
    }
    let there = second.sign_in("olena@example.com", PASSWORD).await;
    me(first, &there).await.expect(StatusCode::OK);
    here.send(Method::DELETE, "/api/me/sessions").await.expect(StatusCode::NO_CONTENT);
    for replica in &replicas {
        me(replica, &there).await.expect_problem(401, "access-token-invalid");
        me(replica, &here).await.expect(StatusCode::OK);
    }
    here.send(Method::POST, "/api/auth/logout").await.expect(StatusCode::NO_CONTENT);
    for replica in &replicas {
        me(replica, &here).await.expect_problem(401, "access-token-invalid");
    }
    end(replicas).await;
}

#[actix_web::test]
async fn ended_app_password_is_rejected_by_both_replicas_immediately() {
    let replicas = two(&redis::shared_url(), &[], Duration::from_secs(20)).await;
    wait_for_cache_status(&replicas, "ok").await;
    let [first, _] = &replicas;
    let olena = first.person("olena@example.com").await;
    let body = json!({"name": "Script", "scopes": ["api:read"]});
    for ends in ["one", "reset"] {
        let password = app_passwords::created(&olena, &body).await;
        let secret = app_passwords::secret_of(&password);
        // Both have it in their cache.
        for replica in replicas.iter().cycle().take(8) {
            app_passwords::contacts(replica, secret).await.expect(StatusCode::OK);
        }
        if ends == "one" {
            let path = format!("/api/me/app-passwords/{}", password["id"].as_str().unwrap());
            olena.send(Method::DELETE, &path).await.expect(StatusCode::NO_CONTENT);
        } else {
            let email = json!({"email": "olena@example.com"});
            first.post("/api/auth/forgot-password", &email).await.expect(StatusCode::ACCEPTED);
            let mails = first.mails_to("olena@example.com", 4).await;
            let token = token_in(mails.iter().find(|mail| mail.contains("/reset-password?")).unwrap());
            let reset = json!({"token": token, "password": "another good phrase"});
            first.post("/api/auth/reset-password", &reset).await.expect(StatusCode::NO_CONTENT);
        }
        for replica in &replicas {
            app_passwords::contacts(replica, secret).await.expect_problem(401, "app-password-invalid");
        }
    }
    end(replicas).await;
}

#[actix_web::test]
async fn ended_app_password_without_redis_is_rejected_by_other_replica_after_a_second() {
    let first = Service::start(Kind::Postgres, &[]).await;
    let second = first.replica().await;
    let olena = first.person("olena@example.com").await;
    let password = app_passwords::created(&olena, &json!({"name": "Script", "scopes": ["api:read"]})).await;
    let secret = app_passwords::secret_of(&password);
    for replica in [&first, &second].iter().cycle().take(8) {
        app_passwords::contacts(replica, secret).await.expect(StatusCode::OK);
    }
    let path = format!("/api/me/app-passwords/{}", password["id"].as_str().unwrap());
    olena.send(Method::DELETE, &path).await.expect(StatusCode::NO_CONTENT);
    app_passwords::contacts(&first, secret).await.expect_problem(401, "app-password-invalid");
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    app_passwords::contacts(&second, secret).await.expect_problem(401, "app-password-invalid");
    end([first, second]).await;
}

#[actix_web::test]
async fn logout_without_redis_reaches_other_replica_after_a_second() {
    let first = Service::start(Kind::Postgres, &[]).await;
    let second = first.replica().await;
    let olena = first.person("olena@example.com").await;
    for replica in [&first, &second] {
        assert_eq!(get_me(replica, &olena).await, StatusCode::OK);
    }
    olena.send(Method::POST, "/api/auth/logout").await.expect(StatusCode::NO_CONTENT);
    assert_eq!(get_me(&first, &olena).await, StatusCode::UNAUTHORIZED);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(get_me(&second, &olena).await, StatusCode::UNAUTHORIZED);
    end([first, second]).await;
}

#[actix_web::test]
async fn session_ended_during_a_redis_outage_stays_ended() {
    let mut redis = PrivateRedis::start().await;
    let replicas = two(&redis.url(), &[], Duration::from_secs(2)).await;
    wait_for_cache_status(&replicas, "ok").await;
    let olena = replicas[0].person("olena@example.com").await;
    for replica in &replicas {
        assert_eq!(get_me(replica, &olena).await, StatusCode::OK);
    }
    redis.freeze();
    assert_eq!(olena.send(Method::POST, "/api/auth/logout").await.status, StatusCode::NO_CONTENT);
    for replica in &replicas {
        assert_eq!(get_me(replica, &olena).await, StatusCode::UNAUTHORIZED, "the database is asked");
    }
    redis.thaw();
    wait_for_cache_status(&replicas, "ok").await;
    // The old entry may be returned until it is invalidated, which takes less than a second.
    tokio::time::sleep(Duration::from_secs(1)).await;
    for replica in &replicas {
        assert_eq!(get_me(replica, &olena).await, StatusCode::UNAUTHORIZED);
    }
    redis.kill();
    end(replicas).await;
}

#[actix_web::test]
async fn limits_hold_while_redis_fails_under_load() {
    const LIMIT: usize = 30;
    let mut redis = PrivateRedis::start().await;
    let replicas = two(&redis.url(), &[("RATE_LIMIT_ME", "30/d")], Timeouts::default().redis).await;
    wait_for_cache_status(&replicas, "ok").await;
    let olena = replicas[0].person("olena@example.com").await;
    let (stop, admitted, asked) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
    let load = async |replica: &Service| {
        while !stop.load(Ordering::SeqCst) {
            match get_me(replica, &olena).await {
                StatusCode::OK => admitted.fetch_add(1, Ordering::SeqCst),
                StatusCode::TOO_MANY_REQUESTS => asked.fetch_add(1, Ordering::SeqCst),
                other => panic!("{other}"),
            };
        }
    };
    let trouble = async {
        redis.kill();
        wait_for_cache_status(&replicas, "unavailable").await;
        redis.resume().await;
        wait_for_cache_status(&replicas, "ok").await;
        redis.freeze();
        wait_for_cache_status(&replicas, "unavailable").await;
        redis.thaw();
        wait_for_cache_status(&replicas, "ok").await;
        redis.flush();
        wait_for_cache_status(&replicas, "ok").await;
        // A busy machine needs longer for enough requests.
        for _ in 0..300 {
            if asked.load(Ordering::SeqCst) > LIMIT {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        stop.store(true, Ordering::SeqCst);
    };
    let loads = join_all(replicas.iter().chain(&replicas).map(&load));
    futures_util::future::join(loads, trouble).await;
    let (admitted, rejected) = (admitted.into_inner(), asked.into_inner());
    assert!((LIMIT..=2 * LIMIT).contains(&admitted), "{admitted} were admitted, {rejected} rejected");
    assert!(rejected > LIMIT, "there was load: {rejected}");

    // The counters are shared again, also by a burst on a busy machine.
    let petro = replicas[0].person("petro@example.com").await;
    let (admitted, _) = statuses(&replicas, 3 * LIMIT, async |replica: &Service| get_me(replica, &petro).await).await;
    assert!((LIMIT..2 * LIMIT).contains(&admitted), "{admitted}");
    end(replicas).await;
}

#[actix_web::test]
async fn service_starts_while_redis_is_unavailable() {
    let mut redis = PrivateRedis::not_running();
    let service = Service::start(Kind::Sqlite, &[("REDIS_URL", &redis.url()), ("RATE_LIMIT_ME", "2/d")]).await;
    let ready = service.get("/readyz").await.expect(StatusCode::OK).json;
    assert_eq!((&ready["status"], &ready["cache"]["status"]), (&json!("ok"), &json!("unavailable")));
    let olena = service.person("olena@example.com").await;
    for expected in [StatusCode::OK, StatusCode::OK, StatusCode::TOO_MANY_REQUESTS] {
        olena.get("/api/me").await.expect(expected);
    }
    redis.resume().await;
    for _ in 0..300 {
        if cache(&service).await == "ok" {
            olena.get("/api/me").await.expect_problem(429, "too-many-requests");
            return service.end().await;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("Redis was not found within 30 seconds");
}

#[actix_web::test]
async fn readiness_reports_in_process_cache_without_redis() {
    let service = Service::start(Kind::Sqlite, &[]).await;
    assert_eq!(cache(&service).await, "in-process");
    service.end().await;
}
