//! The pages from the link to the end, by keyboard, in both languages.

use fantoccini::key::Key;
use futures_util::future::join;
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::driver::{
    Browser, Control,
    Scripts::{self, Off, On},
};
use crate::service::{Kind, PASSWORD, Service};

const NEW_PASSWORD: &str = "staple the correct horse";

/// Texts of the pages.
struct Words {
    language: &'static str,
    service: &'static str,
    error: &'static str,
    verify: &'static str,
    verify_button: &'static str,
    verified: &'static str,
    reset: &'static str,
    address: &'static str,
    password: &'static str,
    reset_button: &'static str,
    too_common: &'static str,
    password_rule: &'static str,
    password_changed: &'static str,
    confirm: &'static str,
    confirm_button: &'static str,
    address_changed: &'static str,
    dead: &'static str,
    dead_address: &'static str,
    no_address: &'static str,
    new_link_button: &'static str,
    on_its_way: &'static str,
    pending_email: &'static str,
    revert: &'static str,
    revert_button: &'static str,
    reverted: &'static str,
}

const ENGLISH: Words = Words {
    language: "en",
    service: "Contacts",
    error: "Error",
    verify: "Confirm your e-mail address",
    verify_button: "Confirm the address",
    verified: "Address confirmed",
    reset: "New password",
    address: "E-mail address of your account (optional)",
    password: "New password",
    reset_button: "Save the password",
    too_common: "This password is too easy to guess. Take a longer or less common one.",
    password_rule: "8 to 128 characters of any kind. A few random words make a good password.",
    password_changed: "Password changed",
    confirm: "Confirm the new address",
    confirm_button: "Confirm the new address",
    address_changed: "Address changed",
    dead: "The link does not work",
    dead_address: "E-mail address of your account",
    no_address: "Enter an e-mail address like name@example.com.",
    new_link_button: "Send a new link",
    on_its_way: "Check your mail",
    pending_email: "The new address you asked for",
    revert: "Take the address back",
    revert_button: "Take the address back",
    reverted: "Address taken back",
};

const UKRAINIAN: Words = Words {
    language: "uk",
    service: "Контакти",
    error: "Помилка",
    verify: "Підтвердження електронної адреси",
    verify_button: "Підтвердити адресу",
    verified: "Адресу підтверджено",
    reset: "Новий пароль",
    address: "Електронна адреса облікового запису (необов’язково)",
    password: "Новий пароль",
    reset_button: "Зберегти пароль",
    too_common: "Цей пароль надто легко вгадати. Оберіть довший або менш поширений.",
    password_rule: "Від 8 до 128 будь-яких символів. Надійний пароль легко скласти з кількох випадкових слів.",
    password_changed: "Пароль змінено",
    confirm: "Підтвердження нової адреси",
    confirm_button: "Підтвердити нову адресу",
    address_changed: "Адресу змінено",
    dead: "Посилання не діє",
    dead_address: "Електронна адреса вашого облікового запису",
    no_address: "Введіть електронну адресу на зразок name@example.com.",
    new_link_button: "Надіслати нове посилання",
    on_its_way: "Перевірте пошту",
    pending_email: "Нова адреса, яку ви вказали",
    revert: "Повернення адреси",
    revert_button: "Повернути адресу",
    reverted: "Адресу повернуто",
};

impl Words {
    fn title(&self, of: &str) -> String {
        format!("{of} · {}", self.service)
    }

    fn error_title(&self, of: &str) -> String {
        format!("{}: {of} · {}", self.error, self.service)
    }
}

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
    email_is_verified_by_keyboard,
    password_is_reset_by_keyboard,
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

fn controls<const N: usize>(expected: [(&str, &str); N]) -> Vec<Control> {
    expected.map(|(role, name)| (role.to_owned(), name.to_owned())).into()
}

