//! App passwords: passwords for other programs of a user. Each allows only the operations of its scopes.

mod model;
mod repository;
mod scope;
mod secret;

pub use self::{
    model::{AppPassword, AppPasswordName},
    repository::{AppPasswordQueries, AppPasswordRepository},
    scope::{Scope, Scopes},
    secret::AppPasswordSecret,
};
