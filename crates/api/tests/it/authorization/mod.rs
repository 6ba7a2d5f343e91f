//! Authorization of every route: all callers, and the answers that they get.
//!
//! [`routes`] has the routes of the router, with the credential that the OpenAPI document requires of each. [`callers`] has
//! the callers, and derives the expected answer from both. [`requests`] has a valid request for each route, so that a
//! rejection has no other reason. A new route without a request, without documentation, or without a credential fails.
//!
//! [`registrations`] finds what answers requests and is not among the routes. [`other_user`] addresses what belongs to
//! another account: by the paths of all routes, and by [`references`] in the inputs that [`documented_inputs`] lists.
//! [`stored`] compares the rows and files of the service.

mod account;
mod callers;
mod dav_requests;
mod documented_inputs;
mod lost_access;
mod other_user;
mod page_requests;
mod references;
mod registrations;
mod requests;
mod routes;
mod stored;

use std::collections::BTreeSet;

use domain::app_password::Scope;
use reqwest::{Method, RequestBuilder};

use self::{
    account::{Account, Backstage},
    callers::{Caller, Callers, Credential, Rejection},
    references::References,
    requests::{Cell, Request, all_requests},
    routes::{Needs, Route, routes},
    stored::Stored,
};
use crate::service::{Answer, Service, on_both};

on_both!(
    [("CONTACT_LIMIT", "1000"), ("METRICS_ADDR", "127.0.0.1:0")];
    unauthorized_caller_is_rejected_and_changes_nothing,
    authorized_caller_succeeds_and_reads_no_other_account,
    public_route_ignores_credentials,
);

#[test]
fn each_route_has_a_request() {
    let routes: BTreeSet<String> = routes().into_iter().map(|route| route.name).collect();
    let requests: BTreeSet<String> = all_requests().into_keys().map(str::to_owned).collect();
    assert_eq!(routes, requests, "the router, and the table in requests.rs");
}

#[test]
fn each_scope_has_an_app_password() {
    assert_eq!(account::SCOPES, Scope::ALL.map(Scope::as_str));
    assert_eq!(KINDS[1..], account::SCOPES);
}

/// Credentials that authorize requests: a session, and app passwords by their scopes.
const KINDS: [&str; 4] = ["session", "carddav", "api:read", "api:write"];

async fn answer(request: RequestBuilder) -> Answer {
    Answer::of(request.send().await.unwrap()).await
}

/// Number of requests, by their expected answers.
#[derive(Debug, Default, PartialEq, Eq)]
struct Checked {
    rejected: usize,
    authorized: usize,
}

async fn unauthorized_caller_is_rejected_and_changes_nothing(service: Service) {
    let backstage = Backstage::of(&service).await;
    let Callers { accounts, callers } = Callers::create(&service, &backstage).await;
    let before = Stored::read(&backstage).await;
    before.expect_data_of(&accounts);
    let (requests, routes) = (all_requests(), routes());
    let secured: Vec<&Route> = routes.iter().filter(|route| route.needs != Needs::Nothing).collect();
    let mut checked = Checked::default();
    for caller in &callers {
        let account = &accounts[caller.account];
        for route in &secured {
            let route_of_cell = (route.method(), route.path());
            let cell = Cell { service: &service, backstage: &backstage, account, route: route_of_cell, number: 0 };
            if is_rejected(&cell, &requests[route.name.as_str()], caller, route).await {
                checked.rejected += 1;
            } else {
                checked.authorized += 1;
            }
        }
    }
    let by_scope = |scope: &str| secured.iter().filter(|route| route.needs == Needs::Scope(scope.to_owned())).count();
    let by_dav = secured.iter().filter(|route| route.needs == Needs::Dav).count();
    let by_app_password = by_scope("api:read") + by_scope("api:write") + by_dav;
    // A session; app passwords with one scope each, and one with all scopes.
    let authorized = secured.len() - by_dav + 2 * by_app_password;
    assert_eq!(checked, Checked { rejected: callers.len() * secured.len() - authorized, authorized });
    assert!(by_scope("api:read") > 5 && by_scope("api:write") > 10 && by_dav > 10, "{authorized}");
    before.expect_unchanged(&Stored::read(&backstage).await);
    service.end().await;
}

/// Checks that the other scheme is rejected, and also the scheme of the route, unless the caller is authorized. Returns
/// false for an authorized caller.
async fn is_rejected(cell: &Cell<'_>, request: &Request, caller: &Caller, route: &Route) -> bool {
    if !matches!(caller.credential, Credential::None) {
        let other = caller.sign_in_other_scheme((request.make)(cell).await, &route.needs);
        expect_rejection(&answer(other).await, Rejection::UNAUTHENTICATED, caller, route);
    }
    let Some(rejection) = caller.rejection(&route.needs) else { return false };
    let own = caller.sign((request.make)(cell).await, &route.needs);
    expect_rejection(&answer(own).await, rejection, caller, route);
    if route.method() == "GET" {
        let head = cell.service.request(Method::HEAD, &account_path(cell.account, route.path()));
        let head = answer(caller.sign(head, &route.needs)).await;
        assert_eq!(head.status.as_u16(), rejection.status, "HEAD {} for {}", route.path(), caller.name);
    }
    true
}

