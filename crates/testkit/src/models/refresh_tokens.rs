//! Sessions and their refresh tokens. The model is a plain list of sessions, each with all its tokens.

use std::collections::BTreeSet;

use chrono::{Duration, SubsecRound as _};
use domain::{
    account::{Password, PasswordAttempt, User},
    client::{ClientInfo, LargestNetwork},
    ids::SessionId,
    session::{AccessClaims, RefreshToken, Session, SignedInUser, TokenPair},
    time::{Clock as _, Timestamp},
    use_cases::{
        background::sweep,
        session::{
            AuthenticateError, LoginCommand, RefreshError, authenticate, end_other_sessions, end_session, login,
            logout, refresh,
        },
    },
};
use proptest::prelude::*;

use super::Run;
use crate::{TestEnvironment, environment::PASSWORD, samples};

/// Addresses of clients, and the number of the site of each.
const CLIENTS: [(Option<&str>, u8); 6] = [
    (Some("203.0.113.7"), 0),
    (Some("203.0.113.250"), 0),
    (Some("203.0.114.7"), 1),
    (Some("2001:db8:0:1::7"), 2),
    (Some("2001:db8:0:ff::9"), 2),
    (None, 3),
];

/// The grace period, the idle time and the lifetime of the default policy, each with its neighbours.
const WAITS: [i64; 10] = [1, 9, 10, 11, 3_600, 6 * 86_400, 7 * 86_400 - 1, 7 * 86_400, 24 * 86_400, 30 * 86_400];

/// One step. An index is taken modulo the length of its list.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// Signs in, once or often enough to reach the maximum number of sessions.
    SignIn {
        client: usize,
        times: usize,
    },
    /// Refreshes with a token of a session: 0 is the current one, 1 the previous one.
    Refresh {
        session: usize,
        age: usize,
        client: usize,
    },
    /// Refreshes with a token that was never issued.
    Forge {
        session: usize,
        client: usize,
    },
    Wait {
        seconds: i64,
    },
    SignOut {
        session: usize,
    },
    End {
        by: usize,
        session: usize,
    },
    EndOthers {
        by: usize,
    },
    Sweep,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let client = 0..CLIENTS.len();
    // Most steps are about the latest sessions.
    let session = prop_oneof![4 => 0usize..3, 1 => 0usize..200];
    let step = prop_oneof![
        6 => client.clone().prop_map(|client| Step::SignIn { client, times: 1 }),
        1 => (client.clone(), 40usize..110).prop_map(|(client, times)| Step::SignIn { client, times }),
        14 => (session.clone(), prop_oneof![6 => Just(0usize), 6 => Just(1), 1 => 0usize..6], client.clone())
            .prop_map(|(session, age, client)| Step::Refresh { session, age, client }),
        1 => (session.clone(), client).prop_map(|(session, client)| Step::Forge { session, client }),
        8 => prop_oneof![3 => 0usize..4, 1 => 0..WAITS.len()].prop_map(|index| Step::Wait { seconds: WAITS[index] }),
        1 => session.clone().prop_map(|session| Step::SignOut { session }),
        1 => (session.clone(), session.clone()).prop_map(|(by, session)| Step::End { by, session }),
        1 => session.prop_map(|by| Step::EndOthers { by }),
        1 => Just(Step::Sweep),
    ];
    prop::collection::vec(step, 1..60)
}

/// Walks through random steps. Each is compared with the model.
pub fn agree_with_the_model(run: &Run<'_>) {
    run.over(&steps(), &async |env: &TestEnvironment, steps| {
        let mut walk = Walk { env, user: user(env).await, sessions: Vec::new() };
        for step in steps {
            walk.step(step).await;
            walk.check().await;
        }
    });
}

/// Stores a user whose password is [`PASSWORD`].
async fn user(env: &TestEnvironment) -> User {
    let user = User { notify_new_device: false, ..samples::user() };
    let password = Password::parse(PASSWORD).unwrap();
    let hash = env.ports.passwords.hash(&password, LargestNetwork::of(None)).await.unwrap();
    let mut unit = env.ports.store.begin().await.unwrap();
    unit.insert_user(&user, &hash).await.unwrap();
    unit.commit().await.unwrap();
    user
}

fn client(index: usize) -> (ClientInfo, u8) {
    let (address, site) = CLIENTS[index % CLIENTS.len()];
    (ClientInfo::new(address.map(|address| address.parse().unwrap()), Some("models/1.0")), site)
}

