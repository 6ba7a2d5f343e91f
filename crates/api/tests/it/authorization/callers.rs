//! Callers: a credential in each state, and the answer that it gets.

use std::sync::Arc;

use auth::{JwtAccessTokens, JwtSettings};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Duration;
use domain::session::{AccessClaims, AccessTokens as _};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;
use testkit::fakes::FrozenClock;
use uuid::Uuid;

use super::{
    account::{Account, Backstage, SCOPES},
    lost_access::{Loss, lose_access},
    routes::Needs,
};
use crate::{
    process::SECRET,
    service::{PASSWORD, Service},
};

/// Rejection: a status, and the code of the problem. Below `/dav` there is no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rejection {
    pub(super) status: u16,
    pub(super) code: &'static str,
}

impl Rejection {
    pub(super) const UNAUTHENTICATED: Self = Self { status: 401, code: "unauthenticated" };
    const INSUFFICIENT_SCOPE: Self = Self { status: 403, code: "insufficient-scope" };
}

/// Credential of a request.
#[derive(Debug, Clone)]
pub(super) enum Credential {
    None,
    /// An access token that is valid, or the rejection that it gets.
    Token(String, Option<Rejection>),
    /// An app password with its scopes.
    AppPassword(String, Vec<&'static str>),
    /// An app password that is no longer valid.
    InvalidAppPassword(String),
}

/// A credential, and the account to which it belongs.
pub(super) struct Caller {
    pub(super) name: &'static str,
    pub(super) account: usize,
    pub(super) email: String,
    pub(super) credential: Credential,
}

impl Caller {
    /// The rejection of a request. `None`: the caller is authorized.
    pub(super) fn rejection(&self, needs: &Needs) -> Option<Rejection> {
        let invalid = Rejection { status: 401, code: "app-password-invalid" };
        match (needs, &self.credential) {
            (Needs::Nothing, _) => None,
            (_, Credential::None) | (Needs::Dav, Credential::Token(..)) => Some(Rejection::UNAUTHENTICATED),
            (_, Credential::InvalidAppPassword(_)) => Some(invalid),
            (_, Credential::Token(_, rejection)) => *rejection,
            (Needs::Scope(needed), Credential::AppPassword(_, scopes)) if scopes.contains(&needed.as_str()) => None,
            (Needs::Dav, Credential::AppPassword(_, scopes)) if scopes.contains(&"carddav") => None,
            (_, Credential::AppPassword(..)) => Some(Rejection::INSUFFICIENT_SCOPE),
        }
    }

    /// Adds the credential to a request, in the scheme of the route.
    pub(super) fn sign(&self, request: RequestBuilder, needs: &Needs) -> RequestBuilder {
        match self.text() {
            Some(text) if *needs == Needs::Dav => request.basic_auth(&self.email, Some(text)),
            Some(text) => request.bearer_auth(text),
            None => request,
        }
    }

    /// Adds the credential in the other scheme, in which no route accepts it.
    pub(super) fn sign_in_other_scheme(&self, request: RequestBuilder, needs: &Needs) -> RequestBuilder {
        let other = if *needs == Needs::Dav { Needs::Session } else { Needs::Dav };
        self.sign(request, &other)
    }

    fn text(&self) -> Option<&str> {
        match &self.credential {
            Credential::None => None,
            Credential::Token(text, _) | Credential::AppPassword(text, _) | Credential::InvalidAppPassword(text) => {
                Some(text)
            }
        }
    }
}

/// An account that loses its access.
struct WithoutAccess {
    /// Its position in [`Callers::accounts`].
    account: usize,
    loss: Loss,
    /// The rejection of its sessions.
    rejection: Rejection,
    /// Names of the callers: with a session and with app passwords that were cached, and with unused ones.
    names: [&'static str; 4],
}

const WITHOUT_ACCESS: [WithoutAccess; 2] = [
    WithoutAccess {
        account: 1,
        loss: Loss::Disabled,
        rejection: Rejection { status: 401, code: "access-token-invalid" },
        names: [
            "disabled user",
            "app password of a disabled user",
            "unused session of a disabled user",
            "unused app password of a disabled user",
        ],
    },
    WithoutAccess {
        account: 2,
        loss: Loss::Unverified,
        rejection: Rejection { status: 403, code: "email-not-verified" },
        names: [
            "unverified user",
            "app password of an unverified user",
            "unused session of an unverified user",
            "unused app password of an unverified user",
        ],
    },
];

/// Accounts, and callers: those without access, a session, and app passwords.
pub(super) struct Callers<'a> {
    /// The first one has sessions, the second one was disabled, the third one is not verified.
    pub(super) accounts: Vec<Account<'a>>,
    pub(super) callers: Vec<Caller>,
}

impl<'a> Callers<'a> {
    pub(super) async fn create(service: &'a Service, backstage: &Backstage) -> Self {
        let mut accounts = Vec::new();
        for name in ["olena", "disabled", "unverified"] {
            accounts.push(Account::create(service, backstage, name).await);
        }
        let mut made = Self { accounts, callers: Vec::new() };
        made.add("no credential", 0, Credential::None);
        made.add_sessions(service).await;
        made.add_app_passwords(service, backstage).await;
        made.add_accounts_without_access(service, backstage).await;
        made
    }

