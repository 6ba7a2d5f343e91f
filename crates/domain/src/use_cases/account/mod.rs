//! Use cases of accounts: registration, e-mail, password, profile, avatar, deletion.

mod change_avatar;
mod change_password;
mod confirm_email;
mod delete_account;
mod forgot_password;
mod register;
mod request_email_change;
mod resend_email_change;
mod resend_verification;
mod reset_password;
mod revert_email;
mod update_profile;
mod verify_email;

pub use self::{
    change_avatar::{ChangeAvatarError, change_avatar, remove_avatar},
    change_password::{ChangePasswordError, change_password},
    confirm_email::{ConfirmEmailError, confirm_email},
    delete_account::delete_account,
    forgot_password::forgot_password,
    register::{RegisterCommand, RegisterError, register},
    request_email_change::{RequestEmailChangeError, request_email_change},
    resend_email_change::resend_email_change,
    resend_verification::resend_verification,
    reset_password::{ResetPasswordError, reset_password},
    revert_email::{RevertEmailError, revert_email},
    update_profile::{ProfileChange, UpdateProfileError, update_profile},
    verify_email::{VerifyEmailError, verify_email},
};
