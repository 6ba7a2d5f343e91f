//! Discovery and reading.

use reqwest::{Method, StatusCode};
use serde_json::json;

use super::device::{Device, Response, between, named, responses};
use crate::service::{Answer, Kind, Service, on_both};

on_both!(
    client_finds_the_address_book,
    credentials_are_an_app_password_with_the_scope,
    other_users_have_no_address_book,
    contact_of_rest_is_a_card,
    changes_are_read_with_a_token,
    cards_are_found_by_a_filter,
    expired_token_begins_again,
);

mod large {
    crate::service::on_both!([("CONTACT_LIMIT", "1000")]; many_cards_are_read_in_parts);
    use super::many_cards_are_read_in_parts;
}

async fn client_finds_the_address_book(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let device = Device::of(&service, &olena).await;
    for method in ["GET", "HEAD", "OPTIONS", "PROPFIND", "PROPPATCH", "REPORT"] {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let request = service.request(Method::from_bytes(method.as_bytes()).unwrap(), "/.well-known/carddav");
        let answer = client.execute(request.build().unwrap()).await.unwrap();
        let location = answer.headers()["location"].to_str().unwrap();
        assert_eq!((answer.status().as_u16(), location), (301, "/dav/"), "{method}");
    }
    for path in ["/dav", "/dav/", &device.book()] {
        let answer = Answer::of(service.request(Method::OPTIONS, path).send().await.unwrap()).await;
        assert_eq!((answer.status, answer.header("dav")), (StatusCode::OK, "1, 3, addressbook"));
        assert!(answer.header("allow").contains("REPORT"));
    }
    let answer = device.propfind("/dav/", "0", "<current-user-principal/><resourcetype/>").await;
    assert_eq!(answer.header("content-type"), "application/xml; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "no-store");
    let principal = format!("/dav/principals/{}/", device.user);
    assert!(answer.text.contains(&format!("<d:href>{principal}</d:href>")), "{}", answer.text);
    let answer = device.propfind(&principal, "0", "<c:addressbook-home-set/><displayname/>").await;
    let home = format!("/dav/books/{}/", device.user);
    assert!(answer.text.contains(&format!("<d:href>{home}</d:href>")), "{}", answer.text);
    let properties = "<resourcetype/><displayname/><sync-token/><getctag xmlns=\"http://calendarserver.org/ns/\"/>\
                      <c:max-resource-size/><supported-report-set/><quota-used-bytes/>";
    let answer = device.propfind(&home, "1", properties).await;
    let found: Vec<String> = responses(&answer.text).into_iter().map(|response| response.href).collect();
    assert_eq!(found, [home, device.book()]);
    assert!(answer.text.contains("<card:addressbook/>") && answer.text.contains("sync-collection"), "{}", answer.text);
    assert!(answer.text.contains("<d:quota-used-bytes/>") && answer.text.contains("404 Not Found"));
    let minimal = device.send("PROPFIND", &device.book(), &[("depth", "0"), ("prefer", "return=minimal")], "").await;
    assert!(!minimal.text.contains("404"), "{}", minimal.text);
}

async fn credentials_are_an_app_password_with_the_scope(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let petro = service.stored_person("petro@example.com").await;
    let device = Device::of(&service, &olena).await;
    let script = Device::with_scopes(&service, &olena, &["api:read", "api:write"]).await;
    let propfind = || Method::from_bytes(b"PROPFIND").unwrap();
    let answer = Answer::of(service.request(propfind(), "/dav/").send().await.unwrap()).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.header("www-authenticate"), "Basic realm=\"Contacts\", charset=\"UTF-8\"");
    assert_eq!(answer.header("content-type"), "application/xml; charset=utf-8");
    assert!(answer.text.contains("<d:error") && answer.text.contains("an app password"), "{}", answer.text);
    assert!(!answer.text.contains("Bearer"), "the scheme of /api: {}", answer.text);
    let account = service.request(propfind(), "/dav/").basic_auth("olena@example.com", Some(crate::service::PASSWORD));
    assert_eq!(account.send().await.unwrap().status(), 401, "the password of the account");
    let answer = script.send("PROPFIND", "/dav/", &[], "").await.expect(StatusCode::FORBIDDEN);
    assert!(answer.text.contains("does not have the scope carddav"), "{}", answer.text);
    assert_eq!(answer.header("www-authenticate"), "", "the scheme of /api");
    let answer = device.request("PROPFIND", "/dav/").bearer_auth("x").send().await.unwrap();
    assert_eq!(answer.status(), 400, "two credentials");
    device.send("PROPFIND", "/dav/", &[], "").await.expect(StatusCode::MULTI_STATUS);
    let listed = olena.get("/api/me/app-passwords").await.json;
    for item in listed["items"].as_array().unwrap() {
        let path = format!("/api/me/app-passwords/{}", item["id"].as_str().unwrap());
        olena.send(Method::DELETE, &path).await.expect(StatusCode::NO_CONTENT);
    }
    assert_eq!(device.send("PROPFIND", "/dav/", &[], "").await.status, StatusCode::UNAUTHORIZED);
    drop(petro);
}

