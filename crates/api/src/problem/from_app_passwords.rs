//! Conversions from the errors of the use cases of app passwords to problems. The rules of `from_use_cases` apply.

use domain::{
    app_password::AppPassword,
    use_cases::app_password::{AuthenticateAppPasswordError, CreateAppPasswordError, EndAppPasswordError},
};

use super::{Code, FieldError, Problem, limit_fields};

impl From<AuthenticateAppPasswordError> for Problem {
    fn from(error: AuthenticateAppPasswordError) -> Self {
        match error {
            AuthenticateAppPasswordError::Invalid => Self::new(Code::AppPasswordInvalid),
            AuthenticateAppPasswordError::InsufficientScope { required } => Self::insufficient_scope(required),
            AuthenticateAppPasswordError::TooManyWrong(counted) => limit_fields::rejection(&counted),
            AuthenticateAppPasswordError::Store(error) => error.into(),
        }
    }
}

impl From<CreateAppPasswordError> for Problem {
    fn from(error: CreateAppPasswordError) -> Self {
        match error {
            CreateAppPasswordError::Expiry(invalid) => Self::body(vec![FieldError::invalid("/expires_at", &invalid)]),
            CreateAppPasswordError::LimitReached => Self::new(Code::AppPasswordLimitReached).with_detail(format!(
                "You have {} app passwords, which is the maximum. End one first.",
                AppPassword::MAX_PER_USER
            )),
            CreateAppPasswordError::SessionEnded => Self::new(Code::AccessTokenInvalid),
            CreateAppPasswordError::Secret(error) => error.into(),
            CreateAppPasswordError::Store(error) => error.into(),
        }
    }
}

impl From<EndAppPasswordError> for Problem {
    fn from(error: EndAppPasswordError) -> Self {
        match error {
            EndAppPasswordError::NotFound => Self::new(Code::AppPasswordNotFound),
            EndAppPasswordError::Store(error) => error.into(),
        }
    }
}
