//! Pages that mails link to.

use futures_util::future::join;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::{
    process::{SECRET, command, run},
    service::{Answer, Kind, PASSWORD, Service, on_both, token_in},
};

on_both!(
    email_is_verified_by_page,
    password_is_reset_by_page,
    incomplete_link_offers_a_new_one,
    forgotten_password_has_a_page_of_its_own,
    page_is_the_same_for_valid_and_unknown_tokens,
    pages_escape_input_and_forbid_scripts,
);

async fn page(service: &Service, path: &str, language: &str) -> Answer {
    let request = service.request(Method::GET, path).header("accept-language", language);
    Answer::of(request.send().await.unwrap()).await.expect(StatusCode::OK)
}

async fn submit(service: &Service, path: &str, fields: &[(&str, &str)]) -> Answer {
    Answer::of(service.request(Method::POST, path).form(fields).send().await.unwrap()).await
}

async fn email_is_verified_by_page(service: Service) {
    service.register("olena@example.com").await.expect(StatusCode::CREATED);
    let token = service.token_to("olena@example.com", 1).await;
    let path = format!("/verify-email?token={token}");
    for _ in 0..3 {
        let shown = page(&service, &path, "uk-UA,uk;q=0.9,en;q=0.8").await;
        assert!(
            shown.text.contains("lang=\"uk\"") && shown.text.contains(&token),
            "a scanner may look as often as it likes"
        );
    }
    let done = submit(&service, "/verify-email", &[("token", &token)]).await.expect(StatusCode::OK);
    assert!(done.text.contains("lang=\"en\""));
    service.sign_in("olena@example.com", PASSWORD).await;
    let again = submit(&service, "/verify-email", &[("token", &token)]).await.expect(StatusCode::OK);
    assert_eq!(again.text, done.text, "a second press is no error");
    let invented = testkit::samples::secret().reveal();
    let unknown = submit(&service, "/verify-email", &[("token", &invented)]).await.expect(StatusCode::BAD_REQUEST);
    assert!(
        unknown.text.contains("action=\"&#x2F;verify-email&#x2F;resend\"")
            || unknown.text.contains("action=\"/verify-email/resend\"")
    );
    submit(&service, "/verify-email/resend", &[("email", "olena@example.com")]).await.expect(StatusCode::ACCEPTED);
    submit(&service, "/verify-email/resend", &[("email", "nonsense")]).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    service.end().await;
}

async fn password_is_reset_by_page(service: Service) {
    service.person("olena@example.com").await;
    submit(&service, "/forgot-password", &[("email", "olena@example.com")]).await.expect(StatusCode::ACCEPTED);
    let mails = service.mails_to("olena@example.com", 2).await;
    let token = token_in(mails.iter().find(|text| text.contains("/reset-password?")).unwrap());
    page(&service, &format!("/reset-password?token={token}"), "en").await;
    let path = "/reset-password";
    let weak = submit(&service, path, &[("token", &token), ("password", "12345678")]).await;
    assert!(weak.expect(StatusCode::UNPROCESSABLE_ENTITY).text.contains("role=\"alert\""));
    let fields = [("token", token.as_str()), ("password", "staple the correct horse")];
    let (first, second) = join(submit(&service, path, &fields), submit(&service, path, &fields)).await;
    assert_eq!(first.expect(StatusCode::OK).text, second.expect(StatusCode::OK).text, "two presses at once");
    service.sign_in("olena@example.com", "staple the correct horse").await;
    service.end().await;
}

async fn incomplete_link_offers_a_new_one(service: Service) {
    for (path, offer) in [
        ("/verify-email?token=abcdef", "/verify-email/resend"),
        ("/verify-email", "/verify-email/resend"),
        ("/reset-password?token=", "/forgot-password"),
        ("/confirm-email?token=abcdef", "sign in with it"),
    ] {
        let shown = Answer::of(service.request(Method::GET, path).send().await.unwrap()).await;
        let text = shown.expect(StatusCode::BAD_REQUEST).text;
        assert!(text.contains("This link does not work any more") && text.contains(offer), "{path}: {text}");
        assert!(!text.contains("name=\"token\""), "{path}: {text}");
    }
    service.end().await;
}

