//! Connections of a store: a pool of them, single statements for reads, and transactions for writes.
//!
//! The pool is deadpool and not the one of sqlx, which asks the server for a sign of life each time a connection comes
//! back: a second round trip for every read.

mod connection;
mod connector;
mod lent;
mod pool;
#[cfg(test)]
mod tests;
mod transaction;

pub(crate) use self::{
    connection::Connection,
    connector::{Connector, Replacement},
    lent::Lent,
    pool::Pool,
    transaction::Transaction,
};