/// A session as the model knows it.
struct Known {
    id: SessionId,
    created_at: Timestamp,
    used_at: Timestamp,
    site: u8,
    /// All refresh tokens, the current one last.
    refresh_tokens: Vec<RefreshToken>,
    /// Time of the last exchange.
    exchanged_at: Option<Timestamp>,
    access_token: AccessToken,
    is_ended: bool,
}

/// An access token, with its expiry.
struct AccessToken {
    text: String,
    expires_at: Timestamp,
}

impl AccessToken {
    /// The token of a pair that was issued at that time.
    fn of(pair: &TokenPair, now: Timestamp) -> Self {
        Self { text: pair.access_token.clone(), expires_at: (now + Duration::minutes(15)).trunc_subsecs(0) }
    }
}

impl Known {
    fn new(pair: TokenPair, now: Timestamp, site: u8) -> Self {
        Self {
            id: pair.refresh_token.session,
            created_at: now,
            used_at: now,
            site,
            access_token: AccessToken::of(&pair, now),
            refresh_tokens: vec![pair.refresh_token],
            exchanged_at: None,
            is_ended: false,
        }
    }

    fn is_active(&self, now: Timestamp) -> bool {
        !self.is_ended && now < self.created_at + Duration::days(30) && now < self.used_at + Duration::days(7)
    }

    fn current(&self) -> &RefreshToken {
        self.refresh_tokens.last().unwrap()
    }
}

/// Expected result of a refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    Rotated,
    Repeated,
    Invalid,
    Reused,
}

struct Walk<'a> {
    env: &'a TestEnvironment,
    user: User,
    /// All sessions, the latest first.
    sessions: Vec<Known>,
}

