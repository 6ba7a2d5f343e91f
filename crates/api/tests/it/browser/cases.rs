//! The pages from the link to the end, by keyboard, in both languages.

use fantoccini::key::Key;
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::{
    driver::{
        Browser, Control,
        Scripts::{self, Off, On},
    },
    words::{ENGLISH, UKRAINIAN, Words},
};
use crate::service::{Kind, PASSWORD, Service};

const NEW_PASSWORD: &str = "staple the correct horse";

/// Makes two tests of each function: one in English without scripts, one in Ukrainian that would report a
/// violation of the policy for scripts.
macro_rules! in_both_languages {
    ($($test:ident),+ $(,)?) => {
        mod english { $(#[actix_web::test]
            async fn $test() { super::run(super::ENGLISH, super::Off, super::$test).await; })+
        }
        mod ukrainian { $(#[actix_web::test]
            async fn $test() { super::run(super::UKRAINIAN, super::On, super::$test).await; })+
        }
    };
}
in_both_languages!(
    front_page_leads_to_the_documentation_by_keyboard,
    email_is_verified_by_keyboard,
    password_is_reset_by_keyboard,
    long_password_is_rejected_by_keyboard,
    international_address_gets_a_link_by_keyboard,
    email_is_changed_by_keyboard,
    email_change_is_reverted_by_keyboard
);

async fn run(words: Words, scripts: Scripts, case: impl AsyncFn(&Words, &Service, &Browser)) {
    let service = Service::start(Kind::Sqlite, &[]).await;
    let browser = Browser::start(words.language, scripts).await;
    case(&words, &service, &browser).await;
    browser.close().await;
    service.end().await;
}

pub(super) fn controls<const N: usize>(expected: [(&str, &str); N]) -> Vec<Control> {
    expected.map(|(role, name)| (role.to_owned(), name.to_owned())).into()
}

/// Waits for a number of mails to an e-mail address, and returns the newest link to a page.
pub(super) async fn link_to(service: &Service, page: &str, address: &str, mails: usize) -> String {
    let start = format!("http://localhost:8000{page}");
    let texts = service.mails_to(address, mails).await;
    let (_, rest) = texts.iter().rev().find_map(|text| text.split_once(&start)).unwrap();
    format!("{}{page}{}", service.base, rest.split_whitespace().next().unwrap())
}

/// A link of the same form that was never sent.
fn made_up(link: &str) -> String {
    let (start, token) = link.split_once("token=").unwrap();
    format!("{start}token={}", token.chars().rev().collect::<String>())
}

pub(super) async fn register(words: &Words, service: &Service) {
    let body =
        json!({"username": "Олена", "email": "olena@example.com", "password": PASSWORD, "locale": words.language});
    service.post("/api/auth/register", &body).await.expect(StatusCode::CREATED);
}

pub(super) async fn may_sign_in(service: &Service, address: &str, password: &str) -> bool {
    let body = json!({"email": address, "password": password});
    service.post("/api/auth/login", &body).await.status == StatusCode::OK
}

/// Requests a mail on the page of an expired link: first with an invalid e-mail address, which leads to the form with
/// this title and button.
async fn order_new_link(words: &Words, browser: &Browser, title: &str, button: &str) {
    browser.tab_to(words.dead_address).await;
    browser.type_over("olena").await;
    browser.press(Key::Enter).await;
    browser.arrive(&words.error_title(title)).await;
    browser.expect_focus(words.dead_address).await;
    assert_eq!(browser.description_of_focus().await, words.no_address);
    assert_eq!(browser.value("#email").await, "olena", "what was typed stays");
    browser.type_over("olena@example.com").await;
    browser.tab_to(button).await;
    browser.press(Key::Enter).await;
    assert_eq!(browser.arrive(&words.title(words.on_its_way)).await, []);
    assert!(browser.text("main").await.contains("olena@example.com"));
}

async fn front_page_leads_to_the_documentation_by_keyboard(words: &Words, service: &Service, browser: &Browser) {
    browser.open(&service.base).await;
    let links = [words.forgot_link, words.documentation, words.document].map(|name| ("link", name));
    let links = controls(links);
    assert_eq!(browser.arrive(&words.title(words.front)).await, links);
    assert!(browser.text("main").await.contains("http://localhost:8000"), "the address to type");
    let light = browser.background().await;
    browser.prefer_dark().await;
    assert_ne!(browser.background().await, light);
    browser.tab_to(words.forgot_link).await;
    browser.tab_to(words.documentation).await;
    browser.press(Key::Enter).await;
    browser.wait_for_title("Contacts API").await;
}

