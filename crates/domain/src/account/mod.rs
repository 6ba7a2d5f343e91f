//! User accounts: registration, passwords, e-mail addresses, profile, export and deletion.

mod authenticate_password;
mod cancel_email_change;
mod change_avatar;
mod change_password;
mod confirm_email;
mod confirm_password;
mod delete_account;
mod email;
mod export_account;
mod forgot_password;
mod model;
mod one_time_token;
mod password;
mod register;
mod remove_unverified;
mod repository;
mod request_email_change;
mod resend_email_change;
mod resend_verification;
mod reset_password;
mod revert_email;
mod update_profile;
mod verify_email;
mod warn_of_wrong_passwords;

pub use self::{
    authenticate_password::{AuthenticatePasswordError, authenticate_password},
    change_avatar::{ChangeAvatarError, change_avatar, remove_avatar},
    change_password::{ChangePasswordError, change_password},
    confirm_email::{ConfirmEmailError, confirm_email},
    confirm_password::ConfirmPasswordError,
    delete_account::delete_account,
    email::Email,
    export_account::{AccountExport, ExportAccountError, export_account},
    forgot_password::forgot_password,
    model::{Credentials, Locale, Timezone, User, UserId, Username},
    one_time_token::{OneTimeToken, Purpose},
    password::{HashingError, Password, PasswordAttempt, PasswordHash, PasswordHasher, Verdict},
    register::{RegisterCommand, RegisterError, register},
    remove_unverified::remove_unverified_accounts,
    repository::{OneTimeTokenRepository, UserQueries, UserRepository},
    request_email_change::{RequestEmailChangeError, request_email_change},
    resend_email_change::resend_email_change,
    resend_verification::resend_verification,
    reset_password::{ResetPasswordError, reset_password},
    revert_email::{RevertEmailError, revert_email},
    update_profile::{ProfileChange, UpdateProfileError, update_profile},
    verify_email::{VerifyEmailError, verify_email},
    warn_of_wrong_passwords::warn_of_wrong_passwords,
};
