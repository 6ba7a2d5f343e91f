//! Users: who they are, how they prove it, and what they may change.

mod authenticate_password;
mod change_avatar;
mod email;
mod forgot_password;
mod model;
mod one_time_token;
mod password;
mod register;
mod repository;
mod resend_verification;
mod reset_password;
mod update_profile;
mod verify_email;

pub use self::{
    authenticate_password::{AuthenticatePasswordError, authenticate_password},
    change_avatar::{ChangeAvatarError, change_avatar, remove_avatar},
    email::Email,
    forgot_password::forgot_password,
    model::{Credentials, Locale, Timezone, User, UserId, Username},
    one_time_token::{OneTimeToken, Purpose},
    password::{HashingError, Password, PasswordAttempt, PasswordHash, PasswordHasher, Verdict},
    register::{RegisterCommand, RegisterError, register},
    repository::{OneTimeTokenRepository, UserQueries, UserRepository},
    resend_verification::resend_verification,
    reset_password::{ResetPasswordError, reset_password},
    update_profile::{ProfileChange, UpdateProfileError, update_profile},
    verify_email::{VerifyEmailError, verify_email},
};
