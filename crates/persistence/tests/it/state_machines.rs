//! Sessions and the changes of an address book as state machines, on both databases.

use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::Arc,
};

use testkit::{
    TestEnvironment,
    models::{Run, change_feed, refresh_tokens},
};

use crate::databases::{Kind, TestDatabase};

/// Runs over a new database. Each case has a user of its own.
fn run(kind: Kind, cases: u32, check: fn(&Run<'_>)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (test, store) = runtime.block_on(async {
        let test = TestDatabase::create(kind).await;
        let database = test.database();
        database.migrate().await.unwrap();
        (test, database.open().await.unwrap())
    });
    let env = Arc::new(TestEnvironment::over(Arc::new(store.clone())));
    let run = Run { cases, source_file: file!(), runtime: &runtime, env: &|| Arc::clone(&env) };
    let outcome = catch_unwind(AssertUnwindSafe(|| check(&run)));
    runtime.block_on(async {
        store.close().await;
        test.remove().await;
    });
    outcome.unwrap_or_else(|failure| resume_unwind(failure));
}

#[test]
fn refresh_tokens_agree_with_the_model_on_sqlite() {
    run(Kind::Sqlite, 12, refresh_tokens::agree_with_the_model);
}

#[test]
fn refresh_tokens_agree_with_the_model_on_postgres() {
    run(Kind::Postgres, 12, refresh_tokens::agree_with_the_model);
}

#[test]
fn change_feed_brings_each_client_to_the_state_of_the_store_on_sqlite() {
    run(Kind::Sqlite, 12, change_feed::brings_each_client_to_the_state_of_the_store);
}

#[test]
fn change_feed_brings_each_client_to_the_state_of_the_store_on_postgres() {
    run(Kind::Postgres, 12, change_feed::brings_each_client_to_the_state_of_the_store);
}
