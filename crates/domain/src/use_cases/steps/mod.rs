//! Steps that several use cases share.

mod account_error;
mod authenticate_password;
mod begin_session;
mod cancel_email_change;
mod change_card;
mod confirm_password;
mod count_request;
mod enqueue_mail;
mod erase_trail;
mod issue_tokens;
mod move_to_trash;
mod operator_client;
mod purge_trash;
mod record_event;
mod release_pictures;
mod remove_user;
mod uploaded_picture;
mod valid_token;

pub use self::{
    account_error::AccountError, authenticate_password::AuthenticatePasswordError, begin_session::BeginSessionError,
    change_card::EditContactError, confirm_password::ConfirmPasswordError, uploaded_picture::StoreUploadError,
};
pub(crate) use self::{
    authenticate_password::authenticate_password,
    begin_session::begin_session,
    cancel_email_change::{cancel_email_change, discard_email_change},
    change_card::change_card,
    confirm_password::confirm_password,
    count_request::{CounterCheck, check_of, checks_of, count_request, reverse_attempt},
    enqueue_mail::{enqueue_app_password_notice, enqueue_mail, enqueue_mail_to_user, enqueue_notice},
    erase_trail::{EVENTS_AT_ONCE, erase_trail, purge_events},
    issue_tokens::issue_tokens,
    move_to_trash::move_to_trash,
    operator_client::operator,
    purge_trash::{PURGED_AT_ONCE, purge_all_trash, purge_trash},
    record_event::{record_event, record_rejection, record_success},
    release_pictures::release_pictures,
    remove_user::remove_user,
    uploaded_picture::{claim_picture, discard_upload, release_upload, store_upload, store_uploads},
    valid_token::{ValidToken, was_just_used},
};
