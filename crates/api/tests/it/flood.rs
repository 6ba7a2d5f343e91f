//! The guard of a replica: before anything costs, by client address.

use reqwest::{Method, StatusCode};

use crate::service::{Answer, Kind, Service};

async fn ask(service: &Service, method: Method, path: &str, address: &str) -> Answer {
    let request = service.request(method, path).header("x-forwarded-for", address);
    let request = request.header("origin", "https://app.example").header("access-control-request-method", "GET");
    Answer::of(request.send().await.unwrap()).await
}

#[actix_web::test]
async fn a_flood_from_one_place_is_turned_away_whatever_it_asks_for() {
    let service = Service::start(Kind::Sqlite, &[("RATE_LIMIT_FLOOD", "4/h"), ("TRUSTED_PROXIES", "127.0.0.1")]).await;
    for path in ["/healthz", "/nope", "/api/me", "/docs/"] {
        let answer = ask(&service, Method::GET, path, "2001:db8::1").await;
        assert_ne!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{path}");
    }
    for path in ["/healthz", "/nope", "/api/me"] {
        // A neighbour in the same /64.
        let refused = ask(&service, Method::GET, path, "2001:db8::2").await.expect_problem(429, "too-many-requests");
        assert_eq!(refused.header("ratelimit-policy"), "\"flood\";q=4;w=3600");
        assert!((1..=900).contains(&refused.header("retry-after").parse::<u64>().unwrap()));
        assert_eq!(refused.header("access-control-allow-origin"), "*", "pages may read it");
    }
    ask(&service, Method::OPTIONS, "/api/me", "2001:db8::1").await.expect(StatusCode::OK);
    ask(&service, Method::GET, "/healthz", "2001:db8:0:1::1").await.expect(StatusCode::OK);
    service.end().await;
}

#[actix_web::test]
async fn the_usual_guard_lets_an_office_in() {
    let usual = api::settings::Settings::from_variables(
        [("JWT_SECRET".to_owned(), "tests-only-0123456789abcdefghijklmnopqrstuvwxyz".to_owned())].into(),
    );
    let flood = usual.unwrap().rate_limits.flood.unwrap();
    assert_eq!((flood.requests.get(), flood.window.as_secs()), (200, 1));
}