impl Walk<'_> {
    fn now(&self) -> Timestamp {
        self.env.clock.now()
    }

    fn index(&self, session: usize) -> Option<usize> {
        session.checked_rem(self.sessions.len())
    }

    async fn step(&mut self, step: Step) {
        // No two uses of sessions are at one moment, so that their order is known.
        self.env.clock.advance(Duration::milliseconds(1));
        match step {
            Step::SignIn { client, times } => {
                for _ in 0..times {
                    self.sign_in(client).await;
                }
            }
            Step::Refresh { session, age, client } => {
                let Some(session) = self.index(session) else { return };
                let tokens = &self.sessions[session].refresh_tokens;
                let token = tokens[tokens.len() - 1 - age.min(tokens.len() - 1)].clone();
                self.refresh(session, &token, client).await;
            }
            Step::Forge { session, client } => {
                let Some(session) = self.index(session) else { return };
                let token = RefreshToken { session: self.sessions[session].id, secret: samples::secret() };
                self.refresh(session, &token, client).await;
            }
            Step::Wait { seconds } => self.env.clock.advance(Duration::seconds(seconds)),
            Step::SignOut { session } => {
                let Some(session) = self.index(session) else { return };
                if let Some(principal) = self.authenticated(session).await {
                    logout(&self.env.ports, &principal).await.unwrap();
                    self.sessions[session].is_ended = true;
                }
            }
            Step::End { by, session } => {
                let (Some(by), Some(session)) = (self.index(by), self.index(session)) else { return };
                if let Some(principal) = self.authenticated(by).await {
                    let ended = end_session(&self.env.ports, &principal, self.sessions[session].id).await;
                    // A session that has expired is in the store until the sweep.
                    let session = &mut self.sessions[session];
                    assert_eq!(ended.is_ok(), !session.is_ended, "{ended:?}");
                    session.is_ended = true;
                }
            }
            Step::EndOthers { by } => {
                let Some(by) = self.index(by) else { return };
                if let Some(principal) = self.authenticated(by).await {
                    end_other_sessions(&self.env.ports, &principal).await.unwrap();
                    let others = self.sessions.iter_mut().enumerate().filter(|(index, _)| *index != by);
                    others.for_each(|(_, session)| session.is_ended = true);
                }
            }
            Step::Sweep => {
                sweep(&self.env.ports).await.unwrap();
                let now = self.now();
                self.sessions.iter_mut().for_each(|session| session.is_ended |= !session.is_active(now));
            }
        }
    }

    async fn sign_in(&mut self, from: usize) {
        self.env.clock.advance(Duration::milliseconds(1));
        let (client, site) = client(from);
        let email = Some(self.user.email.clone());
        let command = LoginCommand { email, password: PasswordAttempt::new(PASSWORD), client, attempt: Vec::new() };
        let pair = login(&self.env.ports, command).await.unwrap();
        self.sessions.insert(0, Known::new(pair, self.now(), site));
        let mut stored: Vec<&mut Known> = self.sessions.iter_mut().filter(|session| !session.is_ended).collect();
        stored.sort_by_key(|session| std::cmp::Reverse(session.used_at));
        let most = usize::try_from(Session::MAX_PER_USER).unwrap();
        stored.into_iter().skip(most).for_each(|session| session.is_ended = true);
    }

    fn expected(&self, session: &Known, token: &RefreshToken, site: u8) -> Expected {
        let previous = session.refresh_tokens.iter().rev().nth(1);
        let is_within_grace = session.exchanged_at.is_some_and(|at| self.now() < at + Duration::seconds(10));
        if !session.is_active(self.now()) {
            Expected::Invalid
        } else if session.current() == token {
            Expected::Rotated
        } else if previous == Some(token) && is_within_grace && site == session.site {
            Expected::Repeated
        } else {
            Expected::Reused
        }
    }

    async fn refresh(&mut self, index: usize, token: &RefreshToken, from: usize) {
        let (client, site) = client(from);
        let expected = self.expected(&self.sessions[index], token, site);
        let now = self.now();
        let outcome = refresh(&self.env.ports, &token.reveal(), &client).await;
        let session = &mut self.sessions[index];
        match (expected, outcome) {
            (Expected::Rotated, Ok(pair)) => {
                assert_eq!(pair.refresh_token.session, session.id);
                assert!(!session.refresh_tokens.contains(&pair.refresh_token), "a token is issued once");
                session.access_token = AccessToken::of(&pair, now);
                session.refresh_tokens.push(pair.refresh_token);
                (session.used_at, session.exchanged_at, session.site) = (now, Some(now), site);
            }
            (Expected::Repeated, Ok(pair)) => {
                assert_eq!(&pair.refresh_token, session.current(), "the same successor");
                session.access_token = AccessToken::of(&pair, now);
            }
            (Expected::Invalid, Err(RefreshError::Invalid)) => {}
            (Expected::Reused, Err(RefreshError::Reused { user, session: ended })) => {
                assert_eq!((user, ended), (self.user.id, session.id));
                session.is_ended = true;
            }
            (expected, outcome) => panic!("expected {expected:?}, found {outcome:?}"),
        }
        self.authenticated(index).await;
    }

    /// Authenticates with the latest access token of a session, as the model expects. One that has expired is rejected, and
    /// replaced by a new one of the same session, which may be active.
    async fn authenticated(&self, index: usize) -> Option<SignedInUser> {
        let (session, ports) = (&self.sessions[index], &self.env.ports);
        let mut token = session.access_token.text.clone();
        if session.access_token.expires_at <= self.now() {
            let expired = authenticate(ports, &token, client(0).0).await;
            assert!(matches!(expired, Err(AuthenticateError::InvalidToken(_))), "{expired:?}");
            let (issued_at, expires_at) = (self.now(), self.now() + Duration::minutes(15));
            let (user, token_id) = (self.user.id, samples::id());
            let claims = AccessClaims { user, session: session.id, token_id, issued_at, expires_at };
            token = ports.access_tokens.issue(&claims).unwrap();
        }
        match authenticate(ports, &token, client(0).0).await {
            Ok(principal) => {
                assert!(session.is_active(self.now()), "the session has ended");
                assert_eq!((principal.user.id, principal.session.id), (self.user.id, session.id));
                Some(principal)
            }
            Err(AuthenticateError::SessionEnded) => {
                assert!(!session.is_active(self.now()), "the session is active");
                None
            }
            Err(other) => panic!("{other}"),
        }
    }

    /// The store has the active sessions of the model, with their times.
    async fn check(&self) {
        let now = self.now();
        let lifetime = self.env.ports.policy.session_lifetime();
        let stored = self.env.ports.store.sessions_of(self.user.id).await.unwrap();
        let active = stored.iter().filter(|session| session.is_active(now, lifetime));
        let found: BTreeSet<_> = active.map(|session| (session.id, session.created_at, session.last_used_at)).collect();
        let known = self.sessions.iter().filter(|session| session.is_active(now));
        let expected: BTreeSet<_> = known.map(|session| (session.id, session.created_at, session.used_at)).collect();
        assert_eq!(found, expected);
        assert!(stored.len() <= usize::try_from(Session::MAX_PER_USER).unwrap());
    }
}
