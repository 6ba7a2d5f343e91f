//! Fakes of all ports except the store. Fast and deterministic; they fulfil the contracts of the ports.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use chrono::Duration;
use domain::{
    account::{HashingError, Password, PasswordAttempt, PasswordHash, PasswordHasher, Verdict},
    client::ClientNetwork,
    ids::IdGenerator,
    limit::{Decision, Key, LimitCheck, LimiterBackend, LimiterUnavailable, RateLimiter, gcra},
    mail::{MailContent, MailError, Mailer, OutgoingMail},
    picture::{Picture, PictureError, PictureKey, PictureProcessor, PictureStore, PictureStoreError},
    secret::{NoRandomness, Secret, SecretGenerator},
    session::{AccessClaims, AccessTokenError, AccessTokens, InvalidAccessToken},
    time::{Clock, Timestamp},
};
use uuid::Uuid;

use crate::{memory::OpenUnits, samples};

/// Clock that does not advance until it is set.
pub struct FrozenClock(Mutex<Timestamp>);

impl Default for FrozenClock {
    fn default() -> Self {
        Self(Mutex::new(samples::now()))
    }
}

impl FrozenClock {
    /// Advances the clock.
    pub fn advance(&self, by: Duration) {
        *self.0.lock().unwrap() += by;
    }

    /// Sets the clock.
    pub fn set(&self, now: Timestamp) {
        *self.0.lock().unwrap() = now;
    }
}

impl Clock for FrozenClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// Ascending ids.
#[derive(Default)]
pub struct CountingIds;

impl IdGenerator for CountingIds {
    fn next_id(&self) -> Uuid {
        samples::id()
    }
}

/// Ascending, predictable secrets.
#[derive(Default)]
pub struct CountingSecrets;

impl SecretGenerator for CountingSecrets {
    fn generate(&self) -> Result<Secret, NoRandomness> {
        Ok(samples::secret())
    }
}

/// Stores passwords in plain text, and counts the hashes that a real hasher would compute.
pub struct FakePasswords {
    open_units: OpenUnits,
    work: AtomicUsize,
    scheme: AtomicU64,
}

impl FakePasswords {
    /// Creates a hasher that panics while a unit of that store is open.
    #[must_use]
    pub fn new(open_units: OpenUnits) -> Self {
        Self { open_units, work: AtomicUsize::new(0), scheme: AtomicU64::new(1) }
    }

    /// Returns the number of hashes since the last call.
    pub fn take_work(&self) -> usize {
        self.work.swap(0, Ordering::SeqCst)
    }

    /// Makes all existing hashes outdated, like a change of the cost.
    pub fn change_parameters(&self) {
        self.scheme.fetch_add(1, Ordering::SeqCst);
    }

    fn hashed(&self, text: &str) -> PasswordHash {
        self.open_units.assert_none("hashing");
        self.work.fetch_add(1, Ordering::SeqCst);
        PasswordHash(format!("{}${text}", self.scheme.load(Ordering::SeqCst)))
    }
}

#[async_trait]
impl PasswordHasher for FakePasswords {
    async fn hash(&self, password: &Password, _: ClientNetwork) -> Result<PasswordHash, HashingError> {
        Ok(self.hashed(password.reveal()))
    }

    async fn verify(
        &self,
        attempt: &PasswordAttempt,
        hash: Option<&PasswordHash>,
        _: ClientNetwork,
    ) -> Result<Verdict, HashingError> {
        let current = self.hashed(attempt.reveal());
        let password = |hash: &PasswordHash| hash.0.split_once('$').map(|(_, text)| text.to_owned());
        let is_right = hash.is_some_and(|hash| password(hash).as_deref() == Some(attempt.reveal()));
        let outdated = hash != Some(&current);
        Ok(if is_right { Verdict::Match { outdated } } else { Verdict::Mismatch })
    }

    async fn rehash(&self, attempt: &PasswordAttempt, _: ClientNetwork) -> Result<PasswordHash, HashingError> {
        Ok(self.hashed(attempt.reveal()))
    }
}

/// Issues numbered tokens and stores their claims.
#[derive(Default)]
pub struct FakeAccessTokens(Mutex<BTreeMap<String, AccessClaims>>);

impl AccessTokens for FakeAccessTokens {
    fn issue(&self, claims: &AccessClaims) -> Result<String, AccessTokenError> {
        let token = format!("access-{}", samples::unique());
        self.0.lock().unwrap().insert(token.clone(), *claims);
        Ok(token)
    }

    fn verify(&self, token: &str) -> Result<AccessClaims, InvalidAccessToken> {
        self.0.lock().unwrap().get(token).copied().ok_or_else(|| InvalidAccessToken("unknown token".into()))
    }
}

