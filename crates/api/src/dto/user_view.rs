//! The profile of a user in responses.

use domain::{
    account::{Locale, User},
    picture::PictureStore,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::timestamp;

/// Your profile.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub(crate) struct UserView {
    /// Your id.
    #[schema(example = "0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27")]
    id: Uuid,
    /// Your display name.
    #[schema(example = "Олена")]
    username: String,
    /// Your e-mail address, in its canonical form.
    #[schema(example = "olena@example.com")]
    email: String,
    /// True when the e-mail address is verified.
    email_verified: bool,
    /// The URL of your avatar; null without one.
    #[schema(example = "http://localhost:8000/media/avatars/0193b5c71f6e7c3a9d425b8f0a6c1e27.jpg")]
    avatar_url: Option<String>,
    /// The language of your mails and pages.
    #[schema(extensions(("x-values" = json!([Locale::En.as_str(), Locale::Uk.as_str()]))), example = "uk")]
    locale: &'static str,
    /// Your IANA time zone.
    #[schema(example = "Europe/Kyiv")]
    timezone: &'static str,
    /// True when a mail reports each sign-in from a new device or network.
    notify_new_device: bool,
    /// The time of your registration.
    #[schema(value_type = String, format = DateTime, example = "2026-11-21T10:00:00.000000Z")]
    created_at: String,
}

impl UserView {
    pub(crate) fn new(user: &User, pictures: &dyn PictureStore) -> Self {
        Self {
            id: user.id.0,
            username: user.username.as_str().to_owned(),
            email: user.email.as_str().to_owned(),
            email_verified: user.email_verified,
            avatar_url: user.avatar.as_ref().map(|key| pictures.url(key)),
            locale: user.locale.as_str(),
            timezone: user.timezone.as_str(),
            notify_new_device: user.notify_new_device,
            created_at: timestamp(user.created_at),
        }
    }
}
