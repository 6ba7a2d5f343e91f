//! Buttons that are pressed twice, the way on to an app, and the driver itself.

use fantoccini::key::Key;
use futures_util::future::join;

use super::{
    cases::{controls, link_to, may_sign_in, register},
    driver::{
        Browser,
        Scripts::{Off, On},
    },
    words::{ENGLISH, UKRAINIAN, Words},
};
use crate::service::{Kind, PASSWORD, Service};

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
