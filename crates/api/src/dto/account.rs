//! Request bodies of accounts and profiles.

use deserr::Deserr;
use domain::{
    account::{Email, Locale, Password, PasswordAttempt, Timezone, Username},
    use_cases::account::ProfileChange,
};
use utoipa::ToSchema;

use crate::extract::{Body, BodyErrors};

/// A new account.
#[derive(Deserr, ToSchema)]
#[deserr(error = BodyErrors, deny_unknown_fields)]
#[schema(as = RegisterRequest, example = json!({
    "username": "Олена", "email": "olena@example.com", "password": "correct horse battery", "timezone": "Europe/Kyiv",
}))]
pub(crate) struct RegisterBody {
    /// Your display name. It need not be unique.
    #[schema(value_type = String, extensions(("x-bounds" = json!([1, Username::MAX]))), example = "Олена")]
    pub(crate) username: Username,
    /// Your e-mail address: it receives the verification mail, and you sign in with it.
    #[schema(value_type = String, format = "email", extensions(("x-bounds" = json!([0, Email::MAX_BYTES]))), example = "olena@example.com")]
    pub(crate) email: Email,
    /// A password of 8 to 128 characters. Common ones, and those similar to your name or e-mail address, are rejected.
    #[schema(value_type = String, format = "password", extensions(("x-bounds" = json!([Password::MIN, Password::MAX]))), example = "correct horse battery")]
    pub(crate) password: Password,
    /// The language of mails and pages: `en`, `uk`, or a language tag that begins with one of them, such as `uk-UA`. By
    /// default the one that `Accept-Language` prefers.
    #[deserr(default)]
    #[schema(value_type = Option<String>, pattern = "^(en|uk)([-_][A-Za-z0-9]+)*$", example = "uk")]
    pub(crate) locale: Option<Locale>,
    /// An IANA time zone, which determines the date of today for birthdays; `UTC` by default.
    #[deserr(default)]
    #[schema(value_type = Option<String>, example = "Europe/Kyiv")]
    pub(crate) timezone: Option<Timezone>,
}

impl Body for RegisterBody {
    fn account(&self) -> Option<&Email> {
        Some(&self.email)
    }
}

/// A token from a mail.
#[derive(Deserr, ToSchema)]
#[deserr(error = BodyErrors, deny_unknown_fields)]
#[schema(as = TokenRequest)]
pub(crate) struct TokenBody {
    /// The token from the link in the mail.
    #[schema(example = "4f9d6c0e4b7a1d3f8e2c5b6a9d0f1e2c3b4a5d6e7f8091a2b3c4d5e6f7081920")]
    pub(crate) token: String,
}

impl Body for TokenBody {}

/// The e-mail address of an account.
#[derive(Deserr, ToSchema)]
#[deserr(error = BodyErrors, deny_unknown_fields)]
#[schema(as = EmailRequest)]
pub(crate) struct EmailBody {
    /// The e-mail address of the account.
    #[schema(value_type = String, format = "email", example = "olena@example.com")]
    pub(crate) email: Email,
}

impl Body for EmailBody {
    fn account(&self) -> Option<&Email> {
        Some(&self.email)
    }
}

/// A new password, with the token from a mail.
#[derive(Deserr, ToSchema)]
#[deserr(error = BodyErrors, deny_unknown_fields)]
#[schema(as = ResetPasswordRequest)]
pub(crate) struct ResetPasswordBody {
    /// The token from the link in the mail.
    #[schema(example = "4f9d6c0e4b7a1d3f8e2c5b6a9d0f1e2c3b4a5d6e7f8091a2b3c4d5e6f7081920")]
    pub(crate) token: String,
    /// The new password. The rules of the registration apply.
    #[schema(value_type = String, format = "password", extensions(("x-bounds" = json!([Password::MIN, Password::MAX]))), example = "staple the correct horse")]
    pub(crate) password: Password,
    /// `false`: app passwords stay valid. By default the reset ends all of them.
    #[deserr(default)]
    #[schema(example = true)]
    pub(crate) end_app_passwords: Option<bool>,
}

impl Body for ResetPasswordBody {}

/// Changes to your profile. An absent field stays unchanged.
#[derive(Deserr, ToSchema)]
#[deserr(error = BodyErrors, deny_unknown_fields)]
#[schema(as = ProfileUpdate, example = json!({"username": "Олена П.", "timezone": "Europe/Kyiv"}))]
pub(crate) struct ProfileBody {
    /// Your display name.
    #[deserr(default)]
    #[schema(value_type = Option<String>, extensions(("x-bounds" = json!([1, Username::MAX]))), example = "Олена П.")]
    username: Option<Username>,
    /// The language of mails and pages: `en`, `uk`, or a language tag that begins with one of them, such as `uk-UA`.
    #[deserr(default)]
    #[schema(value_type = Option<String>, pattern = "^(en|uk)([-_][A-Za-z0-9]+)*$", example = "en")]
    locale: Option<Locale>,
    /// An IANA time zone.
    #[deserr(default)]
    #[schema(value_type = Option<String>, example = "Europe/Kyiv")]
    timezone: Option<Timezone>,
    /// `true`: a mail reports each sign-in from a new device or network.
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

/// Your current password and the new one.
#[derive(Deserr, ToSchema)]
#[deserr(error = BodyErrors, deny_unknown_fields)]
#[schema(as = ChangePasswordRequest)]
pub(crate) struct ChangePasswordBody {
    /// Your current password.
    #[schema(value_type = String, format = "password", example = "correct horse battery")]
    pub(crate) current_password: PasswordAttempt,
    /// Your new password. The rules of the registration apply.
    #[schema(value_type = String, format = "password", extensions(("x-bounds" = json!([Password::MIN, Password::MAX]))), example = "staple the correct horse")]
    pub(crate) new_password: Password,
}

impl Body for ChangePasswordBody {}

/// Your password, as confirmation.
#[derive(Deserr, ToSchema)]
#[deserr(error = BodyErrors, deny_unknown_fields)]
#[schema(as = PasswordConfirmation)]
pub(crate) struct PasswordBody {
    /// Your password.
    #[schema(value_type = String, format = "password", example = "correct horse battery")]
    pub(crate) password: PasswordAttempt,
}

impl Body for PasswordBody {}

/// A new e-mail address, and your password as confirmation.
#[derive(Deserr, ToSchema)]
#[deserr(error = BodyErrors, deny_unknown_fields)]
#[schema(as = ChangeEmailRequest)]
pub(crate) struct ChangeEmailBody {
    /// The new e-mail address.
    #[schema(value_type = String, format = "email", extensions(("x-bounds" = json!([0, Email::MAX_BYTES]))), example = "olena.new@example.com")]
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

/// A picture as a multipart form.
#[derive(ToSchema)]
#[schema(as = PictureUpload)]
pub(crate) struct PictureForm {
    /// A JPEG or PNG file of at most 5 MiB.
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream")]
    #[expect(dead_code, reason = "describes the multipart form in OpenAPI; `Upload` reads the form")]
    file: Vec<u8>,
}
