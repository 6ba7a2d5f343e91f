//! Which requests are counted together, and what the counters' rule promises.

use std::{net::IpAddr, num::NonZeroU32, time::Duration};

use domain::{
    Ports,
    account::{Email, UserId},
    client::ClientNetwork,
    limit::{Limit, Quota, Rates, Requester, admit, gcra, is_admitted},
};
use proptest::prelude::*;
use testkit::{World, samples};

fn quota(limit: u32, seconds: u64) -> Quota {
    Quota::new(NonZeroU32::new(limit).unwrap(), Duration::from_secs(seconds))
}

fn home(address: &str) -> ClientNetwork {
    ClientNetwork::of(Some(address.parse::<IpAddr>().unwrap()))
}

fn limited(world: &World) -> Ports {
    let all = Some(quota(2, 60));
    let mut ports = world.ports.clone();
    ports.policy.rates = Rates {
        me: all,
        contacts: all,
        contact_create: all,
        contact_batch: all,
        login: all,
        refresh: all,
        mail: all,
        register: all,
    };
    ports
}

/// How many of so many requests are let in.
async fn admitted(ports: &Ports, limit: Limit, from: &str, account: Option<&str>, times: usize) -> usize {
    let account = account.map(|address| Email::parse(address).unwrap());
    let requester = Requester { user: None, address: home(from), account: account.as_ref() };
    let mut admitted = 0;
    for _ in 0..times {
        admitted += usize::from(is_admitted(&admit(ports, &[limit], &requester).await.unwrap()));
    }
    admitted
}

#[test]
fn a_client_network_is_an_address_or_a_slash_64() {
    let same = [("203.0.113.9", "::ffff:203.0.113.9"), ("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff")];
    for (left, right) in same {
        assert_eq!(home(left), home(right), "{left} {right}");
    }
    for (left, right) in [("203.0.113.9", "203.0.113.10"), ("2001:db8::1", "2001:db8:0:1::1"), ("::1", "127.0.0.1")] {
        assert_ne!(home(left), home(right), "{left} {right}");
    }
}

#[test]
fn a_site_is_a_slash_24_or_a_slash_56() {
    let site = |address: &str| ClientNetwork::site_of(address.parse().ok());
    for (left, right) in [("203.0.113.9", "::ffff:203.0.113.200"), ("2001:db8::1", "2001:db8:0:ff::1")] {
        assert_eq!(site(left), site(right), "{left} {right}");
    }
    for (left, right) in [("203.0.113.9", "203.0.112.9"), ("2001:db8::1", "2001:db8:0:100::1"), ("::1", "127.0.0.1")] {
        assert_ne!(site(left), site(right), "{left} {right}");
    }
}

#[tokio::test]
async fn sign_in_is_counted_by_pair_by_address_and_by_account() {
    let world = World::default();
    let ports = limited(&world);
    let (office, olena) = ("203.0.113.9", Some("olena@example.com"));
    assert_eq!(admitted(&ports, Limit::Login, office, olena, 9).await, 2, "one account from one place");
    assert_eq!(admitted(&ports, Limit::Login, office, Some("petro@example.com"), 9).await, 2, "a colleague");
    let mut of_the_office = 4;
    for colleague in 0..30 {
        of_the_office += admitted(&ports, Limit::Login, office, Some(&format!("c{colleague}@example.com")), 1).await;
    }
    assert_eq!(of_the_office, 20, "tenfold for a whole office");
    let mut of_the_account = 2;
    for place in 1..=250 {
        of_the_account += admitted(&ports, Limit::Login, &format!("198.51.100.{place}"), olena, 9).await;
    }
    assert_eq!(of_the_account, 40, "twentyfold for an account from everywhere, so one stranger locks nobody out");
}

#[tokio::test]
async fn a_name_that_is_no_address_is_an_account_of_its_own() {
    let world = World::default();
    assert_eq!(admitted(&limited(&world), Limit::Login, "203.0.113.9", None, 9).await, 2);
}

#[tokio::test]
async fn mail_and_registration_are_counted_by_address_and_by_account() {
    let world = World::default();
    let ports = limited(&world);
    let olena = Some("olena@example.com");
    assert_eq!(admitted(&ports, Limit::ResetMail, "203.0.113.9", olena, 9).await, 2);
    assert_eq!(admitted(&ports, Limit::ResetMail, "203.0.113.10", olena, 9).await, 0, "wherever it is asked from");
    assert_eq!(admitted(&ports, Limit::ResetMail, "203.0.113.9", Some("petro@example.com"), 9).await, 2);
    assert_eq!(admitted(&ports, Limit::Register, "203.0.113.9", olena, 1).await, 1);
    assert_eq!(admitted(&ports, Limit::Register, "203.0.113.9", Some("petro@example.com"), 9).await, 1);
    assert_eq!(admitted(&ports, Limit::Register, "203.0.113.10", olena, 9).await, 1);
}

#[tokio::test]
async fn users_are_counted_wherever_they_are() {
    let world = World::default();
    let ports = limited(&world);
    let ask = async |user: Option<UserId>, from: &str, limits: &[Limit]| {
        let requester = Requester { user, address: home(from), account: None };
        admit(&ports, limits, &requester).await.unwrap()
    };
    let (olena, petro) = (Some(UserId(samples::id())), Some(UserId(samples::id())));
    let both = [Limit::Contacts, Limit::ContactCreate];
    assert!(is_admitted(&ask(olena, "203.0.113.9", &both).await));
    assert!(is_admitted(&ask(olena, "203.0.113.10", &[Limit::Contacts]).await));
    let refused = ask(olena, "203.0.113.11", &both).await;
    let words: Vec<_> = refused.iter().map(|counted| (counted.counter, counted.decision.allowed)).collect();
    assert_eq!(words, [("contacts", false), ("contact-create", true)]);
    assert!(is_admitted(&ask(olena, "203.0.113.9", &[Limit::ContactCreate]).await), "the refused one was not counted");
    assert!(is_admitted(&ask(petro, "203.0.113.9", &both).await));
    assert_eq!(ask(None, "203.0.113.9", &both).await, [], "nobody has signed in: that is refused elsewhere");
}

#[tokio::test]
async fn a_limit_that_is_off_asks_nobody() {
    let world = World::default();
    world.rate_limiter.set_away(true);
    let requester = Requester { user: None, address: home("203.0.113.9"), account: None };
    assert_eq!(admit(&world.ports, &[Limit::Login], &requester).await.unwrap(), []);
    assert!(admit(&limited(&world), &[Limit::Login], &requester).await.is_err());
}

proptest! {
    /// Whatever comes when: never more than the limit at once, never more than the limit and what came
    /// back meanwhile, and whoever waits as told is let in.
    #[test]
    fn the_rule_keeps_its_promises(
        limit in 1u32..50, seconds in 1u64..1000, pauses in proptest::collection::vec(0i64..3_000_000, 1..200),
    ) {
        let quota = quota(limit, seconds);
        let start = 1_800_000_000_000_000;
        let (mut now, mut full_at, mut admitted) = (start, None, 0i64);
        for pause in pauses {
            now += pause;
            let (decision, next) = gcra::decide(quota, now, full_at);
            if decision.allowed {
                full_at = Some(next);
                admitted += 1;
            } else {
                let later = now + i64::try_from(decision.retry_after.as_micros()).unwrap();
                prop_assert!(gcra::decide(quota, later, full_at).0.allowed);
                prop_assert!(!gcra::decide(quota, later - 1, full_at).0.allowed);
            }
            prop_assert!(admitted <= i64::from(limit) + (now - start) / quota.interval_micros());
        }
    }
}
