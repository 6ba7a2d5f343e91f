//! Connections of a store: a pool of them, single statements for reads, and transactions for writes.
//!
//! The pool is that of deadpool. The pool of sqlx pings the server whenever a connection comes back: a second round trip
//! for every read.

mod connection;
mod connector;
mod lent;
#[cfg(test)]
mod lent_tests;
mod pool;
mod statement_timeout;
mod transaction;

pub(crate) use self::{
    connection::Connection,
    connector::{Connector, ISOLATION, Replacement},
    lent::Lent,
    pool::Pool,
    transaction::Transaction,
};
