//! Accounts.

use deserr::Deserr;
use domain::{
    account::{Email, Locale, Password, PasswordAttempt, ProfileChange, RegisterCommand, Timezone, User, Username},
    client::ClientInfo,
    picture::PictureStore,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::timestamp;
use crate::extract::{Body, BodyFaults};

/// A new account.
#[derive(Deserr, ToSchema)]
#[deserr(error = BodyFaults, deny_unknown_fields)]
#[schema(as = Register)]
pub(crate) struct RegisterBody {
    /// What you want to be called; need not be unique.
    #[schema(value_type = String, min_length = 1, max_length = 50, example = "Олена")]
    username: Username,
    /// Where the verification mail goes, and what you sign in with.
    #[schema(value_type = String, format = "email", max_length = 254, example = "olena@example.com")]
    email: Email,
    /// 8 to 128 characters of any kind; common ones and those made of your name or address are refused.
    #[schema(value_type = String, format = "password", min_length = 8, max_length = 128, example = "correct horse battery")]
    password: Password,
    /// The language of mails and pages; `en` when absent.
    #[deserr(default)]
    #[schema(value_type = Option<String>, pattern = "^(en|uk)$", example = "uk")]
    locale: Option<Locale>,
    /// An IANA time zone; it decides when a birthday is today. `UTC` when absent.
    #[deserr(default)]
    #[schema(value_type = Option<String>, example = "Europe/Kyiv")]
    timezone: Option<Timezone>,
}

impl Body for RegisterBody {
    fn account(&self) -> Option<&Email> {
        Some(&self.email)
    }
}

impl RegisterBody {
    /// The command, given from that device.
    pub(crate) fn by(self, client: ClientInfo) -> RegisterCommand {
        let Self { username, email, password, locale, timezone } = self;
        let (locale, timezone) = (locale.unwrap_or_default(), timezone.unwrap_or_default());
        RegisterCommand { username, email, password, locale, timezone, client }
    }
}

/// A token from a mail.
#[derive(Deserr, ToSchema)]
#[deserr(error = BodyFaults, deny_unknown_fields)]
#[schema(as = Token)]
pub(crate) struct TokenBody {
    /// The token in the link of the mail.
    #[schema(example = "4f9d6c0e4b7a1d3f8e2c5b6a9d0f1e2c3b4a5d6e7f8091a2b3c4d5e6f7081920")]
    pub(crate) token: String,
}

impl Body for TokenBody {}

/// An address that a mail may go to.
#[derive(Deserr, ToSchema)]
#[deserr(error = BodyFaults, deny_unknown_fields)]
#[schema(as = Address)]
pub(crate) struct EmailBody {
    /// The address of the account.
    #[schema(value_type = String, format = "email", example = "olena@example.com")]
    pub(crate) email: Email,
}

impl Body for EmailBody {
    fn account(&self) -> Option<&Email> {
        Some(&self.email)
    }
}

/// A new password, allowed by a token from a mail.
#[derive(Deserr, ToSchema)]
#[deserr(error = BodyFaults, deny_unknown_fields)]
#[schema(as = ResetPassword)]
pub(crate) struct ResetPasswordBody {
    /// The token in the link of the mail.
    #[schema(example = "4f9d6c0e4b7a1d3f8e2c5b6a9d0f1e2c3b4a5d6e7f8091a2b3c4d5e6f7081920")]
    pub(crate) token: String,
    /// The new password; the same rules as at registration.
    #[schema(value_type = String, format = "password", min_length = 8, max_length = 128, example = "staple the correct horse")]
    pub(crate) password: Password,
}

impl Body for ResetPasswordBody {}

/// Changes to the own profile; what is absent stays.
#[derive(Deserr, ToSchema)]
#[deserr(error = BodyFaults, deny_unknown_fields)]
#[schema(as = ProfileChange)]
pub(crate) struct ProfileBody {
    /// What you want to be called.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 50, example = "Олена П.")]
    username: Option<Username>,
    /// The language of mails and pages.
    #[deserr(default)]
    #[schema(value_type = Option<String>, pattern = "^(en|uk)$", example = "en")]
    locale: Option<Locale>,
    /// An IANA time zone.
    #[deserr(default)]
    #[schema(value_type = Option<String>, example = "Europe/Kyiv")]
    timezone: Option<Timezone>,
    /// Whether a sign-in from a device or network that was not seen before is reported to you by mail.
    #[deserr(default)]
    #[schema(example = false)]
    notify_new_device: Option<bool>,
}

impl Body for ProfileBody {}

impl From<ProfileBody> for ProfileChange {
    fn from(body: ProfileBody) -> Self {
        let ProfileBody { username, locale, timezone, notify_new_device } = body;
        Self { username, locale, timezone, notify_new_device }
    }
}

/// A new password, and the one it replaces.
#[derive(Deserr, ToSchema)]
#[deserr(error = BodyFaults, deny_unknown_fields)]
#[schema(as = ChangePassword)]
pub(crate) struct ChangePasswordBody {
    /// Your password as it is.
    #[schema(value_type = String, format = "password", example = "correct horse battery")]
    pub(crate) current_password: PasswordAttempt,
    /// Your password as it shall be; the same rules as at registration.
    #[schema(value_type = String, format = "password", min_length = 8, max_length = 128, example = "staple the correct horse")]
    pub(crate) new_password: Password,
}

impl Body for ChangePasswordBody {}

/// Your password, to be sure that it is you.
#[derive(Deserr, ToSchema)]
#[deserr(error = BodyFaults, deny_unknown_fields)]
#[schema(as = ConfirmPassword)]
pub(crate) struct PasswordBody {
    /// Your password.
    #[schema(value_type = String, format = "password", example = "correct horse battery")]
    pub(crate) password: PasswordAttempt,
}

impl Body for PasswordBody {}

/// Another address, and your password, to be sure that it is you.
#[derive(Deserr, ToSchema)]
#[deserr(error = BodyFaults, deny_unknown_fields)]
#[schema(as = ChangeEmail)]
pub(crate) struct ChangeEmailBody {
    /// The address that you want instead.
    #[schema(value_type = String, format = "email", max_length = 254, example = "olena.new@example.com")]
    pub(crate) email: Email,
    /// Your password.
    #[schema(value_type = String, format = "password", example = "correct horse battery")]
    pub(crate) password: PasswordAttempt,
}

impl Body for ChangeEmailBody {
    fn account(&self) -> Option<&Email> {
        Some(&self.email)
    }
}

/// A picture to upload.
#[derive(ToSchema)]
#[schema(as = Picture)]
pub(crate) struct PictureForm {
    /// A JPEG or PNG file of at most 5 MiB.
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream")]
    #[expect(dead_code, reason = "describes the multipart form in OpenAPI; the form is read by Upload")]
    file: Vec<u8>,
}

/// You.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub(crate) struct UserView {
    /// Your id.
    #[schema(example = "0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27")]
    id: Uuid,
    /// What you want to be called.
    #[schema(example = "Олена")]
    username: String,
    /// Your address, in its canonical form.
    #[schema(example = "olena@example.com")]
    email: String,
    /// Whether you have proven it.
    email_verified: bool,
    /// Where your picture is.
    #[schema(example = "http://localhost:8000/media/avatars/0193b5c71f6e7c3a9d425b8f0a6c1e27.jpg")]
    avatar_url: Option<String>,
    /// The language of your mails and pages.
    #[schema(example = "uk")]
    locale: &'static str,
    /// Your IANA time zone.
    #[schema(example = "Europe/Kyiv")]
    timezone: &'static str,
    /// Whether a sign-in from a new device is reported to you by mail.
    notify_new_device: bool,
    /// When you registered.
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
