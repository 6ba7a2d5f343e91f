//! Subjects of counters, and the algorithm.

use std::{net::IpAddr, num::NonZeroU32, time::Duration};

use domain::{
    Ports,
    account::Email,
    client::{ClientInfo, ClientNetwork, Site},
    ids::{AppPasswordId, SessionId, UserId},
    limit::{Counted, Limit, Quota, Rates, Requester, gcra, is_admitted},
    session::CredentialId,
    use_cases::admit_request,
};
use proptest::prelude::*;
use testkit::{TestEnvironment, samples};

fn quota(limit: u32, seconds: u64) -> Quota {
    Quota::new(NonZeroU32::new(limit).unwrap(), Duration::from_secs(seconds))
}

fn home(address: &str) -> ClientNetwork {
    ClientNetwork::of(Some(address.parse::<IpAddr>().unwrap()))
}

fn client(address: &str) -> ClientInfo {
    ClientInfo::new(address.parse().ok(), Some("tests/1.0"))
}

fn limited(env: &TestEnvironment) -> Ports {
    let all = Some(quota(2, 60));
    let mut ports = env.ports.clone();
    ports.policy.rates = Rates {
        me: all,
        security: all,
        contacts: all,
        contact_create: all,
        contact_batch: all,
        import: all,
        dav: all,
        app_password: all,
        login: all,
        refresh: all,
        refresh_session: all,
        mail: all,
        register: all,
    };
    ports
}

/// Returns the number of admitted requests.
async fn admitted(ports: &Ports, limit: Limit, from: &str, account: Option<&str>, times: usize) -> usize {
    let account = account.map(|address| Email::parse(address).unwrap());
    let client = client(from);
    let requester = Requester { account: account.as_ref(), ..Requester::unknown(&client) };
    let mut admitted = 0;
    for _ in 0..times {
        admitted += usize::from(is_admitted(&admit_request(ports, &[limit], &requester).await.unwrap().counted));
    }
    admitted
}

#[test]
fn client_network_is_ipv4_address_or_ipv6_slash_64() {
    let same = [("203.0.113.9", "::ffff:203.0.113.9"), ("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff")];
    for (left, right) in same {
        assert_eq!(home(left), home(right), "{left} {right}");
    }
    for (left, right) in [("203.0.113.9", "203.0.113.10"), ("2001:db8::1", "2001:db8:0:1::1"), ("::1", "127.0.0.1")] {
        assert_ne!(home(left), home(right), "{left} {right}");
    }
}

#[test]
fn site_is_ipv4_slash_24_or_ipv6_slash_56() {
    let site = |address: &str| Site::of(address.parse().ok());
    for (left, right) in [("203.0.113.9", "::ffff:203.0.113.200"), ("2001:db8::1", "2001:db8:0:ff::1")] {
        assert_eq!(site(left), site(right), "{left} {right}");
    }
    for (left, right) in [("203.0.113.9", "203.0.112.9"), ("2001:db8::1", "2001:db8:0:100::1"), ("::1", "127.0.0.1")] {
        assert_ne!(site(left), site(right), "{left} {right}");
    }
}

#[tokio::test]
async fn logins_are_limited_by_network_account_and_their_pair() {
    let env = TestEnvironment::default();
    let ports = limited(&env);
    let (office, olena) = ("203.0.113.9", Some("olena@example.com"));
    assert_eq!(admitted(&ports, Limit::Login, office, olena, 9).await, 2, "one account from one IP");
    assert_eq!(admitted(&ports, Limit::Login, office, Some("petro@example.com"), 9).await, 2, "a colleague");
    let mut of_the_office = 4;
    for colleague in 0..30 {
        of_the_office += admitted(&ports, Limit::Login, office, Some(&format!("c{colleague}@example.com")), 1).await;
    }
    assert_eq!(of_the_office, 20, "tenfold for a whole office");
    let mut of_the_account = 2;
    for host in 1..=250 {
        of_the_account += admitted(&ports, Limit::Login, &format!("198.51.100.{host}"), olena, 9).await;
    }
    assert_eq!(of_the_account, 40, "twentyfold for an account from all networks, so one client blocks no user");
}

#[tokio::test]
async fn logins_with_an_invalid_email_are_limited() {
    let env = TestEnvironment::default();
    assert_eq!(admitted(&limited(&env), Limit::Login, "203.0.113.9", None, 9).await, 2);
}