async fn forgotten_password_has_a_page_of_its_own(service: Service) {
    for (language, heading) in [("en", "<h1>Forgot your password?</h1>"), ("uk", "<h1>Забули пароль?</h1>")]
    {
        let form = page(&service, "/forgot-password", language).await.text;
        assert!(form.contains(heading) && form.contains(&format!("lang=\"{language}\"")), "{form}");
        assert!(form.contains("<form method=\"post\" action=\"/forgot-password\" novalidate>"), "{form}");
        assert!(!form.contains("role=\"alert\"") && !form.contains("name=\"token\""), "{form}");
    }
    let sent = [("email", "olena@")];
    let rejected = submit(&service, "/forgot-password", &sent).await.expect(StatusCode::UNPROCESSABLE_ENTITY).text;
    assert!(rejected.contains("<title>Error: Forgot your password? · Contacts</title>"), "{rejected}");
    assert!(rejected.contains("value=\"olena@\""), "{rejected}");
    for (form, page) in [("/verify-email/resend", "/verify-email"), ("/confirm-email/resend", "/confirm-email")] {
        let moved = service.get(form).await.expect(StatusCode::SEE_OTHER);
        assert_eq!(moved.header("location"), page, "{form}");
        let shown = service.get(page).await.expect(StatusCode::BAD_REQUEST).text;
        assert!(shown.contains(&format!("<form method=\"post\" action=\"{form}\" novalidate>")), "{shown}");
    }
    service.end().await;
}

async fn page_is_the_same_for_valid_and_unknown_tokens(service: Service) {
    service.person("olena@example.com").await;
    submit(&service, "/forgot-password", &[("email", "olena@example.com")]).await.expect(StatusCode::ACCEPTED);
    let mails = service.mails_to("olena@example.com", 2).await;
    let good = token_in(mails.iter().find(|text| text.contains("/reset-password?")).unwrap());
    let made_up = "0".repeat(64);
    for path in ["/verify-email", "/reset-password", "/confirm-email"] {
        let shown = page(&service, &format!("{path}?token={good}"), "en").await.text;
        let other = page(&service, &format!("{path}?token={made_up}"), "en").await.text;
        assert_eq!(shown.replace(&good, ""), other.replace(&made_up, ""), "good or not, the page is the same");
    }
    service.end().await;
}

async fn pages_escape_input_and_forbid_scripts(service: Service) {
    let hostile = "\"><script>alert(1)</script>";
    let fields = [("token", hostile), ("email", hostile), ("password", "12345678")];
    let shown = submit(&service, "/reset-password", &fields).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    assert!(shown.text.contains("alert(1)") && !shown.text.contains("<script"), "what is shown again is escaped");
    assert!(shown.header("content-security-policy").contains("default-src 'none'"));
    assert!(!shown.header("content-security-policy").contains("unsafe"));
    assert_eq!(
        (shown.header("referrer-policy"), shown.header("cache-control"), shown.header("x-content-type-options")),
        ("no-referrer", "no-store", "nosniff")
    );
    for (path, content_type) in
        [("/assets/pages.css", "text/css"), ("/assets/icon.svg", "image/svg+xml"), ("/favicon.ico", "image/x-icon")]
    {
        let file = service.get(path).await.expect(StatusCode::OK);
        assert!(file.header("content-type").starts_with(content_type) && !file.header("etag").is_empty(), "{path}");
    }
    assert!(shown.text.contains("<link rel=\"icon\" href=\"/assets/icon.svg\""));
    let missing = service.post("/verify-email", &json!({"token": "x"})).await;
    missing.expect_problem(415, "unsupported-media-type");
    service.end().await;
}

#[actix_web::test]
async fn rate_limited_browser_gets_an_html_page() {
    let variables = [("RATE_LIMIT_MAIL", "1/h"), ("PUBLIC_URL", "https://contacts.example")];
    let service = Service::start(Kind::Sqlite, &variables).await;
    let ask = async || {
        let request = service.request(Method::POST, "/forgot-password").form(&[("email", "olena@example.com")]);
        let request = request.header("accept", "text/html,*/*;q=0.8").header("accept-language", "uk");
        Answer::of(request.send().await.unwrap()).await
    };
    ask().await.expect(StatusCode::ACCEPTED);
    let rejected = ask().await.expect(StatusCode::TOO_MANY_REQUESTS);
    assert!(rejected.header("content-type").starts_with("text/html") && rejected.text.contains("lang=\"uk\""));
    assert!(!rejected.header("retry-after").is_empty() && !rejected.header("content-security-policy").is_empty());
    assert_eq!(rejected.header("strict-transport-security"), "max-age=31536000");
    let lost = service.request(Method::GET, "/nothing").header("accept", "text/html");
    let lost = Answer::of(lost.send().await.unwrap()).await.expect(StatusCode::NOT_FOUND);
    assert!(lost.text.contains("There is nothing here"));
    assert!(lost.text.contains("<a href=\"/\">Go to the start page</a>"), "{}", lost.text);
    service.end().await;
}

