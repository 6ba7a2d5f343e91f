//! Use cases of app passwords: create, list, end, authenticate.

mod authenticate_app_password;
mod create_app_password;
mod end_app_password;
mod list_app_passwords;

pub use self::{
    authenticate_app_password::{AppPasswordAttempt, AuthenticateAppPasswordError, authenticate_app_password},
    create_app_password::{CreateAppPasswordCommand, CreateAppPasswordError, CreatedAppPassword, create_app_password},
    end_app_password::{EndAppPasswordError, end_app_password},
    list_app_passwords::list_app_passwords,
};
