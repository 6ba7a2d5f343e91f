//! Documented limits match the code.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    client::Block,
    limit::{CountBy, Counter, Counts, KNOWN_DEVICE, Limit},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::service::{Answer, Kind, PASSWORD, Service};

const LIMITS: [(Limit, &str); 17] = [
    (Limit::Me, "RATE_LIMIT_ME"),
    (Limit::EndSession, "RATE_LIMIT_SECURITY"),
    (Limit::Security, "RATE_LIMIT_SECURITY"),
    (Limit::Contacts, "RATE_LIMIT_CONTACTS"),
    (Limit::ContactCreate, "RATE_LIMIT_CONTACT_CREATE"),
    (Limit::ContactBatch, "RATE_LIMIT_CONTACT_BATCH"),
    (Limit::Import, "RATE_LIMIT_IMPORT"),
    (Limit::Dav, "RATE_LIMIT_DAV"),
    (Limit::AppPassword, "RATE_LIMIT_APP_PASSWORD"),
    (Limit::Login, "RATE_LIMIT_LOGIN"),
    (Limit::Token, "RATE_LIMIT_LOGIN"),
    (Limit::Refresh, "RATE_LIMIT_REFRESH"),
    (Limit::RefreshSession, "RATE_LIMIT_REFRESH_SESSION"),
    (Limit::VerifyMail, "RATE_LIMIT_MAIL"),
    (Limit::ResetMail, "RATE_LIMIT_MAIL"),
    (Limit::ChangeMail, "RATE_LIMIT_MAIL"),
    (Limit::Register, "RATE_LIMIT_REGISTER"),
];

/// The rows of the table with that head, cell by cell.
fn rows(head: &str) -> Vec<Vec<String>> {
    let text = include_str!("../../../../docs/behaviour/limits.md");
    let (_, table) = text.split_once(head).unwrap();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let cells = |row: &str| row.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', "")).collect();
    rows.map(cells).collect()
}

#[test]
fn each_counter_is_documented() {
    let documented: BTreeSet<Vec<String>> = rows("| Counter | Counts | Allows |").into_iter().collect();
    let mut expected: BTreeSet<Vec<String>> = BTreeSet::new();
    for (limit, variable) in LIMITS {
        let more: &[Counter] = if limit == Limit::Login { const { &[KNOWN_DEVICE] } } else { &[] };
        for counter in limit.counters().chain(more) {
            let subject = match counter.by {
                CountBy::Account if counter.counts == Counts::WrongPasswords => {
                    "wrong passwords for one account, from all clients"
                }
                CountBy::DeviceAndAccount => {
                    "wrong passwords for one account from a device that has signed in before, while login-account has no room"
                }
                CountBy::Network if counter.counts == Counts::WrongPasswords => "wrong app passwords of one client IP",
                CountBy::Block(Block::Slash56) if counter.counts == Counts::WrongPasswords => {
                    "wrong app passwords of one /56 of IPv6"
                }
                CountBy::Block(Block::Slash48) if counter.counts == Counts::WrongPasswords => {
                    "wrong app passwords of one /48 of IPv6"
                }
                CountBy::Credential => "requests of one session or app password",
                CountBy::User => "requests of one user, in all sessions and with all app passwords",
                CountBy::RenewedSession => "refreshes of one session",
                CountBy::Network => "requests of one client IP",
                CountBy::Block(Block::Slash56) => "requests of one /56 of IPv6",
                CountBy::Block(Block::Slash48) => "requests of one /48 of IPv6",
                CountBy::Account => "requests for one account, from all clients",
                CountBy::NetworkAndAccount => "requests of one client IP for one account",
                CountBy::BlockAndAccount(Block::Slash56) => "requests of one /56 of IPv6 for one account",
                CountBy::BlockAndAccount(Block::Slash48) => "requests of one /48 of IPv6 for one account",
            };
            let factor = counter.factor.get();
            let mut allows = if factor == 1 { variable.to_owned() } else { format!("{factor} x {variable}") };
            if counter.windows.get() > 1 {
                allows = format!("{allows}, in {} times its period", counter.windows);
            }
            expected.insert(vec![counter.name.to_owned(), subject.to_owned(), allows]);
        }
    }
    for (name, subject, allows) in [
        ("flood", "one client IP", "RATE_LIMIT_FLOOD"),
        ("flood-56", "one /56 of IPv6", "2 x RATE_LIMIT_FLOOD"),
        ("flood-48", "one /48 of IPv6", "4 x RATE_LIMIT_FLOOD"),
    ] {
        let subject = format!("all requests of {subject} to one replica");
        expected.insert(vec![name.to_owned(), subject, allows.to_owned()]);
    }
    assert_eq!(documented, expected);
}

/// A valid body of the route, because only a valid one has an account.
fn body_of(route: &str) -> Option<Value> {
    let email = "nobody@example.com";
    match route {
        "POST /api/auth/register" => Some(json!({"username": "N", "email": email, "password": PASSWORD})),
        "POST /api/auth/login" | "POST /api/me/email" => Some(json!({"email": email, "password": "a wrong one"})),
        "POST /api/auth/verify-email/resend" | "POST /api/auth/forgot-password" => Some(json!({ "email": email })),
        "POST /api/auth/refresh" => Some(json!({ "refresh_token": format!("{}.{}", "0".repeat(32), "0".repeat(64)) })),
        _ => None,
    }
}

#[actix_web::test]
async fn each_route_has_its_documented_limits() {
    let on: Vec<(&str, &str)> = LIMITS.iter().map(|(_, variable)| (*variable, "1000/s")).collect();
    let service = Service::start(Kind::Sqlite, &on).await;
    let olena = service.person("olena@example.com").await;
    let mut documented = BTreeMap::new();
    for row in rows("| Route | Counters |") {
        let [route, counters] = row.as_slice() else { panic!("{row:?}") };
        let (method, path) = route.split_once(' ').unwrap();
        let path = path.replace("{id}", "0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27");
        let request = olena.request(Method::from_bytes(method.as_bytes()).unwrap(), &path);
        let request = match body_of(route) {
            Some(body) => request.json(&body),
            None if path.starts_with("/api") => request,
            None => request.form(&[("email", "nobody@example.com")]),
        };
        let answer = if route == "POST /api/auth/logout" { None } else { Some(request.send().await.unwrap()) };
        let policy = match answer {
            Some(answer) => Answer::of(answer).await.header("ratelimit-policy").to_owned(),
            None => String::new(),
        };
        let reported: Vec<&str> = policy.split(", ").filter_map(|policy| policy.split('"').nth(1)).collect();
        let expected: Vec<&str> = counters.split(", ").filter(|counter| !counter.starts_with("none")).collect();
        assert_eq!(reported, expected, "{route}: {policy}");
        documented.insert(route.clone(), reported.len());
    }
    let document = serde_json::to_value(api::document()).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let route = format!("{} {path}", method.to_uppercase());
            let counters = *documented.get(&route).unwrap_or_else(|| panic!("{route} is not in the table"));
            assert_eq!(operation["responses"]["429"].is_object(), counters > 0, "{route}");
            let good = operation["responses"].as_object().unwrap().iter().find(|(status, _)| status.starts_with('2'));
            assert_eq!(good.unwrap().1["headers"]["RateLimit"].is_object(), counters > 0, "{route}");
        }
    }
    service.end().await;
}
