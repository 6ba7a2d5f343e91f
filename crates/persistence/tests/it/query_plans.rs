//! Lists read contacts by an index.

use std::{sync::Arc, time::Duration};

use domain::contact::{ContactQueries as _, ContactQuery, Filter, PageStart, Sort};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, Statement};
use testkit::samples;

use crate::databases::{Kind, TestDatabase, with};

async fn scans(raw: &DatabaseConnection) -> (i64, i64) {
    let sql = "SELECT seq_scan, coalesce(idx_scan, 0) AS idx_scan FROM pg_stat_user_tables WHERE relname = 'contacts'";
    let row = raw.query_one_raw(Statement::from_string(raw.get_database_backend(), sql)).await.unwrap().unwrap();
    (row.try_get("", "seq_scan").unwrap(), row.try_get("", "idx_scan").unwrap())
}

/// Reads the counters of PostgreSQL after its backends have ended. Only then they
/// are complete.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn contact_lists_use_indexes_without_table_scans() {
    with(Kind::Postgres, async |database: Arc<TestDatabase>| {
        let store = database.store().await;
        let mut owner = None;
        for _ in 0..30 {
            let user = samples::stored_user(&store).await.id;
            let mut contacts: Vec<_> = (0..100)
                .map(|index| samples::contact(user, samples::card(&format!("F{index}"), &format!("L{index}"))))
                .collect();
            samples::store_contacts(&store, &mut contacts).await;
            owner = Some(user);
        }
        let owner = owner.unwrap();
        store.close().await;
        let raw = database.raw().await;
        raw.execute_unprepared("ANALYZE").await.unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
        let before = scans(&raw).await;

        let store = database.database().open().await.unwrap();
        let mut lists = 0;
        for sort in ["last_name,first_name", "first_name", "-created_at", "updated_at", "birthday"] {
            let sort: Sort = sort.parse().unwrap();
            let words = Filter::words("f1").unwrap();
            for filter in [Filter::default(), Filter { words, ..Filter::default() }] {
                let query = ContactQuery { filter, sort: sort.clone(), start: PageStart::Skip(0), limit: 10 };
                store.list_contacts(owner, &query).await.unwrap();
                lists += 1;
            }
        }
        store.close().await;
        let mut after = scans(&raw).await;
        for _ in 0..100 {
            if after.1 >= before.1 + lists {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
            after = scans(&raw).await;
        }
        assert!(after.1 >= before.1 + lists, "the index was used for each list");
        assert_eq!(after.0, before.0, "the table was never scanned");
    })
    .await;
}
