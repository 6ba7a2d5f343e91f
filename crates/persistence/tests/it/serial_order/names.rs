//! Ids and secrets that contain their trial and their maker. So the results of two trials can be compared: both are read
//! with names instead of ids.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, Ordering},
    },
};

use domain::{
    app_password::AppPasswordSecret,
    ids::IdGenerator,
    picture::PictureKey,
    secret::{NoRandomness, Secret, SecretDigest, SecretGenerator},
};
use uuid::Uuid;

/// First 80 bits of every id. The trial, the maker and a number follow.
const PREFIX: u128 = 0x0193_a777_0000_7000_8000;
/// Highest bit of the ids. An import with a key sets it in the stored id of a contact that it has skipped.
const SKIPPED: u128 = 1 << 127;
/// Prefix of the tokens of `FakeAccessTokens`, before a number.
const ACCESS_TOKEN: &str = "access-";

/// Maker of an id or a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Maker {
    Setup,
    First,
    Second,
}

impl Maker {
    const ALL: [Self; 3] = [Self::Setup, Self::First, Self::Second];

    /// Name of what an operation has made. An operation that is repeated makes more of it, so there is no number.
    fn name(self, number: u16) -> String {
        match self {
            Self::Setup => format!("<{number}>"),
            Self::First => "<A>".to_owned(),
            Self::Second => "<B>".to_owned(),
        }
    }
}

/// A text with names, and the trial to which it belongs.
pub(super) struct Named {
    pub(super) trial: Option<u32>,
    pub(super) text: String,
}

/// Names of everything that a source has made and whose text does not contain its maker: digests, and keys of pictures.
#[derive(Clone, Default)]
pub(super) struct Names(Arc<Mutex<HashMap<String, (u32, String)>>>);

impl Names {
    pub(super) fn source(&self, trial: u32, maker: Maker) -> Arc<Source> {
        Arc::new(Source { names: self.clone(), trial, maker, next: AtomicU16::new(1) })
    }

    fn learn(&self, text: String, trial: u32, name: &str) {
        self.0.lock().unwrap().insert(text, (trial, name.to_owned()));
    }

    /// Replaces ids, digests, keys and access tokens.
    pub(super) fn read(&self, text: &str) -> Named {
        let (mut named, mut trial, mut rest, mut is_within_run) = (String::new(), None, text, false);
        while let Some(next) = rest.chars().next() {
            let is_candidate = next.is_ascii_hexdigit() && !is_within_run && has_length_of_an_id(rest);
            let found = if is_candidate { self.find(rest) } else { None };
            if let Some((length, of, name)) = found {
                trial = Some(of);
                named.push_str(&name);
                rest = &rest[length..];
            } else if let Some(number) = rest.strip_prefix(ACCESS_TOKEN) {
                named.push_str("<access token>");
                rest = number.trim_start_matches(|digit: char| digit.is_ascii_digit());
            } else {
                is_within_run = next.is_ascii_hexdigit();
                named.push(next);
                rest = &rest[next.len_utf8()..];
            }
        }
        let trial = trial.or_else(|| trial_of_mail(&named));
        let text = trial.map_or(named.clone(), |trial| named.replace(&mail_tag(trial), "trial"));
        Named { trial, text }
    }

    /// Finds the name of the id, digest or key with which a text begins. Returns the length of that, its trial and its name.
    fn find(&self, text: &str) -> Option<(usize, u32, String)> {
        let id = [36, 32].into_iter().find_map(|length| Some((length, made(text.get(..length)?)?)));
        if let Some((length, (trial, name))) = id {
            return Some((length, trial, name));
        }
        let names = self.0.lock().unwrap();
        [64, 32].into_iter().find_map(|length| {
            let (trial, name) = names.get(&text.get(..length)?.to_ascii_lowercase())?;
            Some((length, *trial, name.clone()))
        })
    }
}

/// Part of the e-mails of a trial.
pub(super) fn mail_tag(trial: u32) -> String {
    format!("trial{trial:06}")
}

/// Finds the trial of a row that has an e-mail only.
fn trial_of_mail(text: &str) -> Option<u32> {
    text.split("trial").find_map(|rest| rest.get(..6)?.parse().ok())
}

/// True for a text that begins with at least 32 hexadecimal digits and hyphens. Few parts of a row do.
fn has_length_of_an_id(text: &str) -> bool {
    text.bytes().take_while(|byte| byte.is_ascii_hexdigit() || *byte == b'-').nth(31).is_some()
}

/// Parses an id of a source. Returns its trial and its name.
fn made(text: &str) -> Option<(u32, String)> {
    let stored = Uuid::try_parse(text).ok()?.as_u128();
    let id = stored & !SKIPPED;
    let maker = *Maker::ALL.get(usize::try_from(id >> 16 & 0xff).ok()?)?;
    let (trial, number) = (u32::try_from(id >> 24 & 0xff_ffff).ok()?, u16::try_from(id & 0xffff).ok()?);
    let name = || if stored == id { maker.name(number) } else { format!("skipped {}", maker.name(number)) };
    (id >> 48 == PREFIX).then(|| (trial, name()))
}

/// Ids and secrets of one maker in one trial.
pub(super) struct Source {
    names: Names,
    trial: u32,
    maker: Maker,
    next: AtomicU16,
}

impl Source {
    fn number(&self) -> u16 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn id(&self) -> Uuid {
        let maker = self.maker as u128;
        Uuid::from_u128(PREFIX << 48 | u128::from(self.trial) << 24 | maker << 16 | u128::from(self.number()))
    }

    pub(super) fn secret(&self) -> Secret {
        let number = self.number();
        let mut bytes = [7; 32];
        bytes[..4].copy_from_slice(&self.trial.to_be_bytes());
        bytes[4] = self.maker as u8;
        bytes[5..7].copy_from_slice(&number.to_be_bytes());
        let secret = Secret::from_bytes(bytes);
        let name = self.maker.name(number);
        let digest =
            |SecretDigest(digest): SecretDigest| digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        self.names.learn(secret.reveal(), self.trial, &name);
        self.names.learn(digest(secret.digest()), self.trial, &name);
        self.names.learn(digest(AppPasswordSecret::from_random(&secret).digest()), self.trial, &name);
        self.names.learn(PictureKey::unguessable_id(&secret).simple().to_string(), self.trial, &name);
        secret
    }
}

impl IdGenerator for Source {
    fn next_id(&self) -> Uuid {
        self.id()
    }
}

impl SecretGenerator for Source {
    fn generate(&self) -> Result<Secret, NoRandomness> {
        Ok(self.secret())
    }
}
