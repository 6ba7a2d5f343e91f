//! The front page.

use reqwest::{Method, StatusCode};

use crate::service::{Answer, Kind, Service};

const URL: &str = "https://contacts.example";

async fn open(service: &Service, method: Method, language: &str) -> Answer {
    let request = service.request(method, "/").header("accept", "text/html,*/*;q=0.8");
    let answer = Answer::of(request.header("accept-language", language).send().await.unwrap()).await;
    answer.expect(StatusCode::OK)
}

/// The targets of the links and files of a page.
fn targets(page: &str) -> Vec<String> {
    let parts = page.split("href=\"").chain(page.split("src=\"").skip(1)).skip(1);
    parts.map(|rest| rest.split_once('"').unwrap().0.replace("&#x2F;", "/")).collect()
}

#[actix_web::test]
async fn front_page_names_what_to_type_in_both_languages() {
    let service = Service::start(Kind::Sqlite, &[("PUBLIC_URL", URL)]).await;
    for (language, title, password) in [
        ("en", "Address book · Contacts", "an app password, not the password of your account"),
        ("uk-UA,uk;q=0.9", "Адресна книга · Контакти", "пароль застосунку, а не пароль облікового запису"),
    ] {
        let page = open(&service, Method::GET, language).await;
        assert!(page.text.contains(&format!("<title>{title}</title>")), "{}", page.text);
        assert!(page.text.contains(&format!("lang=\"{}\"", &language[..2])), "{}", page.text);
        let server = format!("<dd class=\"value\">{URL}</dd>");
        assert!(
            page.text.replace("&#x2F;", "/").contains(&server),
            "the public URL, without a slash at its end: {}",
            page.text
        );
        assert!(page.text.contains(password) && page.text.contains("CardDAV"), "{}", page.text);
    }
    service.end().await;
}

#[actix_web::test]
async fn links_of_the_front_page_work_and_stay_on_the_service() {
    let service = Service::start(Kind::Sqlite, &[]).await;
    let page = open(&service, Method::GET, "en").await;
    let targets = targets(&page.text);
    let expected = ["/assets/icon.svg", "/assets/pages.css", "/forgot-password", "/docs/", "/openapi.json"];
    assert_eq!(targets, expected);
    for target in targets {
        service.get(&target).await.expect(StatusCode::OK);
    }
    service.end().await;
}

#[actix_web::test]
async fn front_page_has_the_headers_of_a_page() {
    let service = Service::start(Kind::Sqlite, &[("PUBLIC_URL", URL)]).await;
    let page = open(&service, Method::GET, "en").await;
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("script-src"), "{policy}");
    for (name, value) in [
        ("cache-control", "no-cache"),
        ("content-type", "text/html; charset=utf-8"),
        ("referrer-policy", "no-referrer"),
        ("strict-transport-security", "max-age=31536000"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(page.header(name), value, "{name}");
    }
    assert!(page.header("vary").starts_with("accept, accept-language"), "{page:?}");
    assert!(!page.text.contains("<script") && !page.text.contains("style=\""), "{}", page.text);
    let head = open(&service, Method::HEAD, "en").await;
    assert_eq!((head.text.as_str(), head.header("content-type")), ("", page.header("content-type")));
    service.end().await;
}

#[actix_web::test]
async fn program_is_redirected_from_the_front_page_to_the_documentation() {
    let service = Service::start(Kind::Sqlite, &[]).await;
    for accepted in ["*/*", "application/json"] {
        let request = service.request(Method::GET, "/").header("accept", accepted);
        let moved = Answer::of(request.send().await.unwrap()).await.expect(StatusCode::TEMPORARY_REDIRECT);
        assert_eq!((moved.header("location"), moved.header("cache-control")), ("/docs/", "no-cache"), "{accepted}");
        assert!(moved.header("vary").starts_with("accept, "), "a cache must not give it to a browser: {moved:?}");
    }
    service.post("/", &serde_json::json!({})).await.expect_problem(405, "method-not-allowed");
    service.end().await;
}

#[actix_web::test]
async fn front_page_leads_to_the_site_of_the_operator() {
    let site = "https://app.example.com/start";
    let service = Service::start(Kind::Sqlite, &[("SITE_URL", site), ("APP_NAME", "Книга <Ґ>")]).await;
    let page = open(&service, Method::GET, "en").await;
    assert!(targets(&page.text).iter().any(|target| target == site), "{}", page.text);
    assert!(page.text.contains("<title>Address book · Книга &lt;Ґ&gt;</title>"), "{}", page.text);
    service.end().await;
}
