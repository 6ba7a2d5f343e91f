//! Test environment of the domain: all ports with their fakes.

use std::sync::Arc;

use domain::{
    Policy, Ports,
    account::{Email, Locale, Password, Timezone, User, Username},
    client::ClientInfo,
    mail::OutboxStatus,
    store::Store,
    use_cases::{
        account::{RegisterCommand, register, verify_email},
        background::deliver_due_mail,
    },
};

use crate::{
    fakes::{
        CountingIds, CountingSecrets, FakeAccessTokens, FakePasswords, FakePictures, FakeRateLimiter, FrozenClock,
        RecordingMailer,
    },
    memory::MemoryStore,
};

/// The password of all users in the tests.
pub const PASSWORD: &str = "correct horse battery";

/// All ports, and access to their fakes.
pub struct TestEnvironment {
    /// Ports for use cases.
    pub ports: Ports,
    /// The store behind `ports.store`.
    pub store: MemoryStore,
    /// The clock behind `ports.clock`.
    pub clock: Arc<FrozenClock>,
    /// The hasher behind `ports.passwords`.
    pub passwords: Arc<FakePasswords>,
    /// The mailer behind `ports.mailer`.
    pub mailer: Arc<RecordingMailer>,
    /// The pictures behind both picture ports.
    pub pictures: Arc<FakePictures>,
    /// The counters behind `ports.rate_limiter`.
    pub rate_limiter: Arc<FakeRateLimiter>,
}

impl Default for TestEnvironment {
    fn default() -> Self {
        let store = MemoryStore::default();
        let units = store.open_units();
        let clock = Arc::new(FrozenClock::default());
        let passwords = Arc::new(FakePasswords::new(units.clone()));
        let mailer = Arc::new(RecordingMailer::new(units.clone()));
        let pictures = Arc::new(FakePictures::new(units));
        let rate_limiter = Arc::new(FakeRateLimiter::new(clock.clone()));
        let ports = Ports {
            store: Arc::new(store.clone()),
            passwords: passwords.clone(),
            access_tokens: Arc::new(FakeAccessTokens::new(clock.clone())),
            secrets: Arc::new(CountingSecrets),
            ids: Arc::new(CountingIds),
            clock: clock.clone(),
            mailer: mailer.clone(),
            picture_processor: pictures.clone(),
            picture_store: pictures.clone(),
            rate_limiter: rate_limiter.clone(),
            policy: Policy::default(),
        };
        Self { ports, store, clock, passwords, mailer, pictures, rate_limiter }
    }
}

impl TestEnvironment {
    /// Creates an environment with that store; [`TestEnvironment::store`] stays empty.
    #[must_use]
    pub fn over(store: Arc<dyn Store>) -> Self {
        let env = Self::default();
        Self { ports: Ports { store, ..env.ports }, ..env }
    }

    /// Registration command for that e-mail address.
    #[must_use]
    pub fn registrant(email: &str) -> RegisterCommand {
        RegisterCommand {
            username: Username::parse("Олена").unwrap(),
            email: Email::parse(email).unwrap(),
            password: Password::parse(PASSWORD).unwrap(),
            locale: Locale::Uk,
            timezone: "Europe/Kyiv".parse::<Timezone>().unwrap(),
            client: Self::client(),
        }
    }

    /// The client of all requests.
    #[must_use]
    pub fn client() -> ClientInfo {
        ClientInfo::new("203.0.113.7".parse().ok(), Some("tests/1.0"))
    }

    /// Registers a user.
    pub async fn registered(&self, email: &str) -> User {
        register(&self.ports, Self::registrant(email)).await.unwrap()
    }

    /// Registers a user and verifies the e-mail address.
    pub async fn verified(&self, email: &str) -> User {
        let user = self.registered(email).await;
        let token = self.token_from_mail().await;
        verify_email(&self.ports, &token, &Self::client()).await.unwrap();
        User { email_verified: true, ..user }
    }

    /// Returns the current state of the outbox.
    pub async fn outbox(&self) -> OutboxStatus {
        self.ports.store.outbox_status(self.ports.clock.now()).await.unwrap()
    }

    /// Sends the waiting mails and returns the token of the only one. Panics when there is not exactly one.
    pub async fn token_from_mail(&self) -> String {
        deliver_due_mail(&self.ports).await.unwrap();
        self.mailer.take_only_token()
    }
}