/// Waits for a number of mails to an e-mail address, and returns the newest link to a page.
async fn link_to(service: &Service, page: &str, address: &str, mails: usize) -> String {
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

async fn register(words: &Words, service: &Service) {
    let body =
        json!({"username": "Олена", "email": "olena@example.com", "password": PASSWORD, "locale": words.language});
    service.post("/api/auth/register", &body).await.expect(StatusCode::CREATED);
}

async fn may_sign_in(service: &Service, address: &str, password: &str) -> bool {
    let body = json!({"email": address, "password": password});
    service.post("/api/auth/login", &body).await.status == StatusCode::OK
}

/// Requests a mail on the page of an expired link: first with an invalid e-mail address.
async fn order_new_link(words: &Words, browser: &Browser) {
    browser.tab_to(words.dead_address).await;
    // Valid for a browser, which sends no form with an invalid address.
    browser.type_over("olena@example").await;
    browser.press(Key::Enter).await;
    browser.arrive(&words.error_title(words.dead)).await;
    browser.expect_focus(words.dead_address).await;
    assert_eq!(browser.description_of_focus().await, words.no_address);
    assert_eq!(browser.value("#email").await, "olena@example", "what was typed stays");
    browser.type_over("olena@example.com").await;
    browser.tab_to(words.new_link_button).await;
    browser.press(Key::Enter).await;
    assert_eq!(browser.arrive(&words.title(words.on_its_way)).await, []);
    assert!(browser.text("main").await.contains("olena@example.com"));
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
    order_new_link(words, browser).await;

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
    let form = controls([("textbox", words.address), ("textbox", words.password), ("button", words.reset_button)]);

    browser.open(&link).await;
    assert_eq!(browser.arrive(&words.title(words.reset)).await, form);
    assert_eq!(browser.value("#email").await, "", "the page does not contain the e-mail of the user");
    browser.tab_to(words.address).await;
    browser.type_over("olena@example.com").await;
    browser.tab_to(words.password).await;
    assert_eq!(browser.description_of_focus().await, words.password_rule);
    browser.type_over("12345678").await;
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
    order_new_link(words, browser).await;
    // The third is the notice of the reset.
    browser.open(&link_to(service, "/reset-password", "olena@example.com", 4).await).await;
    assert_eq!(browser.arrive(&words.title(words.reset)).await, form);
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
    order_new_link(words, browser).await;

    browser.open(&link).await;
    assert_eq!(browser.arrive(&words.title(words.revert)).await, controls([("button", words.revert_button)]));
    assert_eq!(olena.get("/api/me").await.json["email"], "new@example.com", "looking changes nothing");
    browser.tab_to(words.revert_button).await;
    browser.press(Key::Enter).await;
    assert_eq!(browser.arrive(&words.title(words.reverted)).await, []);
    assert!(!may_sign_in(service, "olena@example.com", PASSWORD).await, "until a new password is set");
}

/// A button that is pressed twice, and the buttons of two windows that are pressed at once, are done.
#[actix_web::test]
async fn pressing_twice_and_in_two_windows_at_once_is_done() {
    for (kind, words) in [(Kind::Sqlite, ENGLISH), (Kind::Postgres, UKRAINIAN)] {
        let service = Service::start(kind, &[]).await;
        register(&words, &service).await;
        let link = link_to(&service, "/verify-email", "olena@example.com", 1).await;
        let windows = [Browser::start(words.language, Off).await, Browser::start(words.language, Off).await];
        for browser in &windows {
            browser.open(&link).await;
            browser.arrive(&words.title(words.verify)).await;
            browser.tab_to(words.verify_button).await;
        }
        let [first, second] = &windows;
        let press_twice = async {
            first.press(Key::Enter).await;
            first.press(Key::Enter).await;
        };
        join(press_twice, second.press(Key::Enter)).await;
        for browser in &windows {
            browser.arrive(&words.title(words.verified)).await;
        }
        assert!(may_sign_in(&service, "olena@example.com", PASSWORD).await);
        for browser in windows {
            browser.close().await;
        }
        service.end().await;
    }
}

/// The page that is done leads to the app of the operator.
#[actix_web::test]
async fn verified_reader_goes_on_to_the_site() {
    let site = Service::start(Kind::Sqlite, &[]).await;
    let url = format!("{}/verify-email?token=cut", site.base);
    for words in [ENGLISH, UKRAINIAN] {
        let service = Service::start(Kind::Sqlite, &[("SITE_URL", &url), ("APP_NAME", "Книга")]).await;
        register(&words, &service).await;
        let link = link_to(&service, "/verify-email", "olena@example.com", 1).await;
        let browser = Browser::start(words.language, Off).await;
        let words = Words { service: "Книга", ..words };
        browser.open(&link).await;
        browser.arrive(&words.title(words.verify)).await;
        browser.tab_to(words.verify_button).await;
        browser.press(Key::Enter).await;
        let onward = if words.language == "en" {
            "Go to Книга"
        } else {
            "Перейти до сервісу «Книга»"
        };
        assert_eq!(browser.arrive(&words.title(words.verified)).await, controls([("link", onward)]));
        browser.tab_to(onward).await;
        browser.press(Key::Enter).await;
        let dead = if words.language == "en" { ENGLISH.title(ENGLISH.dead) } else { UKRAINIAN.title(UKRAINIAN.dead) };
        browser.arrive(&dead).await;
        browser.close().await;
        service.end().await;
    }
    site.end().await;
}

/// Proves that the checks above can fail.
#[actix_web::test]
async fn browser_driver_controls_scripts_and_reports_csp_violations() {
    let scripted = "data:text/html,<title>off</title><script>document.title = 'on'</script>";
    let browser = Browser::start("uk", On).await;
    browser.open(scripted).await;
    assert_eq!(browser.title().await, "on");
    browser.close().await;

    let service = Service::start(Kind::Sqlite, &[]).await;
    let browser = Browser::start("en", Off).await;
    browser.open(scripted).await;
    assert_eq!(browser.title().await, "off");
    browser.open("data:text/html,<meta http-equiv=content-security-policy content=\"default-src 'none'\"><p style=color:red>").await;
    assert_eq!(browser.complaints().await.len(), 1);
    assert_eq!(browser.complaints().await.len(), 0);

    browser.open(&format!("{}/verify-email?token=cut", service.base)).await;
    browser.arrive(&ENGLISH.title(ENGLISH.dead)).await;
    let light = browser.background().await;
    browser.prefer_dark().await;
    assert_ne!(browser.background().await, light);
    browser.close().await;
    service.end().await;
}