async fn other_users_have_no_address_book(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let petro = service.stored_person("petro@example.com").await;
    let (device, other) = (Device::of(&service, &olena).await, Device::of(&service, &petro).await);
    other.put("a.vcf", &[], &named("u-1", "Леся")).await.expect(StatusCode::CREATED);
    let paths = [other.book(), other.path("a.vcf"), format!("/dav/principals/{}/", other.user)];
    for path in &paths {
        for method in ["PROPFIND", "PROPPATCH", "REPORT", "GET", "PUT", "DELETE", "MOVE"] {
            let headers = [("destination", "/dav/books/x"), ("depth", "0")];
            let answer = device.send(method, path, &headers, "").await;
            assert!(matches!(answer.status.as_u16(), 404 | 403), "{method} {path}: {}", answer.status);
        }
    }
    let found = device.multiget(&[&other.path("a.vcf")]).await;
    assert_eq!(found.iter().map(|response| response.status).collect::<Vec<_>>(), [404]);
    other.get("a.vcf").await.expect(StatusCode::OK);
}

async fn contact_of_rest_is_a_card(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let device = Device::of(&service, &olena).await;
    let contact = olena.add(&json!({"first_name": "Леся", "phones": [{"number": "+380 67 111-22-33"}]})).await;
    let name = format!("{}.vcf", contact["id"].as_str().unwrap());
    let answer = device.get(&name).await.expect(StatusCode::OK);
    assert_eq!(answer.header("content-type"), "text/vcard; charset=utf-8");
    assert!(answer.text.contains("VERSION:3.0\r\n") && answer.text.contains("+380 67 111-22-33"), "{}", answer.text);
    let tag = answer.header("etag").to_owned();
    let known = device.send("GET", &device.path(&name), &[("if-none-match", &tag)], "").await;
    assert_eq!((known.status.as_u16(), &*known.text), (304, ""));
    assert!([&answer, &known].iter().all(|answer| answer.header("vary").starts_with("accept, ")));
    let newer = device.send("GET", &device.path(&name), &[("accept", "text/vcard; version=4.0")], "").await;
    assert!(newer.text.contains("VERSION:4.0\r\n"));
    let newer_tag = format!("{}-4\"", tag.strip_suffix('"').unwrap());
    assert_eq!(newer.header("etag"), newer_tag, "another representation has another tag");
    let (v3, v4) = (tag.as_str(), newer_tag.as_str());
    for (accept, cached, status, served) in [
        ("text/vcard; version=4.0", v3, 200, v4),
        ("text/vcard; version=4.0", v4, 304, v4),
        ("text/vcard", v4, 200, v3),
        ("text/vcard", v3, 304, v3),
        // The client prefers version 3.0, or does not read 4.0.
        ("text/vcard;version=4.0;q=0.1, text/vcard", v3, 304, v3),
        ("text/vcard;version=4.0;q=0, */*", v3, 304, v3),
        ("text/vcard;version=3.0;q=0.1, text/vcard;version=4.0;q=0.2, */*;q=0.1", v3, 200, v4),
    ] {
        let headers = [("accept", accept), ("if-none-match", cached)];
        let answer = device.send("GET", &device.path(&name), &headers, "").await;
        assert_eq!((answer.status.as_u16(), answer.header("etag")), (status, served), "{accept} {cached}");
    }
    let head = device.send("HEAD", &device.path(&name), &[], "").await.expect(StatusCode::OK);
    assert_eq!((head.header("etag"), &*head.text), (&*tag, ""));
    assert_eq!(head.header("content-length"), answer.text.len().to_string());
    let listed = responses(&device.propfind(&device.book(), "1", "<getetag/>").await.text);
    let own = listed.iter().find(|response| response.href == device.path(&name)).unwrap();
    assert_eq!((own.etag.as_deref(), listed.len()), (Some(&*tag), 2));
    let found = device.multiget(&[&device.path(&name), &device.path("nothing.vcf")]).await;
    assert_eq!(
        found[0].card.as_deref().map(|card| card.replace("\r\n", "\n")),
        Some(answer.text.replace("\r\n", "\n"))
    );
    assert_eq!((found[0].etag.as_deref(), found[1].status), (Some(&*tag), 404));
    let all = device.send("PROPFIND", &device.path(&name), &[], "").await.expect(StatusCode::MULTI_STATUS);
    assert_eq!(between(&all.text, "<d:getcontentlength>", "<"), Some(&*answer.text.len().to_string()));
    // Both tags name the same state of the card.
    let text = answer.text.replace("Леся", "Лариса");
    device.put(&name, &[("if-match", &newer_tag)], &text).await.expect(StatusCode::NO_CONTENT);
    device.put(&name, &[("if-match", &newer_tag)], &text).await.expect(StatusCode::PRECONDITION_FAILED);
}

