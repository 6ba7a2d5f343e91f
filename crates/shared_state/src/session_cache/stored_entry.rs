//! Serialized session and user, as Redis stores them.

use chrono::{DateTime, Utc};
use domain::{
    account::{Email, Timezone, User, Username},
    client::ClientInfo,
    ids::{SessionId, UserId},
    picture::PictureKey,
    session::Session,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Cache entry. An entry of another version, with a missing or unknown field, is ignored.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredEntry {
    session_id: Uuid,
    session_created_at: i64,
    last_used_at: i64,
    ip: Option<String>,
    user_agent: Option<String>,
    user_id: Uuid,
    username: String,
    email: String,
    email_verified: bool,
    pending_email: Option<String>,
    avatar: Option<String>,
    locale: String,
    timezone: String,
    notify_new_device: bool,
    user_created_at: i64,
}

impl StoredEntry {
    pub(super) fn write(session: &Session, user: &User) -> Option<Vec<u8>> {
        let Session { id, user: owner, created_at, last_used_at, client } = session;
        if *owner != user.id {
            return None;
        }
        let entry = Self {
            session_id: id.0,
            session_created_at: created_at.timestamp_micros(),
            last_used_at: last_used_at.timestamp_micros(),
            ip: client.ip.map(|ip| ip.to_string()),
            user_agent: client.user_agent.clone(),
            user_id: user.id.0,
            username: user.username.as_str().to_owned(),
            email: user.email.as_str().to_owned(),
            email_verified: user.email_verified,
            pending_email: user.pending_email.as_ref().map(|email| email.as_str().to_owned()),
            avatar: user.avatar.as_ref().map(|key| key.as_str().to_owned()),
            locale: user.locale.as_str().to_owned(),
            timezone: user.timezone.as_str().to_owned(),
            notify_new_device: user.notify_new_device,
            user_created_at: user.created_at.timestamp_micros(),
        };
        serde_json::to_vec(&entry).ok()
    }

    pub(super) fn read(bytes: &[u8]) -> Option<(Session, User)> {
        let entry: Self = serde_json::from_slice(bytes).ok()?;
        let user = User {
            id: UserId(entry.user_id),
            username: Username::from_stored(entry.username),
            email: Email::from_stored(entry.email),
            email_verified: entry.email_verified,
            pending_email: entry.pending_email.map(Email::from_stored),
            avatar: entry.avatar.map(PictureKey::from_stored),
            locale: entry.locale.parse().ok()?,
            timezone: entry.timezone.parse::<Timezone>().ok()?,
            notify_new_device: entry.notify_new_device,
            created_at: timestamp(entry.user_created_at)?,
        };
        let ip = entry.ip.map(|ip| ip.parse()).transpose().ok()?;
        let session = Session {
            id: SessionId(entry.session_id),
            user: user.id,
            created_at: timestamp(entry.session_created_at)?,
            last_used_at: timestamp(entry.last_used_at)?,
            client: ClientInfo { ip, user_agent: entry.user_agent },
        };
        Some((session, user))
    }
}

fn timestamp(micros: i64) -> Option<Timestamp> {
    DateTime::<Utc>::from_timestamp_micros(micros)
}
