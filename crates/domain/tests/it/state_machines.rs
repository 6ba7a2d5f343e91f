//! Sessions and the changes of an address book as state machines, over the in-memory store.

use std::sync::Arc;

use testkit::models::{Run, change_feed, refresh_tokens};

fn run(cases: u32, check: fn(&Run<'_>)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    check(&Run { cases, source_file: file!(), runtime: &runtime, env: &Arc::default });
}

#[test]
fn refresh_tokens_agree_with_the_model() {
    run(300, refresh_tokens::agree_with_the_model);
}

#[test]
fn change_feed_brings_each_client_to_the_state_of_the_store() {
    run(300, change_feed::brings_each_client_to_the_state_of_the_store);
}
