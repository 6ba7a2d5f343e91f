//! Users for tests about something else than registration and login: written to the database, which costs no mail and no
//! password hash.

use std::time::Duration;

use auth::SystemClock;
use domain::{
    account::{Email, PasswordHash, User, Username},
    session::{RefreshToken, Session},
    store::Store as _,
    time::Clock as _,
};
use persistence::{Database, DatabaseSettings, Pooling, SqlStore};
use reqwest::StatusCode;
use serde_json::json;
use testkit::samples;

use super::{Person, Service};

/// Hash of the password of all users.
const PASSWORD_HASH: &str = "v1$-$$2b$10$wHJq0uQ7mZ8nR5tXcK3e1.iRPO1ZL5utUlmo0GIWoskqvSMSSgcmm";

impl Service {
    /// Opens the database of the service, without the service.
    pub(crate) async fn store(&self) -> SqlStore {
        let settings = DatabaseSettings {
            url: self.database_url().to_owned(),
            pooling: Pooling::Session,
            max_connections: 1,
            acquire_timeout: Duration::from_secs(10),
        };
        Database::new(settings).unwrap().open().await.unwrap()
    }

    /// Stores a user as [`Service::person`] does, but without a mail and without a login.
    pub(crate) async fn stored_person(&self, address: &str) -> Person<'_> {
        let now = SystemClock.now();
        let user = User {
            username: Username::parse("Олена").unwrap(),
            email: Email::parse(address).unwrap(),
            timezone: "Europe/Kyiv".parse().unwrap(),
            created_at: now,
            ..samples::user()
        };
        let session = Session { created_at: now, last_used_at: now, ..samples::session(user.id) };
        let token = RefreshToken { session: session.id, secret: samples::secret() };
        let store = self.store().await;
        let mut unit = store.begin().await.unwrap();
        unit.insert_user(&user, &PasswordHash(PASSWORD_HASH.to_owned())).await.unwrap();
        unit.insert_session(&session, &token.secret.digest()).await.unwrap();
        unit.commit().await.unwrap();
        store.close().await;
        let answer = self.post("/api/auth/refresh", &json!({ "refresh_token": token.reveal() })).await;
        Person::of(self, &answer.expect(StatusCode::OK).json)
    }
}
