//! Serialized credential and user, as Redis stores them.

use chrono::{DateTime, Utc};
use domain::{
    account::{Email, Timezone, User, Username},
    app_password::{AppPassword, AppPasswordName, Scopes},
    client::ClientInfo,
    ids::{AppPasswordId, SessionId, UserId},
    picture::PictureKey,
    session::{Credential, Session},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Cache entry. An entry of another version, with a missing or unknown field, is ignored.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredEntry {
    credential: StoredCredential,
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

/// Session or app password of the user.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum StoredCredential {
    Session {
        id: Uuid,
        created_at: i64,
        last_used_at: i64,
        ip: Option<String>,
        user_agent: Option<String>,
    },
    AppPassword {
        id: Uuid,
        name: String,
        scopes: String,
        created_at: i64,
        expires_at: Option<i64>,
        last_used_at: Option<i64>,
    },
}

impl StoredEntry {
    pub(super) fn write(credential: &Credential, user: &User) -> Option<Vec<u8>> {
        if credential.user() != user.id {
            return None;
        }
        let entry = Self {
            credential: StoredCredential::of(credential),
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

    pub(super) fn read(bytes: &[u8]) -> Option<(Credential, User)> {
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
        Some((entry.credential.of_user(user.id)?, user))
    }
}

impl StoredCredential {
    fn of(credential: &Credential) -> Self {
        match credential {
            Credential::Session(Session { id, user: _, created_at, last_used_at, client }) => Self::Session {
                id: id.0,
                created_at: created_at.timestamp_micros(),
                last_used_at: last_used_at.timestamp_micros(),
                ip: client.ip.map(|ip| ip.to_string()),
                user_agent: client.user_agent.clone(),
            },
            Credential::AppPassword(AppPassword {
                id,
                user: _,
                name,
                scopes,
                created_at,
                expires_at,
                last_used_at,
            }) => Self::AppPassword {
                id: id.0,
                name: name.as_str().to_owned(),
                scopes: scopes.to_string(),
                created_at: created_at.timestamp_micros(),
                expires_at: expires_at.as_ref().map(Timestamp::timestamp_micros),
                last_used_at: last_used_at.as_ref().map(Timestamp::timestamp_micros),
            },
        }
    }

    fn of_user(self, user: UserId) -> Option<Credential> {
        Some(match self {
            Self::Session { id, created_at, last_used_at, ip, user_agent } => Credential::Session(Session {
                id: SessionId(id),
                user,
                created_at: timestamp(created_at)?,
                last_used_at: timestamp(last_used_at)?,
                client: ClientInfo { ip: ip.map(|ip| ip.parse()).transpose().ok()?, user_agent },
            }),
            Self::AppPassword { id, name, scopes, created_at, expires_at, last_used_at } => {
                Credential::AppPassword(AppPassword {
                    id: AppPasswordId(id),
                    user,
                    name: AppPasswordName::from_stored(name),
                    scopes: Scopes::from_stored(&scopes)?,
                    created_at: timestamp(created_at)?,
                    expires_at: optional_timestamp(expires_at)?,
                    last_used_at: optional_timestamp(last_used_at)?,
                })
            }
        })
    }
}

fn timestamp(micros: i64) -> Option<Timestamp> {
    DateTime::<Utc>::from_timestamp_micros(micros)
}

/// Returns `None` for a number that is no timestamp.
fn optional_timestamp(micros: Option<i64>) -> Option<Option<Timestamp>> {
    micros.map_or(Some(None), |micros| timestamp(micros).map(Some))
}
