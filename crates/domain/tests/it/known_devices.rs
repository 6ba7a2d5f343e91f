//! Known devices.

use domain::{
    account::Email,
    client::ClientInfo,
    session::{DeviceDigest, KnownDeviceQueries as _},
};
use testkit::TestEnvironment;

use crate::sessions::{login_as, login_with};

const CHROME: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36";

fn device(ip: &str, agent: &str) -> DeviceDigest {
    DeviceDigest::of(&ClientInfo::new(ip.parse().ok(), Some(agent)))
}

#[test]
fn device_is_identified_by_user_agent_and_network() {
    let known = device("203.0.113.7", CHROME);
    for (ip, agent, expected) in [
        ("203.0.113.7", CHROME, true),
        ("203.0.113.250", CHROME, true),
        ("::ffff:203.0.113.7", CHROME, true),
        ("203.0.113.7", &CHROME.replace("131", "132"), true),
        ("203.0.114.7", CHROME, false),
        ("2001:db8::1", CHROME, false),
        ("203.0.113.7", &CHROME.replace("Chrome", "Firefox"), false),
        ("203.0.113.7", "", false),
        ("", CHROME, false),
    ] {
        assert_eq!(device(ip, agent) == known, expected, "{ip} {agent}");
    }
    assert_eq!(device("2001:db8::1", ""), device("2001:db8:0:ff::9", ""), "a /56");
    assert_ne!(device("2001:db8::1", ""), device("2001:db8:0:100::1", ""));
}

#[tokio::test]
async fn only_a_successful_login_makes_a_device_known() {
    let env = TestEnvironment::default();
    let olena = env.verified("olena@example.com").await;
    let device = DeviceDigest::of(&ClientInfo::new(None, Some("tests/1.0")));
    login_with(&env, "olena@example.com", "wrong").await.unwrap_err();
    assert!(!env.store.is_known_device(&olena.email, &device).await.unwrap());
    login_as(&env, "olena@example.com").await.unwrap();
    assert!(env.store.is_known_device(&olena.email, &device).await.unwrap());
    let unknown = Email::parse("nobody@example.com").unwrap();
    assert!(!env.store.is_known_device(&unknown, &device).await.unwrap());
}
