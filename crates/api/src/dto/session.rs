//! Request and response bodies of sessions.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use domain::{
    account::{Email, PasswordAttempt},
    ids::SessionId,
    session::{RefreshToken, Session, TokenPair},
    text::Invalid,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::timestamp;
use crate::extract::{Body, BodyErrors, read_text};

/// An e-mail address and a password.
#[derive(Deserr, ToSchema)]
#[deserr(error = BodyErrors, deny_unknown_fields)]
#[schema(as = LoginRequest)]
pub(crate) struct LoginBody {
    /// Your e-mail address.
    #[schema(value_type = String, example = "olena@example.com")]
    pub(crate) email: TypedEmail,
    /// Your password.
    #[schema(value_type = String, format = "password", example = "correct horse battery")]
    pub(crate) password: PasswordAttempt,
}

impl Body for LoginBody {
    fn account(&self) -> Option<&Email> {
        self.email.0.as_ref()
    }
}

/// An e-mail address and a password, as OAuth 2 clients send them (RFC 6749, 4.3.2).
///
/// The security scheme `password` describes the form in OpenAPI. As a second media type of the operation, it would break
/// generated clients in Python.
#[derive(Deserr)]
#[deserr(error = BodyErrors)]
pub(crate) struct LoginForm {
    pub(crate) username: TypedEmail,
    pub(crate) password: PasswordAttempt,
}

impl Body for LoginForm {
    fn account(&self) -> Option<&Email> {
        self.username.0.as_ref()
    }
}

/// An e-mail address as typed. `None` when it is malformed: the login then fails as with an unknown one.
pub(crate) struct TypedEmail(pub(crate) Option<Email>);

impl Deserr<BodyErrors> for TypedEmail {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, BodyErrors> {
        read_text(value, location, |text| Ok::<_, Invalid>(Self(Email::parse(text).ok())))
    }
}

/// A refresh token.
#[derive(Deserr, ToSchema)]
#[deserr(error = BodyErrors, deny_unknown_fields)]
#[schema(as = RefreshRequest)]
pub(crate) struct RefreshBody {
    /// The refresh token of the latest response.
    #[schema(
        example = "0193b5c71f6e7c3a9d425b8f0a6c1e27.9a1c5e7f3b2d4f6a8c0e1d3b5f7a9c2e4d6f8b0a1c3e5d7f9b2a4c6e8f0d1b3a"
    )]
    pub(crate) refresh_token: String,
}

impl Body for RefreshBody {
    fn session(&self) -> Option<SessionId> {
        RefreshToken::parse(&self.refresh_token).map(|token| token.session)
    }
}

/// A pair of tokens (RFC 6749, 5.1).
#[derive(Serialize, ToSchema)]
#[schema(as = TokenPair)]
pub(crate) struct TokenPairView {
    /// The token to send with each request: `Authorization: Bearer <access_token>`.
    #[schema(example = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJIUzI1NiJ9.e30.c2ln")]
    access_token: String,
    /// The token to exchange for the next pair, before or after the access token expires. It works once.
    #[schema(
        example = "0193b5c71f6e7c3a9d425b8f0a6c1e27.9a1c5e7f3b2d4f6a8c0e1d3b5f7a9c2e4d6f8b0a1c3e5d7f9b2a4c6e8f0d1b3a"
    )]
    refresh_token: String,
    /// Always `bearer`.
    #[schema(example = "bearer")]
    token_type: &'static str,
    /// The number of seconds until the access token expires.
    #[schema(example = 900)]
    expires_in: i64,
}

impl From<TokenPair> for TokenPairView {
    fn from(pair: TokenPair) -> Self {
        Self {
            access_token: pair.access_token,
            refresh_token: pair.refresh_token.reveal(),
            token_type: "bearer",
            expires_in: pair.expires_in.num_seconds(),
        }
    }
}

/// A session: a device on which you are signed in.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub(crate) struct SessionView {
    /// The session's id.
    #[schema(example = "0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27")]
    id: Uuid,
    /// The time of the sign-in.
    #[schema(format = DateTime, example = "2026-11-21T10:00:00.000000Z")]
    created_at: String,
    /// The time of the last refresh of its tokens, rounded down to the hour.
    #[schema(format = DateTime, example = "2026-11-21T10:00:00.000000Z")]
    last_used_at: String,
    /// The IP address of the last refresh.
    #[schema(example = "203.0.113.9")]
    ip: Option<String>,
    /// The `User-Agent` header of the client.
    #[schema(example = "curl/8.11.0")]
    user_agent: Option<String>,
    /// True for the session of this request.
    #[schema(example = true)]
    current: bool,
}

impl SessionView {
    pub(crate) fn new(session: &Session, current: SessionId) -> Self {
        Self {
            id: session.id.0,
            created_at: timestamp(session.created_at),
            last_used_at: timestamp(session.last_used_hour()),
            ip: session.client.ip.map(|ip| ip.to_string()),
            user_agent: session.client.user_agent.clone(),
            current: session.id == current,
        }
    }
}

/// Your sessions.
#[derive(Serialize, ToSchema)]
#[schema(as = SessionList)]
pub(crate) struct SessionsView {
    /// The sessions, the most recently used first.
    pub(crate) items: Vec<SessionView>,
}
