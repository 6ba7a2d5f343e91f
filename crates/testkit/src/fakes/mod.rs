//! Fakes of all ports except the store. Fast and deterministic; they fulfil the contracts of the ports.

mod authentication;
mod fake_pictures;
mod fake_rate_limiter;
mod recording_mailer;
mod system;

pub use self::{
    authentication::{FakeAccessTokens, FakePasswords},
    fake_pictures::{FakePictures, StoreBehaviour},
    fake_rate_limiter::FakeRateLimiter,
    recording_mailer::{RecordingMailer, SendBehaviour},
    system::{CountingIds, CountingSecrets, FrozenClock},
};
