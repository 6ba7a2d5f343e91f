//! The client IP behind proxies.

use reqwest::{
    Method, StatusCode,
    header::{HeaderName, HeaderValue},
};
use serde_json::json;

use crate::service::{Answer, Kind, PASSWORD, Service};

/// Signs in with these headers, and returns the IP that the service recorded.
async fn seen(service: &Service, headers: &[(&str, &str)]) -> String {
    let body = json!({"email": "olena@example.com", "password": PASSWORD});
    let request = headers.iter().fold(service.request(Method::POST, "/api/auth/login"), |request, (name, value)| {
        request.header(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap())
    });
    let pair = Answer::of(request.json(&body).send().await.unwrap()).await.expect(StatusCode::OK).json;
    let token = pair["access_token"].as_str().unwrap();
    let sessions = service.request(Method::GET, "/api/me/sessions").bearer_auth(token).send().await.unwrap();
    let sessions = Answer::of(sessions).await.expect(StatusCode::OK).json;
    let current = sessions["items"].as_array().unwrap().iter().find(|session| session["current"] == true);
    current.unwrap()["ip"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn forwarding_headers_are_ignored_without_trusted_proxies() {
    let service = Service::start(Kind::Sqlite, &[]).await;
    service.person("olena@example.com").await;
    for headers in [
        &[][..],
        &[("x-forwarded-for", "203.0.113.9")],
        &[("forwarded", "for=203.0.113.9")],
        &[("x-real-ip", "203.0.113.9"), ("true-client-ip", "203.0.113.9"), ("cf-connecting-ip", "203.0.113.9")],
    ] {
        assert_eq!(seen(&service, headers).await, "127.0.0.1", "{headers:?}");
    }
    service.end().await;
}

#[actix_web::test]
async fn client_ip_is_the_nearest_untrusted_forwarded_address() {
    let service = Service::start(Kind::Sqlite, &[("TRUSTED_PROXIES", "127.0.0.0/8, ::1, 10.0.0.0/8")]).await;
    service.person("olena@example.com").await;
    let cases: [(&[(&str, &str)], &str); 9] = [
        (&[], "127.0.0.1"),
        (&[("x-real-ip", "203.0.113.9")], "127.0.0.1"),
        (&[("x-forwarded-for", "203.0.113.9")], "203.0.113.9"),
        (&[("x-forwarded-for", "1.2.3.4"), ("x-forwarded-for", "203.0.113.9, 10.1.2.3")], "203.0.113.9"),
        (&[("x-forwarded-for", "203.0.113.9, nonsense")], "127.0.0.1"),
        (&[("forwarded", "for=1.2.3.4, for=\"[2001:db8::7]:4711\";proto=https")], "2001:db8::7"),
        (&[("forwarded", "for=203.0.113.9;host=\"a, for=1.2.3.4\"")], "203.0.113.9"),
        (&[("forwarded", "for=203.0.113.9"), ("x-forwarded-for", "203.0.113.9")], "203.0.113.9"),
        (&[("forwarded", "for=1.2.3.4"), ("x-forwarded-for", "203.0.113.9")], "127.0.0.1"),
    ];
    for (headers, expected) in cases {
        assert_eq!(seen(&service, headers).await, expected, "{headers:?}");
    }
    service.end().await;
}
