//! PUT, DELETE and MOVE.

use image::ImageFormat;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::device::{Device, card, named, responses};
use crate::{
    pictures::encoded,
    service::{Service, on_both},
};

on_both!(
    put_card_is_a_contact_and_comes_back_unchanged,
    card_without_uid_or_name_is_accepted,
    precondition_decides_between_two_devices,
    uid_belongs_to_one_card,
    deleted_card_is_in_the_trash,
    renamed_card_is_the_same_contact,
    photo_is_inside_of_the_card,
    group_is_served_to_devices_only,
    change_of_rest_changes_its_line_only,
);

mod limited {
    crate::service::on_both!([("CONTACT_LIMIT", "2")]; full_address_book_takes_no_card);
    use super::full_address_book_takes_no_card;
}

async fn contacts(person: &crate::service::Person<'_>) -> Vec<Value> {
    person.get("/api/contacts").await.expect(StatusCode::OK).json["items"].as_array().unwrap().clone()
}

async fn put_card_is_a_contact_and_comes_back_unchanged(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let device = Device::of(&service, &olena).await;
    let lines = ["UID:u-1", "FN:Леся Українка", "N:Українка;Леся;;;", "TEL;TYPE=CELL:ask Eva", "X-OWN;A=b:c\\,d <&>"];
    let text = card(&lines);
    let created = device.put("a b%C3%97.vcf", &[("if-none-match", "*")], &text).await.expect(StatusCode::CREATED);
    let answer = device.get("a%20b%c3%97.vcf").await.expect(StatusCode::OK);
    assert_eq!((answer.text.as_str(), answer.header("etag")), (&*text, created.header("etag")));
    assert!(!created.header("etag").is_empty());
    let found = contacts(&olena).await;
    assert_eq!((found.len(), &found[0]["first_name"]), (1, &json!("Леся")));
    // Version 4.0 is served as 3.0, so the answer has no tag.
    let newer = text.replace("VERSION:3.0", "VERSION:4.0").replace("Леся", "Лариса");
    let answer = device.put("a%20b%C3%97.vcf", &[], &newer).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(answer.header("etag"), "");
    let served = device.get("a%20b%C3%97.vcf").await.text;
    assert!(served.contains("VERSION:3.0\r\n") && served.contains("X-OWN;A=b:c\\,d <&>\r\n"), "{served}");
    assert_eq!(contacts(&olena).await[0]["first_name"], "Лариса");
}

async fn card_without_uid_or_name_is_accepted(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let device = Device::of(&service, &olena).await;
    let answer = device.put("a.vcf", &[], &card(&["NOTE:x"])).await.expect(StatusCode::CREATED);
    assert_eq!(answer.header("etag"), "", "the UID is new");
    let served = device.get("a.vcf").await.text;
    assert!(served.contains("\r\nUID:") && served.contains("NOTE:x\r\n"), "{served}");
    let again = device.put("a.vcf", &[], &served).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(device.get("a.vcf").await.header("etag"), again.header("etag"));
    let odd = card(&["UID:u-2", "FN:\u{1}A\u{8}", "TEL:(((", "EMAIL:none", "BDAY:soon", "CATEGORIES:,,"]);
    device.put("b.vcf", &[], &odd).await.expect(StatusCode::CREATED);
    let served = device.get("b.vcf").await.text;
    assert!(served.contains("BDAY:soon\r\n") && !served.contains('\u{1}'), "{served:?}");
    let many: Vec<String> = (0..5000).map(|number| format!("TEL:{number:07}")).collect();
    let many: Vec<&str> = ["UID:u-3", "FN:A"].into_iter().chain(many.iter().map(String::as_str)).collect();
    device.put("c.vcf", &[], &card(&many)).await.expect(StatusCode::CREATED);
    assert!(device.get("c.vcf").await.text.contains("TEL:0004999\r\n"));
    assert_eq!(contacts(&olena).await.len(), 3);
}

