//! Timeouts of statements and transactions in PostgreSQL.

/// Settings of PostgreSQL that bound how long a stuck statement or an idle transaction holds its locks. They end a
/// statement before the timeout of this process does, `STATEMENT_DEADLINE` in `error.rs`.
pub(super) const POSTGRES_TIMEOUTS: [(&str, &str); 3] =
    [("lock_timeout", "5s"), ("statement_timeout", "10s"), ("idle_in_transaction_session_timeout", "30s")];