/// Result of the next mail of a [`RecordingMailer`].
pub enum SendBehaviour {
    /// Accepts the mail.
    Accepts,
    /// Reports a transient error.
    IsUnavailable,
    /// Reports a permanent error.
    Rejects,
    /// Panics.
    Panics,
}

/// Mailer that records mails.
pub struct RecordingMailer {
    open_units: OpenUnits,
    sent: Mutex<Vec<OutgoingMail>>,
    script: Mutex<VecDeque<SendBehaviour>>,
}

impl RecordingMailer {
    /// Creates a mailer that panics while a unit of that store is open.
    #[must_use]
    pub fn new(open_units: OpenUnits) -> Self {
        Self { open_units, sent: Mutex::default(), script: Mutex::default() }
    }

    /// Sets the results of the next mails, one for each. Later mails are accepted.
    pub fn script(&self, next: impl IntoIterator<Item = SendBehaviour>) {
        self.script.lock().unwrap().extend(next);
    }

    /// Returns the mails accepted since the last call.
    pub fn take_sent(&self) -> Vec<OutgoingMail> {
        std::mem::take(&mut self.sent.lock().unwrap())
    }

    /// Returns the token of the only mail with a token since the last call. Panics when there is not exactly one.
    pub fn take_only_token(&self) -> String {
        let token = |mail: OutgoingMail| match mail.content {
            MailContent::VerifyEmail { token, .. }
            | MailContent::ResetPassword { token, .. }
            | MailContent::ConfirmEmail { token, .. } => Some(token.reveal()),
            MailContent::EmailChangeNotice
            | MailContent::EmailChanged { .. }
            | MailContent::PasswordChanged
            | MailContent::PasswordWasReset
            | MailContent::SessionEnded
            | MailContent::NewDevice
            | MailContent::WrongPasswords => None,
        };
        let mut tokens: Vec<String> = self.take_sent().into_iter().filter_map(token).collect();
        assert_eq!(tokens.len(), 1, "exactly one mail with a token");
        tokens.remove(0)
    }
}

#[async_trait]
impl Mailer for RecordingMailer {
    async fn send(&self, mail: &OutgoingMail) -> Result<(), MailError> {
        self.open_units.assert_none("sending mail");
        let next = self.script.lock().unwrap().pop_front();
        match next.unwrap_or(SendBehaviour::Accepts) {
            SendBehaviour::Accepts => {
                self.sent.lock().unwrap().push(mail.clone());
                Ok(())
            }
            SendBehaviour::IsUnavailable => Err(MailError::Transient("connection refused".into())),
            SendBehaviour::Panics => panic!("the mailer panicked"),
            SendBehaviour::Rejects => Err(MailError::Permanent("no such mailbox".into())),
        }
    }
}

/// Accepts every upload that begins with `picture`; stores pictures in memory.
#[derive(Default)]
pub struct FakePictures {
    open_units: OpenUnits,
    stored: Mutex<BTreeMap<String, Picture>>,
    unavailable: Mutex<bool>,
    script: Mutex<VecDeque<StoreBehaviour>>,
    delay: Mutex<Option<(Duration, Arc<FrozenClock>)>>,
    gate: tokio::sync::Notify,
}

/// Behaviour of [`FakePictures`] for the next picture.
pub enum StoreBehaviour {
    /// Stores it and reports an error.
    StoresAndFails,
    /// Stores it and never returns.
    StoresAndHangs,
    /// Never returns.
    Hangs,
    /// Stores it only after the delay of [`FakePictures::delay_by`].
    ArrivesLate,
    /// Like `ArrivesLate`, and never returns.
    ArrivesLateAndHangs,
}

impl FakePictures {
    /// Creates a fake that panics while a unit of that store is open.
    #[must_use]
    pub fn new(open_units: OpenUnits) -> Self {
        Self { open_units, ..Self::default() }
    }

    /// Returns the keys of the stored pictures.
    pub fn stored(&self) -> Vec<String> {
        self.stored.lock().unwrap().keys().cloned().collect()
    }

    /// Advances the clock by `time` while the next picture is being stored, and blocks it until
    /// [`FakePictures::release`].
    pub fn delay_by(&self, time: Duration, clock: Arc<FrozenClock>) {
        *self.delay.lock().unwrap() = Some((time, clock));
    }

    /// Unblocks the delayed picture.
    pub fn release(&self) {
        self.gate.notify_one();
    }

    /// Sets the behaviour for the next pictures, one for each. Later pictures are stored.
    pub fn script(&self, next: impl IntoIterator<Item = StoreBehaviour>) {
        self.script.lock().unwrap().extend(next);
    }

    /// Makes the store unavailable, or available again.
    pub fn set_unavailable(&self, unavailable: bool) {
        *self.unavailable.lock().unwrap() = unavailable;
    }
}

