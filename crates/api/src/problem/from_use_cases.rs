//! Conversions from the errors of the use cases to problems. No match has a wildcard, so the compiler reports a new
//! error that is missing here.

use domain::{
    account::HashingError,
    error::StoreError,
    picture::{PictureError, PictureStoreError},
    secret::NoRandomness,
    session::AccessTokenError,
    text::Invalid,
    use_cases::{
        ExportAccountError,
        account::{
            ChangeAvatarError, ChangePasswordError, RegisterError, RequestEmailChangeError, ResetPasswordError,
            RevertEmailError, UpdateProfileError, VerifyEmailError,
        },
        session::{AuthenticateError, EndSessionError, LoginError, RefreshError},
        steps::{AuthenticatePasswordError, BeginSessionError, ConfirmPasswordError, StoreUploadError},
    },
};

use super::{Code, FieldError, Problem};

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::new(Code::Unavailable).with_cause(error),
            // A conflict that the use case does not handle is an error in this service.
            StoreError::Conflict(_) | StoreError::Backend(_) => Self::new(Code::Internal).with_cause(error),
        }
    }
}

impl From<HashingError> for Problem {
    fn from(error: HashingError) -> Self {
        match error {
            HashingError::Overloaded => Self::new(Code::Busy),
            HashingError::Failed(_) => Self::new(Code::Internal).with_cause(error),
        }
    }
}

impl From<NoRandomness> for Problem {
    fn from(error: NoRandomness) -> Self {
        Self::new(Code::Internal).with_cause(error)
    }
}

impl From<AccessTokenError> for Problem {
    fn from(error: AccessTokenError) -> Self {
        Self::new(Code::Internal).with_cause(error)
    }
}

impl From<RegisterError> for Problem {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::Closed => Self::new(Code::RegistrationClosed),
            RegisterError::NotInvited => Self::new(Code::InvitationRequired),
            RegisterError::EmailTaken => Self::new(Code::EmailTaken),
            RegisterError::Password(invalid) => invalid_password(&invalid),
            RegisterError::Hashing(error) => error.into(),
            RegisterError::Store(error) => error.into(),
        }
    }
}

impl From<VerifyEmailError> for Problem {
    fn from(error: VerifyEmailError) -> Self {
        match error {
            VerifyEmailError::TokenInvalid => Self::new(Code::TokenInvalid),
            VerifyEmailError::Store(error) => error.into(),
        }
    }
}

impl From<ResetPasswordError> for Problem {
    fn from(error: ResetPasswordError) -> Self {
        match error {
            ResetPasswordError::TokenInvalid => Self::new(Code::TokenInvalid),
            ResetPasswordError::Password(invalid) => invalid_password(&invalid),
            ResetPasswordError::Hashing(error) => error.into(),
            ResetPasswordError::Store(error) => error.into(),
        }
    }
}

impl From<RevertEmailError> for Problem {
    fn from(error: RevertEmailError) -> Self {
        match error {
            RevertEmailError::TokenInvalid => Self::new(Code::TokenInvalid),
            RevertEmailError::EmailTaken => Self::new(Code::EmailTaken),
            RevertEmailError::Secret(error) => error.into(),
            RevertEmailError::Hashing(error) => error.into(),
            RevertEmailError::Store(error) => error.into(),
        }
    }
}

impl From<ConfirmPasswordError> for Problem {
    fn from(error: ConfirmPasswordError) -> Self {
        unconfirmed_password(error, "/password")
    }
}

impl From<ChangePasswordError> for Problem {
    fn from(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::Current(error) => unconfirmed_password(error, "/current_password"),
            ChangePasswordError::New(invalid) => Self::body(vec![FieldError::invalid("/new_password", &invalid)]),
            ChangePasswordError::Hashing(error) => error.into(),
            ChangePasswordError::Session(error) => error.into(),
            ChangePasswordError::Store(error) => error.into(),
        }
    }
}

impl From<RequestEmailChangeError> for Problem {
    fn from(error: RequestEmailChangeError) -> Self {
        match error {
            RequestEmailChangeError::Password(error) => unconfirmed_password(error, "/password"),
            RequestEmailChangeError::Unchanged => {
                Self::body(vec![FieldError::new("/email".to_owned(), "unchanged", error.to_string())])
            }
            RequestEmailChangeError::Store(error) => error.into(),
        }
    }
}

impl From<ExportAccountError> for Problem {
    fn from(error: ExportAccountError) -> Self {
        match error {
            ExportAccountError::NotFound => Self::new(Code::AccessTokenInvalid),
            ExportAccountError::Store(error) => error.into(),
        }
    }
}

impl From<EndSessionError> for Problem {
    fn from(error: EndSessionError) -> Self {
        match error {
            EndSessionError::NotFound => Self::new(Code::SessionNotFound),
            EndSessionError::Store(error) => error.into(),
        }
    }
}