#[tokio::test]
async fn ipv6_slash_48_has_four_times_the_usual_quota() {
    let env = TestEnvironment::default();
    let ports = limited(&env);
    for (limit, of_one) in
        [(Limit::Login, 2), (Limit::Token, 20), (Limit::Refresh, 2), (Limit::Register, 2), (Limit::ResetMail, 20)]
    {
        let (mut of_the_56, mut of_the_48) = (0, 0);
        for network in 0..600 {
            // Another account each time, so that only the networks are counted.
            let account = (limit != Limit::Login).then(|| format!("c{network}{limit:?}@example.com"));
            let account = account.as_deref().unwrap_or("olena@example.com");
            let from = format!("2001:db8:7:{network:x}::1");
            let admitted = admitted(&ports, limit, &from, Some(account), 1).await;
            of_the_48 += admitted;
            of_the_56 += if network < 256 { admitted } else { 0 };
        }
        assert_eq!((of_the_56, of_the_48), (2 * of_one, 4 * of_one), "{limit:?}");
        assert_eq!(admitted(&ports, limit, "2001:db8:8::1", Some("petro@example.com"), 1).await, 1, "another /48");
    }
}

#[tokio::test]
async fn ipv4_addresses_have_no_shared_quota() {
    let env = TestEnvironment::default();
    let ports = limited(&env);
    let mut admitted_at_all = 0;
    for host in 0..100 {
        admitted_at_all += admitted(&ports, Limit::Refresh, &format!("203.0.113.{host}"), None, 9).await;
    }
    assert_eq!(admitted_at_all, 200);
    let client = client("::ffff:203.0.113.200");
    let names: Vec<_> = admit_request(&ports, &[Limit::Refresh], &Requester::unknown(&client)).await.unwrap().counted;
    assert_eq!(names.iter().map(|counted| counted.counter).collect::<Vec<_>>(), ["refresh"]);
}

#[tokio::test]
async fn mail_and_registration_are_limited_by_network_and_account() {
    let env = TestEnvironment::default();
    let ports = limited(&env);
    let olena = Some("olena@example.com");
    assert_eq!(admitted(&ports, Limit::ResetMail, "203.0.113.9", olena, 9).await, 2);
    assert_eq!(admitted(&ports, Limit::ResetMail, "203.0.113.10", olena, 9).await, 0, "wherever it is asked from");
    assert_eq!(admitted(&ports, Limit::ResetMail, "203.0.113.9", Some("petro@example.com"), 9).await, 2);
    assert_eq!(admitted(&ports, Limit::Register, "203.0.113.9", olena, 1).await, 1);
    assert_eq!(admitted(&ports, Limit::Register, "203.0.113.9", Some("petro@example.com"), 9).await, 1);
    assert_eq!(admitted(&ports, Limit::Register, "203.0.113.10", olena, 9).await, 1);
}

type Authenticated = Option<(CredentialId, UserId)>;

fn session_of(user: UserId) -> Authenticated {
    Some((CredentialId::Session(SessionId(samples::id())), user))
}

async fn ask(ports: &Ports, authenticated: Authenticated, limits: &[Limit]) -> Vec<Counted> {
    let client = client("203.0.113.9");
    admit_request(ports, limits, &Requester { authenticated, ..Requester::unknown(&client) }).await.unwrap().counted
}

async fn admitted_to(ports: &Ports, authenticated: Authenticated, limit: Limit, times: usize) -> usize {
    let mut admitted = 0;
    for _ in 0..times {
        admitted += usize::from(is_admitted(&ask(ports, authenticated, &[limit]).await));
    }
    admitted
}

#[tokio::test]
async fn requests_are_limited_per_session_and_per_user() {
    let env = TestEnvironment::default();
    let ports = limited(&env);
    let (olena, petro) = (UserId(samples::id()), UserId(samples::id()));
    for (limit, of_the_user) in [
        (Limit::Me, 10),
        (Limit::Security, 10),
        (Limit::Contacts, 10),
        (Limit::ContactCreate, 4),
        (Limit::ContactBatch, 4),
        (Limit::Import, 4),
    ] {
        let mut admitted = 0;
        for _ in 0..20 {
            let of_the_session = admitted_to(&ports, session_of(olena), limit, 9).await;
            assert!(of_the_session <= 2, "{limit:?}");
            admitted += of_the_session;
        }
        assert_eq!(admitted, of_the_user, "{limit:?}");
        assert_eq!(admitted_to(&ports, session_of(petro), limit, 9).await, 2, "{limit:?} of another user");
    }
}