#[actix_web::test]
async fn operator_changes_the_name_the_way_out_and_the_templates() {
    let templates = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let file = templates.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    };
    write("pages/en/verify_email.html", "<p>{{ app_name }}: {{ token }}</p>");
    write("mail/uk/verify_email.txt", "Посилання: {{ link }}");
    write("pages/pages.css", "body { color: red }");
    let folder = templates.path().to_str().unwrap().to_owned();
    let site = "https://app.example.com/start";
    let variables =
        [("APP_NAME", "Книга <Ґ>"), ("SITE_URL", site), ("TEMPLATES_DIR", folder.as_str()), ("REGISTRATION", "open")];
    let service = Service::start(Kind::Sqlite, &variables).await;

    let body = json!({"username": "Олена", "email": "olena@example.com", "password": PASSWORD, "locale": "uk"});
    service.post("/api/auth/register", &body).await.expect(StatusCode::CREATED);
    let mail = service.mails_to("olena@example.com", 1).await.remove(0);
    assert!(mail.starts_with("Посилання: http://localhost:8000/verify-email?token="), "{mail}");
    let token = token_in(&mail);
    let form = page(&service, &format!("/verify-email?token={token}"), "en").await;
    assert_eq!(form.text, format!("<p>Книга &lt;Ґ&gt;: {token}</p>"));
    let request = service.request(Method::POST, "/verify-email").form(&[("token", &token)]);
    let done = Answer::of(request.header("accept-language", "uk").send().await.unwrap()).await.expect(StatusCode::OK);
    assert!(done.text.contains("· Книга &lt;Ґ&gt;</title>"), "{}", done.text);
    let href = done.text.split_once("<a href=\"").unwrap().1.split_once('"').unwrap().0.replace("&#x2F;", "/");
    assert_eq!(href, site);
    assert!(done.text.contains("Перейти до сервісу «Книга &lt;Ґ&gt;»"), "{}", done.text);
    assert_eq!(service.get("/assets/pages.css").await.expect(StatusCode::OK).text, "body { color: red }");
    let document = service.get("/openapi.json").await.expect(StatusCode::OK).json;
    assert_eq!((&document["info"]["title"], &document["info"]["contact"]["url"]), (&"Книга <Ґ>".into(), &site.into()));
    assert!(service.get("/docs/").await.text.contains("<title>Книга &lt;Ґ&gt; API</title>"));
    service.end().await;
}

#[test]
fn invalid_template_stops_the_start() {
    let layout = include_str!("../../../../templates/pages/layout.html");
    let layout = layout.replace("На головну сторінку", "{{ unknown_variable }}");
    assert!(layout.contains("unknown_variable"), "{layout}");
    for (name, text) in [
        ("pages/layout.html", layout.as_str()),
        ("pages/uk/failed.html", "{% if kind == \"limited\" %}{{ unknown_variable }}{% endif %}"),
        ("pages/en/verify_email_done.html", "{{ way_out }}"),
        ("mail/en/password_changed.txt", "{{ link }}"),
        ("mail/uk/new_device.txt", "{% if name %}{{ name }}{% else %}{{ unknown_variable }}{% endif %}"),
        ("mail/en/verify_email.subject.txt", "\nConfirm your e-mail address\n"),
        ("pages/en/failed.html", "{% if %}"),
        ("pages/en/failed.html", "{{ unknown_variable }}"),
        ("mail/en/verify_email.txt", "{{ unknown_variable }}"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text).unwrap();
        let variables = [("JWT_SECRET", SECRET), ("TEMPLATES_DIR", "."), ("PORT", "0"), ("RUST_LOG", "off")];
        let failed = command(folder.path(), &["serve"], &variables).output().unwrap();
        let error = std::str::from_utf8(&failed.stderr).unwrap();
        assert_eq!(failed.status.code(), Some(1), "{name}");
        assert!(error.starts_with("TEMPLATES_DIR: ") && error.contains(name), "{name}: {error}");
    }
    let variables = [("JWT_SECRET", SECRET), ("TEMPLATES_DIR", "missing"), ("PORT", "0"), ("RUST_LOG", "off")];
    let failed = run(&["serve"], &variables);
    assert!(std::str::from_utf8(&failed.stderr).unwrap().starts_with("TEMPLATES_DIR: "));
}

#[actix_web::test]
async fn path_that_only_begins_like_another_one_has_a_page() {
    let service = Service::start(Kind::Sqlite, &[]).await;
    for path in ["/davos", "/apiary", "/davos/x"] {
        let request = service.request(Method::GET, path).header("accept", "text/html");
        let missing = Answer::of(request.send().await.unwrap()).await.expect(StatusCode::NOT_FOUND);
        assert!(missing.header("content-type").starts_with("text/html"), "{path}");
        service.get(path).await.expect_problem(404, "not-found");
    }
    for (path, kind) in [("/dav/x", "application/xml"), ("/api", "application/problem+json")] {
        let request = service.request(Method::GET, path).header("accept", "text/html");
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert!(answer.header("content-type").starts_with(kind), "{path}: {answer:?}");
    }
    service.end().await;
}