async fn precondition_decides_between_two_devices(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let (phone, laptop) = (Device::of(&service, &olena).await, Device::of(&service, &olena).await);
    let created = phone.put("a.vcf", &[], &named("u-1", "Леся")).await.expect(StatusCode::CREATED);
    let tag = created.header("etag").to_owned();
    phone.put("a.vcf", &[("if-none-match", "*")], &named("u-1", "Х")).await.expect(StatusCode::PRECONDITION_FAILED);
    let weak = format!("W/{}-gzip\"", tag.strip_suffix('"').unwrap());
    laptop.put("a.vcf", &[("if-match", &weak)], &named("u-1", "Лариса")).await.expect(StatusCode::NO_CONTENT);
    let stale = phone.put("a.vcf", &[("if-match", &tag)], &named("u-1", "Олена")).await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);
    assert!(stale.text.contains("<d:error"), "{}", stale.text);
    let delete = phone.send("DELETE", &phone.path("a.vcf"), &[("if-match", &tag)], "").await;
    assert_eq!(delete.status, StatusCode::PRECONDITION_FAILED);
    phone.put("b.vcf", &[("if-match", "*")], &named("u-2", "Х")).await.expect(StatusCode::PRECONDITION_FAILED);
    let stale = format!("{tag}, \"0.1\"");
    phone.put("a.vcf", &[("if-none-match", &stale)], &named("u-1", "Лариса")).await.expect(StatusCode::NO_CONTENT);
    let current = phone.get("a.vcf").await.header("etag").to_owned();
    let same = phone.put("a.vcf", &[("if-none-match", &current)], &named("u-1", "Х")).await;
    assert_eq!(same.status, StatusCode::PRECONDITION_FAILED);
    phone.put("c.vcf", &[("if-none-match", &current)], &named("u-3", "Нова")).await.expect(StatusCode::CREATED);
    // Without a precondition the last one wins, and the former text stays. `*` names no state that the client has seen.
    for (if_match, text, former) in [(None, "Олена", "Лариса"), (Some("*"), "Ольга", "Олена")] {
        let headers: Vec<_> = if_match.map(|value| ("if-match", value)).into_iter().collect();
        phone.put("a.vcf", &headers, &named("u-1", text)).await.expect(StatusCode::NO_CONTENT);
        let export = olena.get("/api/me/export").await.expect(StatusCode::OK).json;
        let received = &export["received_cards"][0];
        assert!(received["text"].as_str().unwrap().contains(text), "{received}");
        assert!(received["former_text"].as_str().unwrap().contains(former), "{received}");
    }
    let both = [("if-match", "*"), ("if-none-match", "\"0.1\"")];
    phone.put("b.vcf", &both, &named("u-2", "Х")).await.expect(StatusCode::PRECONDITION_FAILED);
    check_both_preconditions(&phone).await;
}