async fn email_is_verified_by_keyboard(words: &Words, service: &Service, browser: &Browser) {
    register(words, service).await;
    let link = link_to(service, "/verify-email", "olena@example.com", 1).await;
    let form = controls([("button", words.verify_button)]);
    let dead = controls([("textbox", words.dead_address), ("button", words.new_link_button)]);

    browser.open(&made_up(&link)).await;
    assert_eq!(browser.arrive(&words.title(words.verify)).await, form);
    browser.tab_to(words.verify_button).await;
    browser.press(Key::Enter).await;
    assert_eq!(browser.arrive(&words.title(words.dead)).await, dead);
    order_new_link(words, browser, words.dead, words.new_link_button).await;

    browser.open(&link_to(service, "/verify-email", "olena@example.com", 2).await).await;
    browser.arrive(&words.title(words.verify)).await;
    assert!(!may_sign_in(service, "olena@example.com", PASSWORD).await, "looking at the page proves nothing");
    browser.tab_to(words.verify_button).await;
    browser.press(Key::Enter).await;
    assert_eq!(browser.arrive(&words.title(words.verified)).await, []);
    assert!(may_sign_in(service, "olena@example.com", PASSWORD).await);

    browser.open(&link).await;
    browser.arrive(&words.title(words.verify)).await;
    browser.tab_to(words.verify_button).await;
    browser.press(Key::Space).await;
    assert_eq!(browser.arrive(&words.title(words.dead)).await, dead, "its sister was used");
}

async fn password_is_reset_by_keyboard(words: &Words, service: &Service, browser: &Browser) {
    register(words, service).await;
    let forgot = json!({"email": "olena@example.com"});
    service.post("/api/auth/forgot-password", &forgot).await.expect(StatusCode::ACCEPTED);
    let link = link_to(service, "/reset-password", "olena@example.com", 2).await;
    let fields = [("textbox", words.address), ("textbox", words.password), ("checkbox", words.end_app_passwords)];
    let form = controls([fields[0], fields[1], fields[2], ("button", words.reset_button)]);

    browser.open(&link).await;
    assert_eq!(browser.arrive(&words.title(words.reset)).await, form);
    assert_eq!(browser.value("#email").await, "", "the page does not contain the e-mail of the user");
    browser.tab_to(words.address).await;
    browser.type_over("olena@example.com").await;
    browser.tab_to(words.password).await;
    assert_eq!(browser.description_of_focus().await, words.password_rule);
    browser.type_over("12345678").await;
    browser.tab_to(words.end_app_passwords).await;
    assert_eq!(browser.description_of_focus().await, words.end_app_passwords_hint);
    browser.tab_to(words.reset_button).await;
    browser.press(Key::Enter).await;

    assert_eq!(browser.arrive(&words.error_title(words.reset)).await, form);
    browser.expect_focus(words.password).await;
    assert_eq!(browser.description_of_focus().await, format!("{} {}", words.too_common, words.password_rule));
    assert_eq!(
        (browser.value("#email").await.as_str(), browser.value("#password").await.as_str()),
        ("olena@example.com", ""),
        "what was typed stays, but for the password"
    );
    browser.type_over(NEW_PASSWORD).await;
    browser.press(Key::Enter).await;
    assert_eq!(browser.arrive(&words.title(words.password_changed)).await, []);
    assert!(may_sign_in(service, "olena@example.com", NEW_PASSWORD).await);

    for (again, title) in [(link.clone(), words.password_changed), (made_up(&link), words.dead)] {
        browser.open(&again).await;
        browser.arrive(&words.title(words.reset)).await;
        browser.tab_to(words.address).await;
        browser.tab_to(words.password).await;
        browser.type_over("a third horse with staples").await;
        browser.press(Key::Enter).await;
        browser.arrive(&words.title(title)).await;
        assert!(may_sign_in(service, "olena@example.com", NEW_PASSWORD).await, "a used link sets nothing");
    }
    order_new_link(words, browser, words.forgot, words.forgot_button).await;
    // The third is the notice of the reset.
    browser.open(&link_to(service, "/reset-password", "olena@example.com", 4).await).await;
    assert_eq!(browser.arrive(&words.title(words.reset)).await, form);
}

/// A browser that cuts the password would set another one than its owner knows.
async fn long_password_is_rejected_by_keyboard(words: &Words, service: &Service, browser: &Browser) {
    register(words, service).await;
    let forgot = json!({"email": "olena@example.com"});
    service.post("/api/auth/forgot-password", &forgot).await.expect(StatusCode::ACCEPTED);
    browser.open(&link_to(service, "/reset-password", "olena@example.com", 2).await).await;
    browser.arrive(&words.title(words.reset)).await;
    browser.tab_to(words.address).await;
    browser.tab_to(words.password).await;
    let long: String = "staple the correct horse ".chars().cycle().take(129).collect();
    browser.type_over(&long).await;
    browser.press(Key::Enter).await;
    browser.arrive(&words.error_title(words.reset)).await;
    browser.expect_focus(words.password).await;
    assert_eq!(browser.description_of_focus().await, format!("{} {}", words.too_long, words.password_rule));
    let cut: String = long.chars().take(128).collect();
    browser.type_over(&cut).await;
    browser.press(Key::Enter).await;
    browser.arrive(&words.title(words.password_changed)).await;
    assert!(may_sign_in(service, "olena@example.com", &cut).await);
}

