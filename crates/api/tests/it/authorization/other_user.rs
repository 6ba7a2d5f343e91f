//! Requests for resources of another account: they do not exist.

use carddav::{CardName, Resource};
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::{
    KINDS,
    account::{Account, Backstage, CARD},
    answer,
    callers::Caller,
    dav_requests::{multiget, valid},
    own_caller,
    requests::{Cell, all_requests},
    routes::{Needs, Route, routes},
};
use crate::service::Service;

/// Checks every path parameter, and every body and header that names something, with what `olena` has.
pub(super) async fn check(service: &Service, backstage: &Backstage, olena: &Account<'_>, petro: &Account<'_>) {
    let callers = KINDS.map(|kind| own_caller(petro, kind));
    let (requests, routes) = (all_requests(), routes());
    let mut paths = 0;
    for route in routes.iter().filter(|route| route.needs != Needs::Nothing && route.path().contains('{')) {
        let route_of_cell = (route.method(), route.path());
        let cell = Cell { service, backstage, account: olena, route: route_of_cell, number: 0 };
        for caller in callers.iter().filter(|caller| caller.rejection(&route.needs).is_none()) {
            paths += 1;
            if route.needs == Needs::Dav {
                check_dav_paths(&cell, caller, route, olena).await;
                continue;
            }
            let request = (requests[route.name.as_str()].make)(&cell).await;
            let answer = answer(caller.sign(request, &route.needs)).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{} by {}: {}", route.name, caller.name, answer.text);
            let code = answer.json["code"].as_str().unwrap();
            assert!(code.ends_with("-not-found") && code.len() > "-not-found".len(), "{}: {code}", route.name);
        }
    }
    assert!(paths > 20, "{paths}");
    check_batch(olena, petro).await;
    check_dav_references(service, olena, petro).await;
}

/// Checks each kind of resource of DAV that belongs to a user, and a new card.
async fn check_dav_paths(cell: &Cell<'_>, caller: &Caller, route: &Route, olena: &Account<'_>) {
    let user = olena.user.0;
    let card = |name: &str| Resource::Card(user, CardName::new(name).unwrap());
    let collections = [Resource::Principal(user), Resource::Home(user), Resource::AddressBook(user)];
    for resource in collections.into_iter().chain([card(CARD), card("new.vcf")]) {
        let path = match &resource {
            Resource::Root => panic!("the root belongs to no user"),
            // A new kind does not compile here. Add it to those above.
            Resource::Principal(_) | Resource::Home(_) | Resource::AddressBook(_) | Resource::Card(..) => {
                resource.href()
            }
        };
        let answer = answer(caller.sign(valid(cell, &path), &route.needs)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{} {path}: {}", route.method(), answer.text);
        assert!(!answer.text.contains(&olena.email), "{}", answer.text);
    }
}

/// A batch names contacts in its body.
async fn check_batch(olena: &Account<'_>, petro: &Account<'_>) {
    for operation in [
        json!({"op": "update", "id": olena.contact, "contact": {"notes": "x"}}),
        json!({"op": "delete", "id": olena.contact}),
    ] {
        let body = json!({"operations": [{"op": "create", "contact": {"first_name": "Нова"}}, operation]});
        let rejected = petro.person.send_json(Method::POST, "/api/contacts/batch", &body).await;
        let rejected = rejected.expect_problem(422, "batch-refused");
        assert_eq!(rejected.errors(), [("/operations/1/id", "contact-not-found")], "{}", rejected.text);
    }
}

/// Requests to the own address book that name a card, or a user, of another one.
async fn check_dav_references(service: &Service, olena: &Account<'_>, petro: &Account<'_>) {
    let request = |method: &str, path: &str, email: &str| {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        service.request(method, path).basic_auth(email, Some(petro.secret("carddav")))
    };
    let moved = request("MOVE", &petro.card(), &petro.email).header("destination", olena.book() + "moved.vcf");
    assert_eq!(answer(moved).await.status, StatusCode::FORBIDDEN);
    let body = multiget(&[&olena.card(), &petro.card()]);
    let report = request("REPORT", &petro.book(), &petro.email).header("content-type", "application/xml").body(body);
    let report = answer(report).await.expect(StatusCode::MULTI_STATUS).text;
    assert!(report.contains("404 Not Found") && report.contains(&petro.email), "{report}");
    assert!(!report.contains(&olena.email), "{report}");
    let named = answer(request("PROPFIND", &petro.book(), &olena.email)).await;
    assert_eq!(named.status, StatusCode::UNAUTHORIZED, "an app password belongs to one user");
}