async fn changes_are_read_with_a_token(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let device = Device::of(&service, &olena).await;
    let (all, token) = device.sync("").await;
    assert_eq!(all, []);
    assert_eq!(device.sync(&token).await, (Vec::new(), token.clone()));
    let contact = olena.add(&json!({"first_name": "Леся"})).await;
    device.put("b.vcf", &[], &named("u-1", "Лариса")).await.expect(StatusCode::CREATED);
    let name = format!("{}.vcf", contact["id"].as_str().unwrap());
    let (changed, token) = device.sync(&token).await;
    let paths: Vec<&str> = changed.iter().map(|response| &*response.href).collect();
    assert_eq!(paths, [device.path(&name), device.path("b.vcf")]);
    assert!(changed.iter().all(|response| response.status == 200 && response.etag.is_some()));

    let path = format!("/api/contacts/{}", contact["id"].as_str().unwrap());
    olena.send(Method::DELETE, &path).await.expect(StatusCode::NO_CONTENT);
    let (changed, after) = device.sync(&token).await;
    assert_eq!(changed, [Response { href: device.path(&name), status: 404, etag: None, card: None }]);
    let ctag = device.propfind(&device.book(), "0", "<sync-token/>").await;
    assert!(ctag.text.contains(&after), "{}", ctag.text);

    let limited = "<sync-token/><sync-level>1</sync-level><limit><nresults>1</nresults></limit><prop><getetag/></prop>";
    olena.add(&json!({"first_name": "Третя"})).await;
    let answer = device.report("sync-collection", limited).await.expect(StatusCode::MULTI_STATUS);
    assert!(answer.text.contains("507"), "{}", answer.text);
    let next = between(&answer.text, "<d:sync-token>", "</d:sync-token>").unwrap().to_owned();
    assert_eq!(device.sync(&next).await.0.iter().filter(|response| response.status == 200).count(), 1);
}

#[actix_web::test]
async fn change_on_one_replica_is_seen_on_the_other() {
    let service = Service::start(Kind::Postgres, &[]).await;
    let other = service.replica().await;
    let olena = service.stored_person("olena@example.com").await;
    let (device, elsewhere) = (Device::of(&service, &olena).await, Device::of(&other, &olena).await);
    let (_, token) = elsewhere.sync("").await;
    device.put("a.vcf", &[], &named("u-1", "Леся")).await.expect(StatusCode::CREATED);
    let (changed, _) = elsewhere.sync(&token).await;
    assert_eq!(changed.len(), 1);
    elsewhere.get("a.vcf").await.expect(StatusCode::OK);
    other.end().await;
    service.end().await;
}