/// A browser would reject the address, because its part before the `@` is not ASCII.
async fn international_address_gets_a_link_by_keyboard(words: &Words, service: &Service, browser: &Browser) {
    browser.open(&service.base).await;
    browser.arrive(&words.title(words.front)).await;
    browser.tab_to(words.forgot_link).await;
    browser.press(Key::Enter).await;
    let form = controls([("textbox", words.dead_address), ("button", words.forgot_button)]);
    assert_eq!(browser.arrive(&words.title(words.forgot)).await, form);
    let dead = format!("{}/reset-password?token=cut", service.base);
    for (address, title) in [(format!("{}/forgot-password", service.base), words.forgot), (dead, words.dead)] {
        browser.open(&address).await;
        browser.arrive(&words.title(title)).await;
        browser.tab_to(words.dead_address).await;
        browser.type_over("олена@приклад.укр").await;
        browser.press(Key::Enter).await;
        assert_eq!(browser.arrive(&words.title(words.on_its_way)).await, []);
    }
}

async fn email_is_changed_by_keyboard(words: &Words, service: &Service, browser: &Browser) {
    let olena = service.person("olena@example.com").await;
    let body = json!({"email": "new@example.com", "password": PASSWORD});
    let ask = async || olena.send_json(Method::POST, "/api/me/email", &body).await;
    ask().await.expect(StatusCode::ACCEPTED);
    let first = link_to(service, "/confirm-email", "new@example.com", 1).await;
    ask().await.expect(StatusCode::ACCEPTED);
    let second = link_to(service, "/confirm-email", "new@example.com", 2).await;

    browser.open(&made_up(&second)).await;
    browser.arrive(&words.title(words.confirm)).await;
    browser.tab_to(words.confirm_button).await;
    browser.press(Key::Enter).await;
    let dead = controls([("textbox", words.pending_email), ("button", words.new_link_button)]);
    assert_eq!(browser.arrive(&words.title(words.dead)).await, dead);
    browser.tab_to(words.pending_email).await;
    browser.type_over("new@example.com").await;
    browser.press(Key::Enter).await;
    assert_eq!(browser.arrive(&words.title(words.on_its_way)).await, []);
    let third = link_to(service, "/confirm-email", "new@example.com", 3).await;

    browser.open(&third).await;
    assert_eq!(browser.arrive(&words.title(words.confirm)).await, controls([("button", words.confirm_button)]));
    assert_eq!(olena.get("/api/me").await.json["email"], "olena@example.com", "looking changes nothing");
    browser.tab_to(words.confirm_button).await;
    browser.press(Key::Enter).await;
    assert_eq!(browser.arrive(&words.title(words.address_changed)).await, []);
    assert!(may_sign_in(service, "new@example.com", PASSWORD).await);

    for ended in [first, second] {
        browser.open(&ended).await;
        browser.arrive(&words.title(words.confirm)).await;
        browser.tab_to(words.confirm_button).await;
        browser.press(Key::Enter).await;
        assert_eq!(browser.arrive(&words.title(words.dead)).await, dead);
    }
    browser.open(&third).await;
    browser.arrive(&words.title(words.confirm)).await;
    browser.tab_to(words.confirm_button).await;
    browser.press(Key::Enter).await;
    assert_eq!(browser.arrive(&words.title(words.address_changed)).await, [], "a second press is no error");
}

async fn email_change_is_reverted_by_keyboard(words: &Words, service: &Service, browser: &Browser) {
    let olena = service.person("olena@example.com").await;
    let body = json!({"email": "new@example.com", "password": PASSWORD});
    olena.send_json(Method::POST, "/api/me/email", &body).await.expect(StatusCode::ACCEPTED);
    let confirmation = link_to(service, "/confirm-email", "new@example.com", 1).await;
    let token = confirmation.split_once("token=").unwrap().1.to_owned();
    let confirmed = service.request(Method::POST, "/confirm-email").form(&[("token", token)]).send().await.unwrap();
    assert_eq!(confirmed.status(), StatusCode::OK);
    let link = link_to(service, "/revert-email", "olena@example.com", 3).await;

    let dead = controls([("textbox", words.dead_address), ("button", words.new_link_button)]);
    browser.open(&made_up(&link)).await;
    browser.arrive(&words.title(words.revert)).await;
    browser.tab_to(words.revert_button).await;
    browser.press(Key::Enter).await;
    assert_eq!(browser.arrive(&words.title(words.dead)).await, dead);
    order_new_link(words, browser, words.forgot, words.forgot_button).await;

    browser.open(&link).await;
    assert_eq!(browser.arrive(&words.title(words.revert)).await, controls([("button", words.revert_button)]));
    assert_eq!(olena.get("/api/me").await.json["email"], "new@example.com", "looking changes nothing");
    browser.tab_to(words.revert_button).await;
    browser.press(Key::Enter).await;
    assert_eq!(browser.arrive(&words.title(words.reverted)).await, []);
    assert!(!may_sign_in(service, "olena@example.com", PASSWORD).await, "until a new password is set");
}