impl From<UpdateProfileError> for Problem {
    fn from(error: UpdateProfileError) -> Self {
        match error {
            UpdateProfileError::NotFound => Self::new(Code::AccessTokenInvalid),
            UpdateProfileError::Store(error) => error.into(),
        }
    }
}

impl From<ChangeAvatarError> for Problem {
    fn from(error: ChangeAvatarError) -> Self {
        match error {
            ChangeAvatarError::NotFound => Self::new(Code::AccessTokenInvalid),
            ChangeAvatarError::Picture(error) => error.into(),
            ChangeAvatarError::Store(error) => error.into(),
        }
    }
}

impl From<StoreUploadError> for Problem {
    fn from(error: StoreUploadError) -> Self {
        match error {
            StoreUploadError::Picture(error) => error.into(),
            StoreUploadError::PictureStore(error) => error.into(),
            StoreUploadError::Name(error) => error.into(),
            StoreUploadError::Store(error) => error.into(),
        }
    }
}

impl From<PictureError> for Problem {
    fn from(error: PictureError) -> Self {
        match error {
            PictureError::UnsupportedFormat => Self::new(Code::UnsupportedPicture),
            PictureError::Damaged => Self::new(Code::InvalidPicture),
            PictureError::TooManyPixels { max_megapixels } => Self::new(Code::PictureTooLarge)
                .with_detail(format!("The picture has more than {max_megapixels} megapixels. Make it smaller.")),
            PictureError::TooMuchMemory { format, width, height, max_mib } => {
                Self::new(Code::PictureTooLarge).with_detail(format!(
                    "Decoding this {format} of {width} x {height} pixels takes more than {max_mib} MiB. Make the picture \
                     smaller, or send a baseline JPEG."
                ))
            }
            PictureError::TooMuchMetadata => Self::new(Code::PictureTooLarge)
                .with_detail("The colour profile or other metadata of the picture are too large. Remove them."),
            PictureError::Overloaded => Self::new(Code::Busy),
            PictureError::Failed(_) => Self::new(Code::Internal).with_cause(error),
        }
    }
}

impl From<PictureStoreError> for Problem {
    fn from(error: PictureStoreError) -> Self {
        match error {
            PictureStoreError::Unavailable(_) => Self::new(Code::PictureStoreUnavailable).with_cause(error),
            PictureStoreError::Rejected(_) => Self::new(Code::PictureStoreRejected).with_cause(error),
        }
    }
}

impl From<AuthenticatePasswordError> for Problem {
    fn from(error: AuthenticatePasswordError) -> Self {
        match error {
            AuthenticatePasswordError::InvalidCredentials => Self::new(Code::InvalidCredentials),
            AuthenticatePasswordError::EmailNotVerified => Self::new(Code::EmailNotVerified),
            AuthenticatePasswordError::AccountDisabled => Self::new(Code::AccountDisabled),
            AuthenticatePasswordError::Hashing(error) => error.into(),
            AuthenticatePasswordError::Store(error) => error.into(),
        }
    }
}

impl From<BeginSessionError> for Problem {
    fn from(error: BeginSessionError) -> Self {
        match error {
            BeginSessionError::RefreshToken(error) => error.into(),
            BeginSessionError::AccessToken(error) => error.into(),
            BeginSessionError::Store(error) => error.into(),
        }
    }
}

impl From<LoginError> for Problem {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::Password(error) => error.into(),
            LoginError::Session(error) => error.into(),
            LoginError::Store(error) => error.into(),
        }
    }
}

impl From<RefreshError> for Problem {
    fn from(error: RefreshError) -> Self {
        match error {
            // Both get the same response: the holder of a stolen token must not learn why it is invalid.
            RefreshError::Invalid => Self::new(Code::RefreshTokenInvalid),
            RefreshError::Reused { .. } => Self::new(Code::RefreshTokenInvalid).with_cause(error),
            RefreshError::RefreshToken(error) => error.into(),
            RefreshError::AccessToken(error) => error.into(),
            RefreshError::Store(error) => error.into(),
        }
    }
}

impl From<AuthenticateError> for Problem {
    fn from(error: AuthenticateError) -> Self {
        match error {
            AuthenticateError::InvalidToken(_) | AuthenticateError::SessionEnded => Self::new(Code::AccessTokenInvalid),
            AuthenticateError::EmailNotVerified => Self::new(Code::EmailNotVerified),
            AuthenticateError::Store(error) => error.into(),
        }
    }
}

fn unconfirmed_password(error: ConfirmPasswordError, pointer: &str) -> Problem {
    match error {
        ConfirmPasswordError::WrongPassword => {
            let detail = "is not your current password".to_owned();
            Problem::body(vec![FieldError::new(pointer.to_owned(), "wrong-password", detail)])
        }
        ConfirmPasswordError::NotFound => Problem::new(Code::AccessTokenInvalid),
        ConfirmPasswordError::Hashing(error) => error.into(),
        ConfirmPasswordError::Store(error) => error.into(),
    }
}

fn invalid_password(invalid: &Invalid) -> Problem {
    Problem::body(vec![FieldError::invalid("/password", invalid)])
}