#[async_trait]
impl PictureProcessor for FakePictures {
    async fn square(&self, upload: Vec<u8>) -> Result<Picture, PictureError> {
        self.open_units.assert_none("processing a picture");
        if upload.starts_with(b"picture") { Ok(Picture { jpeg: upload }) } else { Err(PictureError::UnsupportedFormat) }
    }
}

#[async_trait]
impl PictureStore for FakePictures {
    async fn put(&self, key: &PictureKey, picture: Picture) -> Result<(), PictureStoreError> {
        self.open_units.assert_none("storing a picture");
        if *self.unavailable.lock().unwrap() {
            return Err(PictureStoreError::Unavailable("unavailable".into()));
        }
        let next = self.script.lock().unwrap().pop_front();
        let store = |picture| self.stored.lock().unwrap().insert(key.as_str().to_owned(), picture);
        let (now, late) = match next {
            Some(StoreBehaviour::Hangs) => (None, None),
            Some(StoreBehaviour::ArrivesLate | StoreBehaviour::ArrivesLateAndHangs) => (None, Some(picture)),
            _ => (Some(picture), None),
        };
        now.map(store);
        let delay = self.delay.lock().unwrap().take();
        if let Some((time, clock)) = delay {
            clock.advance(time);
            self.gate.notified().await;
        }
        late.map(store);
        match next {
            None | Some(StoreBehaviour::ArrivesLate) => Ok(()),
            Some(StoreBehaviour::StoresAndFails) => Err(PictureStoreError::Unavailable("connection lost".into())),
            Some(StoreBehaviour::StoresAndHangs | StoreBehaviour::ArrivesLateAndHangs | StoreBehaviour::Hangs) => {
                std::future::pending().await
            }
        }
    }

    async fn discard(&self, key: &PictureKey) -> Result<(), PictureStoreError> {
        self.open_units.assert_none("removing a picture");
        if *self.unavailable.lock().unwrap() {
            return Err(PictureStoreError::Unavailable("unavailable".into()));
        }
        self.stored.lock().unwrap().remove(key.as_str());
        Ok(())
    }

    fn url(&self, key: &PictureKey) -> String {
        format!("https://pictures.example/{}.jpg", key.as_str())
    }
}

/// Rate limiter with counters in a map.
pub struct FakeRateLimiter {
    clock: Arc<FrozenClock>,
    full_at: Mutex<HashMap<Key, i64>>,
    unavailable: Mutex<bool>,
}

impl FakeRateLimiter {
    /// Creates a limiter that reads the time from that clock.
    #[must_use]
    pub fn new(clock: Arc<FrozenClock>) -> Self {
        Self { clock, full_at: Mutex::default(), unavailable: Mutex::new(false) }
    }

    /// Makes the counters unavailable, or available again.
    pub fn set_unavailable(&self, unavailable: bool) {
        *self.unavailable.lock().unwrap() = unavailable;
    }

    /// Removes all counters.
    pub fn flush(&self) {
        self.full_at.lock().unwrap().clear();
    }
}

#[async_trait]
impl RateLimiter for FakeRateLimiter {
    async fn admit(&self, checks: &[LimitCheck]) -> Result<Vec<Decision>, LimiterUnavailable> {
        if *self.unavailable.lock().unwrap() {
            return Err(LimiterUnavailable("unavailable".into()));
        }
        let now = self.clock.now().timestamp_micros();
        let mut full_at = self.full_at.lock().unwrap();
        let decided: Vec<_> =
            checks.iter().map(|check| gcra::decide(check.quota, now, full_at.get(&check.key).copied())).collect();
        if decided.iter().all(|(decision, _)| decision.allowed) {
            full_at.extend(checks.iter().zip(&decided).map(|(check, (_, next))| (check.key.clone(), *next)));
        }
        Ok(decided.into_iter().map(|(decision, _)| decision).collect())
    }

    async fn reverse(&self, checks: &[LimitCheck]) -> Result<(), LimiterUnavailable> {
        if *self.unavailable.lock().unwrap() {
            return Err(LimiterUnavailable("unavailable".into()));
        }
        let now = self.clock.now().timestamp_micros();
        let mut full_at = self.full_at.lock().unwrap();
        for check in checks {
            match gcra::reverse(check.quota, now, full_at.get(&check.key).copied()) {
                Some(earlier) => full_at.insert(check.key.clone(), earlier),
                None => full_at.remove(&check.key),
            };
        }
        Ok(())
    }

    fn backend(&self) -> LimiterBackend {
        if *self.unavailable.lock().unwrap() { LimiterBackend::SharedUnavailable } else { LimiterBackend::Shared }
    }
}
