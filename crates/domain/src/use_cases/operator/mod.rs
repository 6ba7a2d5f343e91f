//! Use cases of the operator, who works on the machine of the service. They need no password, and are recorded in the
//! audit trail like those of clients.

mod change_account;
mod create_account;
mod invite;
mod list_accounts;
mod reset_link;

pub use super::steps::AccountError;

pub use self::{
    change_account::{delete_account, disable_account, enable_account, set_contact_limit, verify_account},
    create_account::{CreateAccountCommand, CreateAccountError, create_account},
    invite::{InviteError, invite},
    list_accounts::{list_accounts, show_account},
    reset_link::{ResetLink, ResetLinkError, create_reset_link},
};
