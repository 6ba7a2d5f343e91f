//! How SQLite means to answer a list: asked of the very statements that are sent.

use std::time::Duration;

use domain::contact::{ContactId, ContactQuery, Cursor, Filter, PageStart, Sort, SortValue};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, QueryTrait as _, Statement};
use testkit::samples;

use super::list;
use crate::{Database, DatabaseSettings};

async fn plan(pool: &DatabaseConnection, query: &ContactQuery) -> Vec<String> {
    let owner = domain::account::UserId(samples::id());
    let mut statement: Statement = list::page(owner, query).build(pool.get_database_backend());
    statement.sql = format!("EXPLAIN QUERY PLAN {}", statement.sql);
    let rows = pool.query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| row.try_get("", "detail").unwrap()).collect()
}

fn somewhere(sort: &Sort) -> Cursor {
    let contact = samples::contact(domain::account::UserId(samples::id()), samples::draft("Olena", "Koval"));
    let values = sort.keys().iter().map(|(key, _)| SortValue::of(&contact, *key)).collect();
    Cursor::new(values, ContactId(samples::id()), sort).unwrap()
}

#[tokio::test]
async fn each_order_walks_its_index() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("contacts.db").display());
    let settings = DatabaseSettings { url, max_connections: 1, acquire_timeout: Duration::from_secs(5) };
    let database = Database::new(settings).unwrap();
    database.migrate().await.unwrap();
    let store = database.open().await.unwrap();
    let cases = [
        ("last_name,first_name", "contacts_owner_id_last_name_idx", true),
        ("first_name", "contacts_owner_id_first_name_idx", true),
        ("created_at", "contacts_owner_id_created_at_idx", true),
        ("updated_at", "contacts_owner_id_updated_at_idx", true),
        ("birthday", "contacts_owner_id_birthday_idx", true),
        // The ids still ascend, so equals are put in order by hand.
        ("-created_at", "contacts_owner_id_created_at_idx", false),
        ("-last_name,-first_name", "contacts_owner_id_last_name_idx", false),
    ];
    for (sort, index, in_order) in cases {
        let sort: Sort = sort.parse().unwrap();
        for start in [PageStart::Skip(0), PageStart::Skip(20), PageStart::After(somewhere(&sort))] {
            let is_cursor = matches!(start, PageStart::After(_));
            let query = ContactQuery { filter: Filter::default(), sort: sort.clone(), start, limit: 50 };
            let plan = plan(store.pool(), &query).await.join("; ");
            assert!(plan.contains(&format!("SEARCH contacts USING INDEX {index} (owner_id=?")), "{query:?}: {plan}");
            assert_eq!(!plan.contains("TEMP B-TREE"), in_order, "{query:?}: {plan}");
            // A cursor narrows the walk, not only the answer.
            assert_eq!(plan.contains("=? AND "), is_cursor, "{query:?}: {plan}");
        }
    }
    store.close().await;
}