/// Checks `If-Match` together with `If-None-Match` on the card `a.vcf`.
async fn check_both_preconditions(phone: &Device<'_>) {
    let path = phone.path("a.vcf");
    // Both headers, and the answers to a read, to a deletion that is rejected, and to a change. `{tag}` is the tag of the
    // card, and `{n}` the number of its change.
    let cases = [
        ("{tag}", "", 200, 204),
        ("W/{tag}", "", 200, 204),
        ("{tag},", "", 200, 204),
        (", \"0.1\",,{tag}", "", 200, 204),
        // The same state in the form of another version of the service, and in vCard 4.0.
        ("\"{n}.0\"", "", 200, 204),
        ("\"{n}.23\"", "", 200, 204),
        ("\"{n}.1-4\"", "", 200, 204),
        ("*", "", 200, 204),
        ("*", "\"0.1\"", 200, 204),
        ("{tag}", "\"0.1\"", 200, 204),
        ("", "\"0.1\",", 200, 204),
        ("\"0.1\"", "", 412, 412),
        ("\"{n}\"", "", 412, 412),
        ("\"{n}.\"", "", 412, 412),
        ("\"{n}.01\"", "", 412, 412),
        ("\"0{n}.1\"", "", 412, 412),
        ("\"{n}.1-3\"", "", 412, 412),
        ("\"0.1\"", "{tag}", 412, 412),
        ("\"0.1\"", "*", 412, 412),
        ("{tag}", "*", 304, 412),
        ("{tag}", "{tag}", 304, 412),
        ("*", "*", 304, 412),
        ("*", "{tag}", 304, 412),
        ("", "*", 304, 412),
        ("", "{tag}", 304, 412),
        // A representation that the client has not cached, of the state that it rejects.
        ("", "\"{n}.0\"", 200, 412),
        ("*", "\"{n}.0\"", 200, 412),
    ];
    for (number, (accepted, rejected, read, written)) in cases.into_iter().enumerate() {
        let tag = phone.get("a.vcf").await.header("etag").to_owned();
        let (change, _) = tag.trim_matches('"').split_once('.').unwrap();
        let [accepted, rejected] = [accepted, rejected].map(|text| text.replace("{tag}", &tag).replace("{n}", change));
        let mut headers = vec![("if-match", accepted.as_str()), ("if-none-match", rejected.as_str())];
        headers.retain(|(_, value)| !value.is_empty());
        let answer = phone.send("GET", &path, &headers, "").await;
        assert_eq!(answer.status.as_u16(), read, "GET {headers:?}");
        if written == 412 {
            let answer = phone.send("DELETE", &path, &headers, "").await;
            assert_eq!(answer.status.as_u16(), written, "DELETE {headers:?}");
        }
        let answer = phone.put("a.vcf", &headers, &named("u-1", &format!("Леся {number}"))).await;
        assert_eq!(answer.status.as_u16(), written, "PUT {headers:?}");
    }
}

async fn uid_belongs_to_one_card(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let device = Device::of(&service, &olena).await;
    device.put("a.vcf", &[], &named("u-1", "Леся")).await.expect(StatusCode::CREATED);
    let answer = device.put("b.vcf", &[], &named("u-1", "Леся")).await.expect(StatusCode::CONFLICT);
    let expected = format!("<card:no-uid-conflict><d:href>{}</d:href>", device.path("a.vcf"));
    assert!(answer.text.contains(&expected), "{}", answer.text);
    // A line without a UID is none, so each of these cards gets its own.
    let mut uids = Vec::new();
    for name in ["c.vcf", "d.vcf"] {
        let answer = device.put(name, &[], &card(&["UID:", "FN:Леся"])).await.expect(StatusCode::CREATED);
        assert_eq!(answer.header("etag"), "", "the card is served with another line");
        let served = device.get(name).await.text;
        let lines: Vec<&str> = served.lines().filter(|line| line.starts_with("UID:")).collect();
        assert_eq!(lines.len(), 1, "{served}");
        uids.push(lines[0].to_owned());
    }
    assert!(uids[0] != uids[1] && uids.iter().all(|uid| uid.len() == "UID:".len() + 36), "{uids:?}");
}

async fn deleted_card_is_in_the_trash(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let device = Device::of(&service, &olena).await;
    device.put("a.vcf", &[], &named("u-1", "Леся")).await.expect(StatusCode::CREATED);
    let (_, token) = device.sync("").await;
    device.send("DELETE", &device.path("a.vcf"), &[], "").await.expect(StatusCode::NO_CONTENT);
    device.send("DELETE", &device.path("a.vcf"), &[], "").await.expect(StatusCode::NOT_FOUND);
    device.get("a.vcf").await.expect(StatusCode::NOT_FOUND);
    let (changed, token) = device.sync(&token).await;
    assert_eq!((changed.len(), changed[0].status), (1, 404));
    let trash = olena.get("/api/contacts/trash").await.expect(StatusCode::OK).json;
    let id = trash["items"][0]["contact"]["id"].as_str().unwrap();
    olena.send(Method::POST, &format!("/api/contacts/{id}/restore")).await.expect(StatusCode::OK);
    let (changed, _) = device.sync(&token).await;
    assert_eq!((&*changed[0].href, changed[0].status), (&*device.path("a.vcf"), 200));
    device.send("DELETE", &device.book(), &[], "").await.expect(StatusCode::METHOD_NOT_ALLOWED);
}