/// The path of a route, which names what the account has.
fn account_path(account: &Account<'_>, path: &str) -> String {
    if path.starts_with("/dav/") { account.card() } else { account.path(path) }
}

#[track_caller]
fn expect_rejection(answer: &Answer, rejection: Rejection, caller: &Caller, route: &Route) {
    let of_cell = format!("{} for {}: {}", route.name, caller.name, answer.text);
    assert_eq!(answer.status.as_u16(), rejection.status, "{of_cell}");
    let challenge = answer.header("www-authenticate");
    if route.needs == Needs::Dav {
        let expected = if rejection.status == 401 { "Basic realm=\"Contacts\", charset=\"UTF-8\"" } else { "" };
        assert_eq!(challenge, expected, "{of_cell}");
        return;
    }
    assert_eq!(answer.json["code"], rejection.code, "{of_cell}");
    let bearer = "Bearer realm=\"contacts\"";
    let expected = match (rejection.code, &route.needs) {
        ("insufficient-scope", Needs::Scope(scope)) => {
            format!("{bearer}, error=\"insufficient_scope\", scope=\"{scope}\"")
        }
        ("insufficient-scope", _) => format!("{bearer}, error=\"insufficient_scope\""),
        ("unauthenticated", _) => bearer.to_owned(),
        ("email-not-verified", _) => String::new(),
        _ => format!("{bearer}, error=\"invalid_token\""),
    };
    assert_eq!(challenge, expected, "{of_cell}");
}

async fn authorized_caller_succeeds_and_reads_no_other_account(service: Service) {
    let backstage = Backstage::of(&service).await;
    let olena = Account::create(&service, &backstage, "olena").await;
    let mut petro = Account::create(&service, &backstage, "petro").await;
    let keyed = references::prepare(&olena, &petro).await;
    let before = olena.export().await;
    let references = References { olena: &olena, petro: &petro, keyed: &keyed };
    other_user::check(&service, &backstage, &references).await;
    let requests = all_requests();
    let mut routes = routes();
    // The account is deleted last.
    routes.sort_by_key(|route| route.name == "DELETE /api/me");
    let (mut number, mut scopes) = (0, BTreeSet::new());
    for route in routes.iter().filter(|route| route.needs != Needs::Nothing) {
        for kind in KINDS {
            if own_caller(&petro, kind).rejection(&route.needs).is_some() {
                continue;
            }
            // An earlier request may have ended the session.
            petro.ensure_signed_in().await;
            let caller = own_caller(&petro, kind);
            number += 1;
            scopes.insert(kind);
            petro.renew(route.path()).await;
            let request = &requests[route.name.as_str()];
            let route_of_cell = (route.method(), route.path());
            let cell = Cell { service: &service, backstage: &backstage, account: &petro, route: route_of_cell, number };
            let answer = answer(caller.sign((request.make)(&cell).await, &route.needs)).await;
            assert_eq!(answer.status.as_u16(), request.status, "{} with {kind}: {}", route.name, answer.text);
            olena.expect_absent(&answer, &format!("{} with {kind}", route.name));
        }
    }
    assert_eq!(scopes, BTreeSet::from(KINDS));
    let gone = petro.person.get("/api/me").await;
    assert_eq!(gone.status, 401, "the account is deleted");
    assert_eq!(olena.export().await, before, "requests of another user changed the account");
    service.end().await;
}

/// The session of an account, or its app password with a scope.
fn own_caller(account: &Account<'_>, kind: &'static str) -> Caller {
    let credential = match kind {
        "session" => Credential::Token(account.person.access_token.clone(), None),
        scope => Credential::AppPassword(account.secret(scope).to_owned(), vec![scope]),
    };
    Caller { name: kind, account: 0, email: account.email.clone(), credential }
}

/// No store decides about it, so PostgreSQL has some callers only.
async fn public_route_ignores_credentials(service: Service) {
    let some = ["no credential", "ended session", "ended app password"];
    let backstage = Backstage::of(&service).await;
    let Callers { accounts, callers } = Callers::create(&service, &backstage).await;
    let requests = all_requests();
    let (mut number, mut public) = (0, 0);
    for route in routes().iter().filter(|route| route.needs == Needs::Nothing) {
        public += 1;
        for caller in callers.iter().filter(|caller| !service.is_on_postgres() || some.contains(&caller.name)) {
            number += 1;
            let request = &requests[route.name.as_str()];
            let route_of_cell = (route.method(), route.path());
            let account = &accounts[0];
            let cell = Cell { service: &service, backstage: &backstage, account, route: route_of_cell, number };
            let answer = answer(caller.sign((request.make)(&cell).await, &route.needs)).await;
            assert_eq!(answer.status.as_u16(), request.status, "{} with {}: {}", route.name, caller.name, answer.text);
        }
    }
    assert!(public > 25, "{public}");
    service.end().await;
}
