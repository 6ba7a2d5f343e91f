//! User accounts: users, e-mail addresses, passwords, one-time tokens, and their ports.

mod administration;
mod email;
mod model;
mod one_time_token;
mod password;
mod repository;

pub use self::{
    administration::{Account, AccountAdministration, AccountQueries, Registration},
    email::Email,
    model::{Credentials, Locale, Timezone, User, Username},
    one_time_token::{OneTimeToken, Purpose},
    password::{HashingError, Password, PasswordAttempt, PasswordHash, PasswordHasher, Verdict},
    repository::{OneTimeTokenRepository, UserQueries, UserRepository},
};
