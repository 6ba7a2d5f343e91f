//! Users for tests about something other than registration and login. They are written to the database, which costs no mail
//! and no password hash.

use auth::SystemClock;
use domain::{
    account::{Email, PasswordHash, User, Username},
    ids::UserId,
    session::{RefreshToken, Session},
    store::Store as _,
    time::Clock as _,
};
use persistence::SqlStore;
use reqwest::StatusCode;
use serde_json::json;
use testkit::samples;

use super::{Person, Service};

/// Hash of [`PASSWORD`](super::PASSWORD).
const PASSWORD_HASH: &str = "v1$-$$2b$10$wHJq0uQ7mZ8nR5tXcK3e1.iRPO1ZL5utUlmo0GIWoskqvSMSSgcmm";

impl Service {
    /// Stores a verified user with a session, and refreshes its tokens.
    pub(crate) async fn stored_person(&self, address: &str) -> Person<'_> {
        let now = SystemClock.now();
        let user = User {
            username: Username::parse("Олена").unwrap(),
            email: Email::parse(address).unwrap(),
            timezone: "Europe/Kyiv".parse().unwrap(),
            created_at: now,
            ..samples::user()
        };
        let store = self.store().await;
        let mut unit = store.begin().await.unwrap();
        unit.insert_user(&user, &PasswordHash(PASSWORD_HASH.to_owned())).await.unwrap();
        unit.commit().await.unwrap();
        let person = self.stored_session(&store, user.id).await;
        store.close().await;
        person
    }

    /// Stores another session of a user, and refreshes its tokens.
    pub(crate) async fn stored_session(&self, store: &SqlStore, user: UserId) -> Person<'_> {
        let now = SystemClock.now();
        let session = Session { created_at: now, last_used_at: now, ..samples::session(user) };
        let token = RefreshToken { session: session.id, secret: samples::secret() };
        let mut unit = store.begin().await.unwrap();
        unit.insert_session(&session, &token.secret.digest()).await.unwrap();
        unit.commit().await.unwrap();
        let answer = self.post("/api/auth/refresh", &json!({ "refresh_token": token.reveal() })).await;
        Person::of(self, &answer.expect(StatusCode::OK).json)
    }
}
