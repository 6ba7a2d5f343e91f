//! Long lists and exports: sent in parts, and the same as short ones.

use std::{collections::BTreeSet, time::Duration};

use api::settings::Timeouts;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    time::{sleep, timeout},
};

use crate::{
    connection_process::fill_address_book,
    connections::address_of,
    process::Process,
    service::{Kind, Person, Service, on_both},
};

const PATIENCE: Duration = Duration::from_secs(20);

on_both!([("CONTACT_LIMIT", "5000")];
    page_of_1000_equals_ten_pages_of_100,
    export_of_2500_contacts_is_complete,
    long_list_of_birthdays_and_trash_is_complete,
    head_and_the_next_request_follow_a_long_list,
    documents_have_exactly_the_documented_members,
);

/// Adds contacts, 200 at a time, and returns their ids.
pub(crate) async fn fill(person: &Person<'_>, count: usize, contact: impl Fn(usize) -> Value) -> Vec<String> {
    let mut ids = Vec::new();
    let numbers: Vec<usize> = (0..count).collect();
    for numbers in numbers.chunks(200) {
        let operations: Vec<Value> =
            numbers.iter().map(|number| json!({"op": "create", "contact": contact(*number)})).collect();
        let batch = json!({ "operations": operations });
        let answer = person.send_json(Method::POST, "/api/contacts/batch", &batch).await.expect(StatusCode::OK).json;
        ids.extend(answer["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()));
    }
    ids
}

pub(crate) fn usual_contact(number: usize) -> Value {
    json!({
        "first_name": format!("Олена {}", number * 7919 % 1000), "last_name": "Коваль",
        "emails": [{"label": "дім", "address": format!("olena{number}@example.com")}],
        "notes": "і".repeat(number % 7 * 40 + 1), "birthday": format!("--{:02}-{:02}", number % 12 + 1, number % 28 + 1),
    })
}

async fn page_of_1000_equals_ten_pages_of_100(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    fill(&olena, 1_050, usual_contact).await;
    for query in ["sort=first_name", "sort=-birthday,created_at", "q=олена", "sort=created_at&skip=20"] {
        let long = olena.get(&format!("/api/contacts?{query}&limit=1000")).await.expect(StatusCode::OK);
        assert_eq!((long.header("transfer-encoding"), long.header("content-length")), ("chunked", ""));
        assert_eq!(long.header("content-type"), "application/json");
        let (mut items, mut page, mut path) = (Vec::new(), Value::Null, format!("/api/contacts?{query}&limit=100"));
        for _ in 0..10 {
            let short = olena.get(&path).await.expect(StatusCode::OK);
            page = short.json;
            items.extend(page["items"].as_array().unwrap().clone());
            let query = query.trim_end_matches("&skip=20");
            path = format!("/api/contacts?{query}&limit=100&cursor={}", page["next_cursor"].as_str().unwrap());
        }
        let skip = if query.contains("skip") { 20 } else { 0 };
        assert_eq!(long.json["items"].as_array().unwrap(), &items, "{query}");
        for (name, value) in [("total", json!(1050)), ("skip", json!(skip)), ("limit", json!(1000))] {
            assert_eq!(long.json[name], value, "{query} {name}");
        }
        assert_eq!(long.json["next_cursor"], page["next_cursor"], "{query}");
        assert_eq!(long.text.find("\"items\""), Some(1), "the order of the members");
    }
    let short = olena.get("/api/contacts?limit=50").await.expect(StatusCode::OK);
    assert_eq!(short.header("content-length"), short.text.len().to_string(), "a part is sent with its length");
    service.end().await;
}

async fn export_of_2500_contacts_is_complete(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let ids = fill(&olena, 2_500, usual_contact).await;
    let (trash, others) = ids.split_at(150);
    let operations: Vec<Value> = trash.iter().map(|id| json!({"op": "delete", "id": id})).collect();
    let batch = json!({ "operations": operations });
    olena.send_json(Method::POST, "/api/contacts/batch", &batch).await.expect(StatusCode::OK);
    let export = olena.get("/api/me/export").await.expect(StatusCode::OK);
    assert_eq!(export.header("transfer-encoding"), "chunked");
    let in_export = |path: fn(&Value) -> &Value, name: &str| -> Vec<String> {
        let items = export.json[name].as_array().unwrap();
        items.iter().map(|item| path(item)["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(in_export(|contact| contact, "contacts"), others, "oldest first");
    let trashed: BTreeSet<String> = in_export(|trashed| &trashed["contact"], "trash").into_iter().collect();
    assert_eq!(trashed, trash.iter().cloned().collect());
    let one = olena.get(&format!("/api/contacts/{}", others[7])).await.expect(StatusCode::OK);
    assert!(export.text.contains(&one.text), "a contact is the same everywhere, byte for byte");
    // Before the user there are sentences on all members.
    let text = &export.text[export.text.find("\"user\":{").unwrap()..];
    let members = ["user", "pending_email", "sessions", "contacts", "trash", "received_cards"];
    let members: Vec<_> = [&members[..], &["waiting_mails", "unused_links", "audit_events"]]
        .concat()
        .into_iter()
        .map(|name| text.find(&format!("\"{name}\":")).unwrap())
        .collect();
    assert!(members.is_sorted(), "the order of the members: {members:?}");
    service.end().await;
}

async fn long_list_of_birthdays_and_trash_is_complete(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let large = |number| {
        let mut contact = usual_contact(number);
        contact["notes"] = json!("і".repeat(2_000));
        contact
    };
    let ids: BTreeSet<String> = fill(&olena, 300, large).await.into_iter().collect();
    let birthdays = olena.get("/api/contacts/birthdays?days=366").await.expect(StatusCode::OK);
    assert_eq!(birthdays.header("transfer-encoding"), "chunked");
    let items = birthdays.json["items"].as_array().unwrap();
    assert!(items.iter().map(|item| item["days_until"].as_i64().unwrap()).is_sorted());
    let found: BTreeSet<String> = items.iter().map(|item| item["contact"]["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!((items.len(), found), (300, ids.clone()));

    let deletions: Vec<Value> = ids.iter().take(120).map(|id| json!({"op": "delete", "id": id})).collect();
    let batch = json!({ "operations": deletions });
    olena.send_json(Method::POST, "/api/contacts/batch", &batch).await.expect(StatusCode::OK);
    let first = olena.get("/api/contacts/trash?limit=100").await.expect(StatusCode::OK);
    assert_eq!((first.header("transfer-encoding"), &first.json["total"]), ("chunked", &json!(120)));
    let cursor = first.json["next_cursor"].as_str().unwrap();
    let second = olena.get(&format!("/api/contacts/trash?limit=100&cursor={cursor}")).await.expect(StatusCode::OK);
    let pages = [&first, &second].map(|page| page.json["items"].as_array().unwrap().clone());
    assert_eq!(pages.each_ref().map(Vec::len), [100, 20]);
    let found: BTreeSet<&str> = pages.iter().flatten().map(|item| item["contact"]["id"].as_str().unwrap()).collect();
    assert_eq!(found, ids.iter().take(120).map(String::as_str).collect());
    service.end().await;
}

/// The next response on a connection, with its body if it is chunked.
async fn response(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let line = async |stream: &mut TcpStream| {
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            line.push(timeout(PATIENCE, stream.read_u8()).await.unwrap().unwrap());
        }
        String::from_utf8(line).unwrap()
    };
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        head.push_str(&line(stream).await);
    }
    let mut body = Vec::new();
    while head.contains("transfer-encoding: chunked") {
        let length = usize::from_str_radix(line(stream).await.trim(), 16).unwrap();
        let mut chunk = vec![0; length + 2];
        timeout(PATIENCE, stream.read_exact(&mut chunk)).await.unwrap().unwrap();
        body.extend_from_slice(&chunk[..length]);
        if length == 0 {
            break;
        }
    }
    (head, body)
}

async fn head_and_the_next_request_follow_a_long_list(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    fill(&olena, 400, usual_contact).await;
    let mut stream = TcpStream::connect(address_of(&service.base)).await.unwrap();
    let request = |method: &str, path: &str| {
        format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n\r\n", olena.access_token)
    };
    for path in ["/api/contacts?limit=1000", "/api/me/export"] {
        stream.write_all(request("GET", path).as_bytes()).await.unwrap();
        let (head, body) = response(&mut stream).await;
        assert!(head.starts_with("HTTP/1.1 200") && !head.contains("connection: close"), "{head}");
        serde_json::from_slice::<Value>(&body).unwrap();
    }
    // Both have the same head, and HEAD has no body: the next response follows at once.
    stream.write_all(request("HEAD", "/api/contacts?limit=1000").as_bytes()).await.unwrap();
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        head.push(char::from(timeout(PATIENCE, stream.read_u8()).await.unwrap().unwrap()));
    }
    assert!(head.contains("transfer-encoding: chunked"), "{head}");
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let (head, _) = response(&mut stream).await;
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("content-length"), "{head}");
    service.end().await;
}

/// The documents that are written member by member have the members of their schemas, in the same order.
async fn documents_have_exactly_the_documented_members(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let ids = fill(&olena, 2, usual_contact).await;
    olena.send(Method::DELETE, &format!("/api/contacts/{}", ids[0])).await.expect(StatusCode::NO_CONTENT);
    let batch = json!({"operations": [{"op": "create", "contact": usual_contact(1)}]});
    let results = olena.send_json(Method::POST, "/api/contacts/batch", &batch).await.expect(StatusCode::OK).json;
    let get = async |path: &str| olena.get(path).await.expect(StatusCode::OK).json;
    let (page, trash) = (get("/api/contacts").await, get("/api/contacts/trash").await);
    let birthdays = get("/api/contacts/birthdays?days=366").await;
    let export = get("/api/me/export").await;
    let document = serde_json::to_value(api::document()).unwrap();
    for (schema, value) in [
        ("ContactPage", &page),
        ("Contact", &page["items"][0]),
        ("TrashPage", &trash),
        ("TrashedContact", &trash["items"][0]),
        ("Contact", &trash["items"][0]["contact"]),
        ("BirthdayList", &birthdays),
        ("UpcomingBirthday", &birthdays["items"][0]),
        ("BatchResult", &results),
        ("BatchOperationResult", &results["items"][0]),
        ("AccountExport", &export),
        ("TrashedContact", &export["trash"][0]),
    ] {
        let members = |object: &Value| object.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
        let documented = members(&document["components"]["schemas"][schema]["properties"]);
        assert_eq!(members(value), documented, "{schema}");
    }
    service.end().await;
}

/// A connection with a small window that has sent a request.
async fn ask(base: &str, path: &str, token: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(16 * 1024).unwrap();
    let mut stream = socket.connect(address_of(base)).await.unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nx-request-id: long-list\r\n");
    let request = format!("{head}authorization: Bearer {token}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

#[actix_web::test]
async fn client_that_stops_reading_a_long_list_is_disconnected() {
    let timeouts = Timeouts { write: Duration::from_secs(1), ..Timeouts::default() };
    let service = Service::start_with(Kind::Sqlite, &[("METRICS_ADDR", "127.0.0.1:0")], timeouts).await;
    let olena = service.stored_person("olena@example.com").await;
    let base = service.base.clone();
    fill_address_book(&base, &olena.access_token).await;
    for path in ["/api/contacts?limit=1000", "/api/me/export", "/api/contacts/export"] {
        let mut deaf = ask(&base, path, &olena.access_token).await;
        let mut start = [0; 1000];
        deaf.read_exact(&mut start).await.unwrap();
        assert!(start.starts_with(b"HTTP/1.1 200"));
        let mut steady = ask(&base, path, &olena.access_token).await;
        let (mut taken, mut piece) = (Vec::new(), [0; 64 * 1024]);
        while let bytes @ 1.. = timeout(PATIENCE, steady.read(&mut piece)).await.unwrap().unwrap() {
            taken.extend_from_slice(&piece[..bytes]);
            sleep(Duration::from_millis(20)).await;
        }
        assert!(taken.ends_with(b"\r\n0\r\n\r\n") && taken.len() > 4_000_000, "{path}: {}", taken.len());
        let mut rest = Vec::new();
        // It has read nothing for longer than the deadline.
        let end = timeout(PATIENCE, deaf.read_to_end(&mut rest)).await.unwrap();
        assert!(end.is_err() && rest.len() < 1_000_000, "{path}: {end:?} {}", rest.len());
    }
    let metrics = reqwest::get(format!("{}/metrics", service.metrics_base.as_ref().unwrap())).await.unwrap();
    let metrics = metrics.text().await.unwrap();
    assert!(metrics.contains("contacts_connections_timed_out_total{state=\"write\"} 3"), "{metrics}");
    service.end().await;
}

/// Reads until the connection ends, and returns everything.
async fn rest_of(mut stream: TcpStream) -> Vec<u8> {
    let mut rest = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut rest)).await;
    assert!(read.is_ok(), "still open");
    rest
}

#[actix_web::test]
async fn failure_in_the_middle_closes_the_connection_and_is_logged() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("contacts.db").display());
    let variables = [("DATABASE_URL", url.as_str()), ("RATE_LIMIT_CONTACT_BATCH", "off"), ("RUST_LOG", "info")];
    let process = Process::start_with(&folder, "log", &variables).await;
    let token = process.register_and_sign_in(&folder, "olena@example.com").await;
    fill_address_book(&process.base, &token).await;
    for (earlier, path) in ["/api/contacts?limit=1000", "/api/contacts/export"].iter().enumerate() {
        let stream = ask(&process.base, path, &token).await;
        // Its first part has been read: more of it does not fit into the buffers.
        stream.readable().await.unwrap();
        testkit::database::execute(&url, "ALTER TABLE contacts RENAME TO hidden").await;
        let answer = rest_of(stream).await;
        assert!(answer.starts_with(b"HTTP/1.1 200") && answer.len() < 4_000_000, "{}", answer.len());
        assert!(!answer.ends_with(b"0\r\n\r\n"), "the end of the body is missing");
        testkit::database::execute(&url, "ALTER TABLE hidden RENAME TO contacts").await;
        let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
        let line = log.lines().filter(|line| line.contains("response aborted")).nth(earlier).unwrap();
        assert!(line.contains("long-list") && line.contains("no such table"), "{line}");
    }
}

#[actix_web::test]
async fn long_list_is_finished_before_shutdown() {
    let folder = tempfile::tempdir().unwrap();
    let variables = [("RATE_LIMIT_CONTACT_BATCH", "off"), ("RUST_LOG", "warn")];
    let mut process = Process::start_with(&folder, "log", &variables).await;
    let token = process.register_and_sign_in(&folder, "olena@example.com").await;
    fill_address_book(&process.base, &token).await;
    let stream = ask(&process.base, "/api/contacts?limit=1000", &token).await;
    stream.readable().await.unwrap();
    process.signal("TERM");
    sleep(Duration::from_millis(500)).await;
    let answer = rest_of(stream).await;
    assert!(answer.ends_with(b"\r\n0\r\n\r\n") && answer.len() > 4_000_000, "{}", answer.len());
    assert_eq!(process.ended().await.code(), Some(0));
}
