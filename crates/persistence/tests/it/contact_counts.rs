//! The stored counts of contacts.

use std::sync::Arc;

use domain::{ids::UserId, store::Store as _};
use sea_orm::ConnectionTrait as _;
use testkit::samples;

use crate::databases::TestDatabase;

on_both!(wrong_counts_are_corrected,);

async fn wrong_counts_are_corrected(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let mut owners: Vec<UserId> = Vec::new();
    for contacts in [0, 1, 3] {
        let owner = samples::stored_user(&store).await.id;
        let mut contacts: Vec<_> = (0..contacts).map(|_| samples::contact(owner, samples::card("A", "B"))).collect();
        samples::store_contacts(&store, &mut contacts).await;
        owners.push(owner);
        if let [trashed, _, _] = contacts.as_slice() {
            let mut unit = store.begin().await.unwrap();
            let change = unit.take_change_numbers(owner, 1, -1).await.unwrap().unwrap().first;
            unit.trash_contacts(owner, &[(trashed.id, change)], samples::now()).await.unwrap();
            unit.commit().await.unwrap();
        }
    }
    let counts = async || {
        let mut counts = Vec::new();
        for owner in &owners {
            counts
                .push(store.begin().await.unwrap().take_change_numbers(*owner, 1, 0).await.unwrap().unwrap().contacts);
        }
        counts
    };
    assert_eq!(counts().await, [0, 1, 2], "without the trash");
    assert_eq!(store.repair_contact_counts().await.unwrap(), 0);

    let raw = database.raw().await;
    raw.execute_unprepared("UPDATE users SET contact_count = 1").await.unwrap();
    raw.close().await.unwrap();
    assert_eq!(store.repair_contact_counts().await.unwrap(), 2, "the one that was right is not counted");
    assert_eq!(counts().await, [0, 1, 2]);

    let raw = database.raw().await;
    raw.execute_unprepared("UPDATE users SET contact_count = -5").await.unwrap();
    raw.close().await.unwrap();
    assert_eq!(counts().await, [0, 0, 0], "a count that is too low is no error");
    assert_eq!(store.repair_contact_counts().await.unwrap(), 3);
    assert_eq!(counts().await, [0, 1, 2]);
}
