//! Requests for resources of another account: they do not exist.

use carddav::{CardName, Resource};
use reqwest::{Method, StatusCode};

use super::{
    KINDS,
    account::{Account, Backstage, CARD},
    answer,
    callers::Caller,
    dav_requests::{multiget, sync_collection, valid},
    own_caller,
    references::References,
    requests::{Cell, all_requests},
    routes::{Needs, Route, routes},
    stored::Stored,
};
use crate::service::{Answer, Service};

/// Sends requests of `petro` that name what `olena` has: in every path parameter, in each documented input that can
/// name something, and in bodies and headers of CardDAV. No answer has anything of hers, and nothing of hers changes.
pub(super) async fn check(service: &Service, backstage: &Backstage, references: &References<'_>) {
    let before = Stored::read(backstage).await;
    let References { olena, petro, .. } = *references;
    check_paths(service, backstage, olena, petro).await;
    references.check().await;
    check_destinations(olena, petro).await;
    check_multiget(olena, petro).await;
    check_sync_token(olena, petro).await;
    let named = service.request(Method::from_bytes(b"PROPFIND").unwrap(), &petro.book());
    let named = named.basic_auth(&olena.email, Some(petro.secret("carddav")));
    assert_eq!(answer(named).await.status, StatusCode::UNAUTHORIZED, "an app password belongs to one user");
    before.expect_unchanged_for(olena, &Stored::read(backstage).await);
}

/// Sends the request of each route with a path parameter.
async fn check_paths(service: &Service, backstage: &Backstage, olena: &Account<'_>, petro: &Account<'_>) {
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

/// A card is not moved to the address book of another user.
async fn check_destinations(olena: &Account<'_>, petro: &Account<'_>) {
    for destination in [olena.card(), olena.book() + "moved.vcf"] {
        let moved = answer(petro.dav("MOVE", &petro.card()).header("destination", destination.as_str())).await;
        assert_eq!(moved.status, StatusCode::FORBIDDEN, "{destination}: {}", moved.text);
        olena.expect_absent(&moved, &destination);
    }
}

/// A report by path returns only the own cards, whatever the path of the request is.
async fn check_multiget(olena: &Account<'_>, petro: &Account<'_>) {
    let user = petro.user.0;
    let collections = [Resource::Root, Resource::Principal(user), Resource::Home(user), Resource::AddressBook(user)];
    let paths = collections.map(|resource| resource.href()).into_iter().chain(["/dav".to_owned(), petro.card()]);
    for path in paths {
        let report = petro.dav("REPORT", &path).header("content-type", "application/xml");
        let report = answer(report.body(multiget(&[&olena.card(), &petro.card()]))).await;
        let report = report.expect(StatusCode::MULTI_STATUS);
        let has_own = report.text.contains("404 Not Found") && report.text.contains(&petro.email);
        assert!(has_own, "{path}: {}", report.text);
        olena.expect_absent(&report, &path);
    }
}

/// A sync token of `olena` continues the address book of `petro` when he sends it.
async fn check_sync_token(olena: &Account<'_>, petro: &Account<'_>) {
    let first = changes(olena, "", "<limit><nresults>1</nresults></limit>").await;
    let (_, rest) = first.text.split_once("<d:sync-token>").unwrap();
    let (token, _) = rest.split_once("</d:sync-token>").unwrap();
    let own = changes(olena, token, "").await;
    assert!(own.text.contains(&olena.email), "{}", own.text);
    let other = changes(petro, token, "").await;
    assert!(other.text.contains(&petro.email), "{}", other.text);
    olena.expect_absent(&other, token);
}

/// Reads the cards of an account that were changed since a token.
async fn changes(account: &Account<'_>, token: &str, limit: &str) -> Answer {
    let report = account.dav("REPORT", &account.book()).header("content-type", "application/xml");
    answer(report.body(sync_collection(token, limit))).await.expect(StatusCode::MULTI_STATUS)
}