async fn cards_are_found_by_a_filter(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let device = Device::of(&service, &olena).await;
    for first_name in ["Леся", "Лариса", "Іван"] {
        olena.add(&json!({"first_name": first_name, "last_name": "Косач"})).await;
    }
    let query = async |content: &str| {
        let content = format!("<prop><getetag/><c:address-data/></prop>{content}");
        device.report("c:addressbook-query", &content).await.expect(StatusCode::MULTI_STATUS)
    };
    let filter = r#"<c:filter><c:prop-filter name="FN"><c:text-match match-type="starts-with">л</c:text-match></c:prop-filter></c:filter>"#;
    let found = responses(&query(filter).await.text);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.iter().all(|response| response.card.as_ref().is_some_and(|card| card.contains("FN:Л"))));
    let limited = query(&format!("{filter}<c:limit><c:nresults>1</c:nresults></c:limit>")).await;
    assert!(limited.text.contains("507") && responses(&limited.text).len() == 2, "{}", limited.text);
    let all = query(r#"<c:filter><c:prop-filter name="EMAIL"><c:is-not-defined/></c:prop-filter></c:filter>"#).await;
    assert_eq!(responses(&all.text).len(), 3);
    let unfiltered = query("").await;
    assert_eq!(unfiltered.text, all.text, "without a filter all cards are found");
}

async fn many_cards_are_read_in_parts(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let device = Device::of(&service, &olena).await;
    let file: String = (0..300).map(|number| named(&format!("u-{number}"), &format!("Леся {number}"))).collect();
    let form = reqwest::multipart::Part::text(file).file_name("a.vcf");
    let form = reqwest::multipart::Form::new().part("file", form);
    let import = olena.request(Method::POST, "/api/contacts/import").multipart(form).send().await.unwrap();
    assert_eq!(import.status(), 200, "{:?}", import.text().await);
    let (all, _) = device.sync("").await;
    assert_eq!(all.len(), 300);
    let paths: Vec<&str> = all.iter().map(|response| &*response.href).collect();
    let cards = device.multiget(&paths).await;
    // Each card once, also in another spelling. What is no card is missing, in parts, too.
    let other = paths[0].replace(".vcf", "%2Evcf");
    let mut twice = vec!["/nothing"; 100];
    twice.extend([paths[0], paths[0], &other]);
    let found = device.multiget(&twice).await;
    assert_eq!((found.len(), &found[100]), (101, &cards[0]));
    assert!(found[..100].iter().all(|response| response.card.is_none() && response.href == "/nothing"));
    assert_eq!(cards.iter().map(|response| &*response.href).collect::<Vec<_>>(), paths);
    for (index, response) in cards.iter().enumerate() {
        assert!(response.card.as_ref().unwrap().contains(&format!("UID:u-{index}\r\n")), "{response:?}");
    }
    let content = "<sync-token/><sync-level>1</sync-level><prop><getetag/><c:address-data/></prop>";
    let at_once = responses(&device.report("sync-collection", content).await.expect(StatusCode::MULTI_STATUS).text);
    assert_eq!(at_once, cards);
}

async fn expired_token_begins_again(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let device = Device::of(&service, &olena).await;
    let (_, token) = device.sync("").await;
    let other_epoch = token.replace(|digit: char| digit.is_ascii_hexdigit() && digit.is_ascii_alphabetic(), "0");
    for token in ["urn:x-contacts:sync:0", "http://example.com/1", &format!("{token}9"), &other_epoch] {
        let content = format!("<sync-token>{token}</sync-token><sync-level>1</sync-level><prop><getetag/></prop>");
        let answer = device.report("sync-collection", &content).await.expect(StatusCode::FORBIDDEN);
        assert!(answer.text.contains("<d:valid-sync-token/>"), "{}", answer.text);
        let body =
            format!("{}<sync-collection {}>{content}</sync-collection>", super::device::XML, super::device::NAMESPACES);
        let headers = [("user-agent", "Mozilla/5.0 Thunderbird/153.0"), ("depth", "1")];
        let answer = device.send("REPORT", &device.book(), &headers, &body).await.expect(StatusCode::BAD_REQUEST);
        assert!(answer.text.contains("<d:valid-sync-token/>"), "{}", answer.text);
    }
}
