//! Requests that are rejected, with errors of DAV.

use reqwest::StatusCode;

use super::device::{Device, NAMESPACES, XML, card, named};
use crate::service::{Service, on_both};

on_both!(
    hostile_xml_is_rejected,
    bodies_that_are_no_card_are_rejected,
    impossible_names_are_rejected,
    wrong_methods_and_headers_are_rejected,
    requests_to_a_missing_card_are_not_found,
    encoded_bodies_are_rejected,
);

mod limited {
    crate::service::on_both!([("RATE_LIMIT_DAV", "3/h")]; rejection_by_the_limit_can_be_repeated);
    use super::rejection_by_the_limit_can_be_repeated;
}

async fn hostile_xml_is_rejected(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let device = Device::of(&service, &olena).await;
    let roots = [("PROPFIND", "propfind"), ("PROPPATCH", "propertyupdate"), ("REPORT", "sync-collection")];
    for (method, root) in roots {
        let bomb = "<!DOCTYPE a [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]>";
        let bodies = [
            format!("{bomb}<{root} xmlns=\"DAV:\">&b;</{root}>"),
            format!("<!DOCTYPE {root}>{XML}"),
            format!("{XML}<{root} {NAMESPACES}><prop><x:a/></prop></{root}>"),
            format!("{XML}<{root} {NAMESPACES}><prop>&nbsp;</prop></{root}>"),
            format!("{XML}<{root} {NAMESPACES}><prop>"),
            format!("{XML}<{root} {NAMESPACES}>{}", "<prop>".repeat(50)),
            "{}".to_owned(),
            "\u{0}".to_owned(),
        ];
        for body in &bodies {
            let answer = device.send(method, &device.book(), &[("depth", "0")], body).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{method} {body}: {}", answer.text);
            assert_eq!(answer.header("content-type"), "application/xml; charset=utf-8");
            assert!(answer.text.contains("<d:error"), "{}", answer.text);
        }
    }
    let large = format!("{XML}<propfind {NAMESPACES}>{}</propfind>", " ".repeat(10 << 20));
    let answer = device.send("PROPFIND", &device.book(), &[], &large).await.expect(StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.text.contains("<d:error"), "{}", answer.text);
    let unknown = format!("{XML}<expand-property {NAMESPACES}/>");
    let answer = device.send("REPORT", &device.book(), &[], &unknown).await.expect(StatusCode::FORBIDDEN);
    assert!(answer.text.contains("<d:supported-report/>"), "{}", answer.text);
    let answer = device.send("PROPFIND", "/dav/", &[("depth", "infinity")], "").await.expect(StatusCode::FORBIDDEN);
    assert!(answer.text.contains("<d:propfind-finite-depth/>"), "{}", answer.text);
    let change = format!(
        "{XML}<propertyupdate {NAMESPACES}><set><prop><displayname>x</displayname></prop></set></propertyupdate>"
    );
    let answer = device.send("PROPPATCH", &device.book(), &[], &change).await.expect(StatusCode::MULTI_STATUS);
    assert!(answer.text.contains("403 Forbidden"), "{}", answer.text);
}

async fn bodies_that_are_no_card_are_rejected(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let device = Device::of(&service, &olena).await;
    let one = named("u-1", "Леся");
    for body in [String::new(), "x".to_owned(), one.repeat(2), one.replace("END:VCARD\r\n", "")] {
        let answer = device.put("a.vcf", &[], &body).await.expect(StatusCode::FORBIDDEN);
        assert!(answer.text.contains("<card:valid-address-data/>"), "{}", answer.text);
    }
    let large = card(&["FN:A", &format!("NOTE:{}", "x".repeat(300 << 10))]);
    let huge = card(&["FN:A", &format!("NOTE:{}", "x".repeat(10 << 20))]);
    for body in [large, huge] {
        let answer = device.put("a.vcf", &[], &body).await;
        assert!(matches!(answer.status.as_u16(), 403 | 413), "{}", answer.text);
        assert!(answer.text.contains("<card:max-resource-size/>"), "{}", answer.text);
    }
    let path = device.path("a.vcf");
    let answer = device.send("PUT", &path, &[("content-type", "application/json")], "{}").await;
    assert!(answer.status == 403 && answer.text.contains("<card:supported-address-data/>"), "{}", answer.text);
    device.send("PUT", &path, &[], &one).await.expect(StatusCode::CREATED);
}

async fn impossible_names_are_rejected(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let device = Device::of(&service, &olena).await;
    let text = named("u-1", "Леся");
    for name in ["a%2Fb.vcf", "a/b.vcf", "%00.vcf", &"x".repeat(513), "%FF.vcf", "%0A"] {
        let answer = device.put(name, &[], &text).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}: {}", answer.text);
        assert!(answer.text.contains("<d:error"), "{}", answer.text);
    }
    for (number, name) in ["%25.vcf", "..vcf", "%3F%23", &"x".repeat(300), "%D1%97"].iter().enumerate() {
        let text = named(&format!("n-{number}"), "Леся");
        device.put(name, &[], &text).await.expect(StatusCode::CREATED);
        assert_eq!(device.get(name).await.expect(StatusCode::OK).text, text);
    }
    let (all, _) = device.sync("").await;
    let paths: Vec<&str> = all.iter().map(|response| &*response.href).collect();
    assert!(device.multiget(&paths).await.iter().all(|response| response.card.is_some()), "each path leads back");
}