async fn renamed_card_is_the_same_contact(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let device = Device::of(&service, &olena).await;
    device.put("a.vcf", &[], &named("u-1", "Леся")).await.expect(StatusCode::CREATED);
    device.put("c.vcf", &[], &named("u-2", "Інша")).await.expect(StatusCode::CREATED);
    let id = contacts(&olena).await.iter().find(|one| one["first_name"] == "Леся").unwrap()["id"].clone();
    let (_, token) = device.sync("").await;
    let to = async |from: &str, to: &str, overwrite: &str| {
        let url = format!("http://contacts.example{}", device.path(to));
        device.send("MOVE", &device.path(from), &[("destination", &url), ("overwrite", overwrite)], "").await.status
    };
    assert_eq!(to("a.vcf", "b.vcf", "F").await, StatusCode::CREATED);
    assert_eq!(to("b.vcf", "c.vcf", "F").await, StatusCode::PRECONDITION_FAILED);
    assert_eq!(to("a.vcf", "d.vcf", "F").await, StatusCode::NOT_FOUND);
    for malformed in ["no", "false", "", "FF"] {
        assert_eq!(to("b.vcf", "c.vcf", malformed).await, StatusCode::BAD_REQUEST, "{malformed:?}");
    }
    let (changed, _) = device.sync(&token).await;
    let mut changed: Vec<_> = changed.iter().map(|response| (&*response.href, response.status)).collect();
    changed.sort_unstable();
    assert_eq!(changed, [(&*device.path("a.vcf"), 404), (&*device.path("b.vcf"), 200)]);
    assert_eq!(to("b.vcf", "c.vcf", "T").await, StatusCode::NO_CONTENT);
    let found = contacts(&olena).await;
    assert_eq!((found.len(), &found[0]["id"]), (1, &id));
    for destination in ["/dav/books/", "/dav/books/00000000-0000-0000-0000-000000000000/contacts/a.vcf", "x"] {
        let answer = device.send("MOVE", &device.path("c.vcf"), &[("destination", destination)], "").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{destination}");
    }
    device.send("MOVE", &device.path("c.vcf"), &[], "").await.expect(StatusCode::BAD_REQUEST);
    let tag = device.get("c.vcf").await.header("etag").to_owned();
    assert_eq!(to("c.vcf", "%63.vcf", "T").await, StatusCode::FORBIDDEN, "the card itself");
    assert_eq!(to("a.vcf", "a.vcf", "T").await, StatusCode::NOT_FOUND);
    let destination = device.path("c.vcf");
    let stale = [("destination", destination.as_str()), ("if-match", "\"0.1\"")];
    let answer = device.send("MOVE", &destination, &stale, "").await;
    assert_eq!(answer.status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(device.get("c.vcf").await.header("etag"), tag, "nothing has changed");
}

async fn photo_is_inside_of_the_card(service: Service) {
    use base64::{Engine as _, engine::general_purpose::STANDARD};

    let olena = service.stored_person("olena@example.com").await;
    let device = Device::of(&service, &olena).await;
    let picture = STANDARD.encode(encoded(64, 48, ImageFormat::Jpeg));
    let with_photo = |first_name: &str, photo: &str| {
        named("u-1", first_name).replace("END:", &format!("PHOTO;ENCODING=b;TYPE=JPEG:{photo}\r\nEND:"))
    };
    let created = device.put("a.vcf", &[], &with_photo("Леся", &picture)).await.expect(StatusCode::CREATED);
    assert_eq!(created.header("etag"), "", "the picture was converted");
    let url = contacts(&olena).await[0]["photo_url"].as_str().unwrap().to_owned();
    let served = device.get("a.vcf").await.text;
    let unfolded = served.replace("\r\n ", "");
    let photo = unfolded.lines().find(|line| line.starts_with("PHOTO")).unwrap();
    let (_, photo) = photo.split_once(':').unwrap();
    assert!(STANDARD.decode(photo).unwrap().starts_with(&[0xff, 0xd8]), "a JPEG");
    // Its length and the filters include the photo, also when the text of the card is not asked for.
    let length = served.len().to_string();
    for (path, depth) in [(device.path("a.vcf"), "0"), (device.book(), "1")] {
        let listed = device.propfind(&path, depth, "<getcontentlength/>").await.text;
        assert!(listed.contains(&format!("<d:getcontentlength>{length}</d:getcontentlength>")), "{depth}: {listed}");
    }
    for (condition, is_found) in [("", true), ("<c:is-not-defined/>", false)] {
        let filter = format!("<c:filter><c:prop-filter name=\"photo\">{condition}</c:prop-filter></c:filter>");
        let found = device.report("c:addressbook-query", &format!("<prop><getetag/></prop>{filter}")).await;
        assert_eq!(responses(&found.text).len(), usize::from(is_found), "{condition}");
    }
    // The device sends back what it was given: the photo is the same one.
    device.put("a.vcf", &[], &served.replace("Леся", "Лариса")).await.expect(StatusCode::NO_CONTENT);
    let found = contacts(&olena).await;
    assert_eq!((found[0]["photo_url"].as_str(), &found[0]["first_name"]), (Some(&*url), &json!("Лариса")));
    // A picture that cannot be shown stays in the card, and so does the photo.
    let answer = device.put("a.vcf", &[], &with_photo("Леся", "QUJD")).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(answer.header("etag"), "", "the card is served with the photo");
    assert_eq!(contacts(&olena).await[0]["photo_url"], url);
    device.put("a.vcf", &[], &named("u-1", "Леся")).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(contacts(&olena).await[0]["photo_url"], Value::Null);
}

async fn group_is_served_to_devices_only(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let device = Device::of(&service, &olena).await;
    let group =
        card(&["UID:g-1", "FN:Friends", "X-ADDRESSBOOKSERVER-KIND:group", "X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:u"]);
    let created = device.put("g.vcf", &[], &group).await.expect(StatusCode::CREATED);
    let answer = device.get("g.vcf").await.expect(StatusCode::OK);
    assert_eq!((answer.text.as_str(), answer.header("etag")), (&*group, created.header("etag")));
    assert_eq!(contacts(&olena).await.len(), 0);
    assert_eq!(device.sync("").await.0.len(), 1);
    assert_eq!(device.multiget(&[&device.path("g.vcf")]).await[0].status, 200);
    let export = olena.get("/api/me/export").await.expect(StatusCode::OK).json;
    assert_eq!(export["groups"][0]["text"], group);
    device.send("DELETE", &device.path("g.vcf"), &[], "").await.expect(StatusCode::NO_CONTENT);
    assert_eq!(device.sync("").await.0.len(), 0);
}

async fn change_of_rest_changes_its_line_only(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let device = Device::of(&service, &olena).await;
    let lines = ["UID:u-1", "FN:Леся Українка", "N:Українка;Леся;;;", "TEL;TYPE=CELL;X-A=1:+380671112233", "X-OWN:1"];
    device.put("a.vcf", &[], &card(&lines)).await.expect(StatusCode::CREATED);
    let id = contacts(&olena).await[0]["id"].as_str().unwrap().to_owned();
    let (_, token) = device.sync("").await;
    let path = format!("/api/contacts/{id}");
    olena.send_json(Method::PATCH, &path, &json!({"nickname": "Лариса"})).await.expect(StatusCode::OK);
    assert_eq!(device.sync(&token).await.0.len(), 1);
    let served = device.get("a.vcf").await.text;
    for line in lines.iter().chain(&["NICKNAME:Лариса"]) {
        assert!(served.contains(&format!("{line}\r\n")), "{line}: {served}");
    }
}

async fn full_address_book_takes_no_card(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let device = Device::of(&service, &olena).await;
    for number in 0..2 {
        let text = named(&format!("u-{number}"), "Леся");
        device.put(&format!("{number}.vcf"), &[], &text).await.expect(StatusCode::CREATED);
    }
    let answer = device.put("2.vcf", &[], &named("u-2", "Леся")).await.expect(StatusCode::INSUFFICIENT_STORAGE);
    assert!(answer.text.contains("<d:error"), "{}", answer.text);
    device.put("0.vcf", &[], &named("u-0", "Лариса")).await.expect(StatusCode::NO_CONTENT);
}