    fn add(&mut self, name: &'static str, account: usize, credential: Credential) {
        let email = self.accounts[account].email.clone();
        self.callers.push(Caller { name, account, email, credential });
    }

    async fn add_sessions(&mut self, service: &Service) {
        let invalid = Some(Rejection { status: 401, code: "access-token-invalid" });
        let account = &self.accounts[0];
        let (fresh, expired) = (forged(account, Duration::zero()), forged(account, Duration::hours(1)));
        let valid = service.request(Method::GET, "/api/me").bearer_auth(fresh).send().await.unwrap();
        assert_eq!(valid.status(), StatusCode::OK, "a token that differs from the expired one in its times only");
        let ended = account.new_session().await;
        ended.send(Method::POST, "/api/auth/logout").await.expect(StatusCode::NO_CONTENT);
        let ended = ended.access_token.clone();
        let current = account.person.access_token.clone();
        self.add("session", 0, Credential::Token(current, None));
        self.add("expired token", 0, Credential::Token(expired, invalid));
        self.add("ended session", 0, Credential::Token(ended, invalid));
        self.add("password of the account", 0, Credential::Token(PASSWORD.to_owned(), invalid));
    }

    async fn add_app_passwords(&mut self, service: &Service, backstage: &Backstage) {
        for scope in SCOPES {
            let secret = self.accounts[0].secret(scope).to_owned();
            self.add(scope, 0, Credential::AppPassword(secret, vec![scope]));
        }
        let account = &self.accounts[0];
        let (_, of_all_scopes) = account.new_app_password(&SCOPES).await;
        let (ended_id, ended) = account.new_app_password(&SCOPES).await;
        // The session cache has an app password after its second use.
        for _ in 0..2 {
            let used = service.request(Method::GET, "/api/contacts").bearer_auth(&ended).send().await.unwrap();
            assert_eq!(used.status(), StatusCode::OK);
        }
        let path = format!("/api/me/app-passwords/{ended_id}");
        account.person.send(Method::DELETE, &path).await.expect(StatusCode::NO_CONTENT);
        let (_, expired) = account.new_app_password(&SCOPES).await;
        let of_newest = "UPDATE app_passwords SET expires_at = created_at WHERE created_at = \
                         (SELECT max(created_at) FROM app_passwords)";
        backstage.execute(of_newest).await;
        self.add("all scopes", 0, Credential::AppPassword(of_all_scopes, SCOPES.to_vec()));
        self.add("ended app password", 0, Credential::InvalidAppPassword(ended));
        self.add("expired app password", 0, Credential::InvalidAppPassword(expired));
    }

    /// Each account has credentials that were cached when it lost its access, and unused ones.
    async fn add_accounts_without_access(&mut self, service: &Service, backstage: &Backstage) {
        for WithoutAccess { account, loss, rejection, names } in WITHOUT_ACCESS {
            let owner = &self.accounts[account];
            let unused_session = owner.new_session().await.access_token;
            let (_, unused_secret) = owner.new_app_password(&SCOPES).await;
            lose_access(service, backstage, owner, loss).await;
            let (session, secrets) = (owner.person.access_token.clone(), owner.secrets.clone());
            let [of_session, of_secrets, of_unused_session, of_unused_secret] = names;
            self.add(of_session, account, Credential::Token(session, Some(rejection)));
            for (_, secret) in secrets {
                self.add(of_secrets, account, Credential::InvalidAppPassword(secret));
            }
            self.add(of_unused_session, account, Credential::Token(unused_session, Some(rejection)));
            self.add(of_unused_secret, account, Credential::InvalidAppPassword(unused_secret));
        }
    }
}

/// Returns an access token for the session of an account, as the service issues it, of this age.
fn forged(account: &Account<'_>, age: Duration) -> String {
    let payload = account.person.access_token.split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    let text = |name: &str| claims[name].as_str().unwrap().to_owned();
    let settings = JwtSettings {
        secret: SECRET.to_owned().into(),
        previous_secret: None,
        issuer: text("iss"),
        audience: text("aud"),
    };
    let time = |name: &str| chrono::DateTime::from_timestamp(claims[name].as_i64().unwrap(), 0).unwrap();
    let tokens = JwtAccessTokens::new(settings, Arc::new(FrozenClock::default())).unwrap();
    tokens
        .issue(&AccessClaims {
            user: account.user,
            session: account.session,
            token_id: Uuid::nil(),
            issued_at: time("iat") - age,
            expires_at: time("exp") - age,
        })
        .unwrap()
}