async fn wrong_methods_and_headers_are_rejected(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let device = Device::of(&service, &olena).await;
    for method in ["POST", "MKCOL", "LOCK", "COPY", "PATCH"] {
        let answer = device.send(method, &device.book(), &[], "").await.expect(StatusCode::METHOD_NOT_ALLOWED);
        assert!(answer.header("allow").contains("PROPFIND") && answer.text.contains("<d:error"), "{}", answer.text);
    }
    for method in ["GET", "PUT", "DELETE"] {
        device.send(method, &device.book(), &[], "").await.expect(StatusCode::METHOD_NOT_ALLOWED);
    }
    device.send("PROPFIND", "/dav/", &[("depth", "2")], "").await.expect(StatusCode::BAD_REQUEST);
    let text = named("u-1", "Леся");
    device.put("a.vcf", &[("if-match", "\"a\"b\"")], &text).await.expect(StatusCode::BAD_REQUEST);
    device.put("a.vcf", &[("if-match", "\"1\", \"2.x\"")], &text).await.expect(StatusCode::PRECONDITION_FAILED);
    for path in ["/dav/x", "/dav/principals/", "/dav/books/x/", "/davx"] {
        device.send("PROPFIND", path, &[], "").await.expect(StatusCode::NOT_FOUND);
    }
}

async fn requests_to_a_missing_card_are_not_found(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let device = Device::of(&service, &olena).await;
    let change =
        format!("{XML}<propertyupdate {NAMESPACES}><set><prop><getetag>x</getetag></prop></set></propertyupdate>");
    let report = format!(
        "{XML}<c:addressbook-multiget {NAMESPACES}><prop><getetag/></prop><href>{}</href></c:addressbook-multiget>",
        device.path("a.vcf")
    );
    let (change, report) = (change.as_str(), report.as_str());
    let requests = [("PROPFIND", ""), ("PROPPATCH", change), ("REPORT", report), ("GET", ""), ("DELETE", "")];
    for (method, body) in requests {
        let answer = device.send(method, &device.path("a.vcf"), &[], body).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method}: {}", answer.text);
        assert!(answer.text.contains("<d:error"), "{}", answer.text);
    }
    device.put("a.vcf", &[], &named("u-1", "Леся")).await.expect(StatusCode::CREATED);
    for (method, body) in [("PROPPATCH", change), ("REPORT", report)] {
        let answer = device.send(method, &device.path("a.vcf"), &[], body).await;
        assert_eq!(answer.status, StatusCode::MULTI_STATUS, "{method}: {}", answer.text);
    }
}

async fn encoded_bodies_are_rejected(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let device = Device::of(&service, &olena).await;
    let (book, path, text) = (device.book(), device.path("a.vcf"), named("u-1", "Леся"));
    let report = format!("{XML}<sync-collection {NAMESPACES}><prop><getetag/></prop></sync-collection>");
    let change = format!(
        "{XML}<propertyupdate {NAMESPACES}><set><prop><displayname>x</displayname></prop></set></propertyupdate>"
    );
    let requests = [
        ("PROPFIND", &book, "", StatusCode::MULTI_STATUS),
        ("PROPPATCH", &book, change.as_str(), StatusCode::MULTI_STATUS),
        ("REPORT", &book, report.as_str(), StatusCode::MULTI_STATUS),
        ("PUT", &path, text.as_str(), StatusCode::CREATED),
    ];
    for (method, path, body, accepted) in requests {
        let answer = device.send(method, path, &[("content-encoding", "gzip")], body).await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{method}: {}", answer.text);
        assert_eq!(answer.header("content-type"), "application/xml; charset=utf-8", "{method}");
        assert_eq!(answer.header("accept-encoding"), "identity", "{method}");
        assert!(answer.text.contains("<d:error"), "{}", answer.text);
        assert!(answer.text.contains("Send the body without Content-Encoding."), "{}", answer.text);
        device.send(method, path, &[("content-encoding", "identity")], body).await.expect(accepted);
    }
}

async fn rejection_by_the_limit_can_be_repeated(service: Service) {
    let olena = service.stored_person("olena@example.com").await;
    let device = Device::of(&service, &olena).await;
    for _ in 0..3 {
        device.send("PROPFIND", "/dav/", &[], "").await.expect(StatusCode::MULTI_STATUS);
    }
    let answer = device.send("PROPFIND", "/dav/", &[], "").await.expect(StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.header("retry-after").parse::<u32>().unwrap() >= 1);
    assert!(answer.text.contains("<d:error"), "{}", answer.text);
}
