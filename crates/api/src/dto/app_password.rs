//! Request and response bodies of app passwords.

use std::borrow::Cow;

use chrono::{DateTime, Datelike as _, SubsecRound as _, Utc};
use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use domain::{
    app_password::{AppPassword, AppPasswordName, Scope, Scopes},
    text::Invalid,
    time::Timestamp,
    use_cases::app_password::{CreateAppPasswordCommand, CreatedAppPassword},
};
use serde::Serialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};
use uuid::Uuid;

use super::{bounds, timestamp};
use crate::extract::{Body, BodyErrors, read_text};

/// A new app password.
#[derive(Deserr, ToSchema)]
#[deserr(error = BodyErrors, deny_unknown_fields)]
#[schema(as = AppPasswordRequest, example = json!({"name": "iPhone"}))]
pub(crate) struct AppPasswordBody {
    /// A name by which you recognize the program that gets the app password. It need not be unique.
    #[schema(value_type = String, extensions(("x-bounds" = json!([1, AppPasswordName::MAX]))), example = "iPhone")]
    name: AppPasswordName,
    /// The operations that the app password allows; only `carddav` by default. No scope includes another one.
    #[deserr(default)]
    #[schema(value_type = Option<Vec<ScopeName>>, min_items = 1, example = json!(["carddav"]))]
    scopes: Option<ScopeNames>,
    /// The time from which the app password is rejected, in the future. By default it does not expire.
    #[deserr(default)]
    #[schema(value_type = Option<String>, format = DateTime, example = json!(null))]
    expires_at: Option<Expiry>,
}

impl Body for AppPasswordBody {}

impl From<AppPasswordBody> for CreateAppPasswordCommand {
    fn from(body: AppPasswordBody) -> Self {
        let AppPasswordBody { name, scopes, expires_at } = body;
        let scopes = scopes.map_or_else(Scopes::default, |ScopeNames(scopes)| scopes);
        Self { name, scopes, expires_at: expires_at.map(|Expiry(expires_at)| expires_at) }
    }
}

/// A list of scopes.
struct ScopeNames(Scopes);

impl Deserr<BodyErrors> for ScopeNames {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, BodyErrors> {
        let names = Vec::<ScopeName>::deserialize_from_value(value, location)?;
        let scopes = Scopes::new(names.into_iter().map(|ScopeName(scope)| scope));
        scopes.map(Self).map_err(|invalid| BodyErrors::invalid(&invalid, location))
    }
}

/// The name of a scope.
pub(crate) struct ScopeName(Scope);

impl ToSchema for ScopeName {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("AppPasswordScope")
    }
}

impl PartialSchema for ScopeName {
    fn schema() -> RefOr<Schema> {
        bounds::one_of(&Scope::ALL.map(Scope::as_str)).into()
    }
}

impl Deserr<BodyErrors> for ScopeName {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, BodyErrors> {
        read_text(value, location, str::parse).map(Self)
    }
}

/// A time in RFC 3339.
struct Expiry(Timestamp);

impl Deserr<BodyErrors> for Expiry {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, BodyErrors> {
        read_text(value, location, |text| {
            let time = DateTime::parse_from_rfc3339(text.trim()).map_err(|_| Invalid::NotATime)?;
            // The precision of the database. Its texts and RFC 3339 have years of four digits.
            let time = time.with_timezone(&Utc).trunc_subsecs(6);
            if (0..=9999).contains(&time.year()) { Ok(Self(time)) } else { Err(Invalid::NotATime) }
        })
    }
}

/// An app password, without the password itself.
#[derive(Serialize, ToSchema)]
#[schema(as = AppPassword)]
pub(crate) struct AppPasswordView {
    /// The app password's id.
    #[schema(example = "0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27")]
    id: Uuid,
    /// Its name.
    #[schema(example = "iPhone")]
    name: String,
    /// The operations that it allows.
    #[schema(example = json!(["carddav"]))]
    scopes: Vec<&'static str>,
    /// The time of its creation.
    #[schema(format = DateTime, example = "2026-11-21T10:00:00.000000Z")]
    created_at: String,
    /// The time from which it is rejected. `null`: it does not expire.
    #[schema(format = DateTime, example = json!(null))]
    expires_at: Option<String>,
    /// The time of its last use, recorded at most once an hour. `null`: it was never used.
    #[schema(format = DateTime, example = "2026-11-21T10:00:00.000000Z")]
    last_used_at: Option<String>,
}

impl From<&AppPassword> for AppPasswordView {
    fn from(password: &AppPassword) -> Self {
        Self {
            id: password.id.0,
            name: password.name.as_str().to_owned(),
            scopes: password.scopes.iter().map(Scope::as_str).collect(),
            created_at: timestamp(password.created_at),
            expires_at: password.expires_at.map(timestamp),
            last_used_at: password.last_used_at.map(timestamp),
        }
    }
}

/// A new app password.
#[derive(Serialize, ToSchema)]
#[schema(as = NewAppPassword)]
pub(crate) struct NewAppPasswordView {
    /// The app password's id.
    #[schema(example = "0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27")]
    id: Uuid,
    /// Its name.
    #[schema(example = "iPhone")]
    name: String,
    /// The operations that it allows.
    #[schema(example = json!(["carddav"]))]
    scopes: Vec<&'static str>,
    /// The password. It is shown only here: enter it in the program, and store it nowhere else.
    #[schema(example = "k7m2x-9fh4q-0c3tz-p8wb5")]
    password: String,
    /// The time of its creation.
    #[schema(format = DateTime, example = "2026-11-21T10:00:00.000000Z")]
    created_at: String,
    /// The time from which it is rejected. `null`: it does not expire.
    #[schema(format = DateTime, example = json!(null))]
    expires_at: Option<String>,
}

impl From<&CreatedAppPassword> for NewAppPasswordView {
    fn from(created: &CreatedAppPassword) -> Self {
        let AppPasswordView { id, name, scopes, created_at, expires_at, last_used_at: _ } =
            AppPasswordView::from(&created.password);
        Self { id, name, scopes, password: created.secret.reveal(), created_at, expires_at }
    }
}

/// Your app passwords.
#[derive(Serialize, ToSchema)]
#[schema(as = AppPasswordList)]
pub(crate) struct AppPasswordsView {
    /// The app passwords, the latest created first.
    pub(crate) items: Vec<AppPasswordView>,
}