#[tokio::test]
async fn app_password_is_counted_like_a_session() {
    let env = TestEnvironment::default();
    let ports = limited(&env);
    let user = UserId(samples::id());
    let id = samples::id();
    let by_password = Some((CredentialId::AppPassword(AppPasswordId(id)), user));
    let by_session = Some((CredentialId::Session(SessionId(id)), user));
    for limit in [Limit::Contacts, Limit::Dav] {
        assert_eq!(admitted_to(&ports, by_password, limit, 9).await, 2, "{limit:?}");
        assert_eq!(admitted_to(&ports, by_session, limit, 9).await, 2, "{limit:?} of a session of the same user");
        let mut others = 0;
        for _ in 0..20 {
            others +=
                admitted_to(&ports, Some((CredentialId::AppPassword(AppPasswordId(samples::id())), user)), limit, 9)
                    .await;
        }
        assert_eq!(others, 6, "{limit:?}: the rest of the user's quota");
    }
}

#[tokio::test]
async fn stolen_session_does_not_exhaust_the_owners_quota() {
    let env = TestEnvironment::default();
    let ports = limited(&env);
    let user = UserId(samples::id());
    let (owner, thief) = (session_of(user), session_of(user));
    for limit in [Limit::Me, Limit::Contacts, Limit::Security, Limit::EndSession] {
        admitted_to(&ports, thief, limit, 100).await;
    }
    assert_eq!(admitted_to(&ports, owner, Limit::Me, 9).await, 2);
    assert_eq!(admitted_to(&ports, owner, Limit::Security, 9).await, 2);
    // A thief with many sessions cannot prevent a new one from ending the others.
    for _ in 0..20 {
        admitted_to(&ports, session_of(user), Limit::EndSession, 9).await;
    }
    assert_eq!(admitted_to(&ports, session_of(user), Limit::EndSession, 9).await, 2);
}

#[tokio::test]
async fn request_rejected_by_one_limit_is_counted_by_none() {
    let env = TestEnvironment::default();
    let ports = limited(&env);
    let olena = session_of(UserId(samples::id()));
    let both = [Limit::Contacts, Limit::ContactCreate];
    assert!(is_admitted(&ask(&ports, olena, &both).await));
    assert!(is_admitted(&ask(&ports, olena, &[Limit::Contacts]).await));
    let rejected = ask(&ports, olena, &both).await;
    let words: Vec<_> = rejected.iter().map(|counted| (counted.counter, counted.decision.allowed)).collect();
    let expected =
        [("contacts", false), ("contacts-user", true), ("contact-create", true), ("contact-create-user", true)];
    assert_eq!(words, expected);
    assert!(is_admitted(&ask(&ports, olena, &[Limit::ContactCreate]).await), "the rejected one was not counted");
    assert_eq!(ask(&ports, None, &both).await, [], "no user is signed in, which is rejected elsewhere");
}

#[tokio::test]
async fn session_refreshes_are_limited_across_all_networks() {
    let env = TestEnvironment::default();
    let ports = limited(&env);
    let renewed = async |session: SessionId, from: &str| {
        let client = client(from);
        let requester = Requester { renewed: Some(session), ..Requester::unknown(&client) };
        is_admitted(&admit_request(&ports, &[Limit::RefreshSession], &requester).await.unwrap().counted)
    };
    let (one, other) = (SessionId(samples::id()), SessionId(samples::id()));
    assert!(renewed(one, "203.0.113.9").await && renewed(one, "203.0.113.10").await);
    assert!(!renewed(one, "203.0.113.11").await);
    assert!(renewed(other, "203.0.113.11").await);
}

#[tokio::test]
async fn disabled_limit_does_not_use_the_counters() {
    let env = TestEnvironment::default();
    env.rate_limiter.set_unavailable(true);
    let client = client("203.0.113.9");
    let requester = Requester::unknown(&client);
    assert_eq!(admit_request(&env.ports, &[Limit::Login], &requester).await.unwrap().counted, []);
    assert!(admit_request(&limited(&env), &[Limit::Login], &requester).await.is_err());
}

proptest! {
    /// Requests at any times: never more than the limit at once, never more than the limit and the
    /// quota that has returned meanwhile. A client that waits for the reported time is admitted.
    #[test]
    fn gcra_limit_and_retry_after_are_exact(
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
