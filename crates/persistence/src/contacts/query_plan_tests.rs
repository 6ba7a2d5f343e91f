//! Query plan tests of the statements that read contacts. Every index begins with the owner, so the contacts of other
//! users do not slow a list down.

use domain::{
    contact::{
        ChangeNumber, Contact, ContactQuery, Cursor, Filter, MonthDay, PageStart, Sort,
        card_resource::CardName,
        received::CardUid,
        trash::{PurgeScope, TrashPosition},
    },
    ids::{ContactId, UserId},
};
use sea_orm::{ConnectionTrait as _, DbBackend, QueryTrait as _, Select, Statement};
use testkit::{bulk_data::BulkData, postgres::FreshDatabase, samples};
use uuid::Uuid;

use super::{
    card_changes, card_names, card_rows, changes, list, received_cards, reindex,
    row::{ContactRow, by_position, listed_columns},
    row_text,
    selection::{counted, own},
    sequence, tags, trash,
};
use crate::{
    entities::contacts::Entity,
    query_plans::{generic_plan, open, sqlite_plan},
};

const SORTS: [&str; 9] = [
    "last_name,first_name",
    "-last_name,-first_name",
    "first_name",
    "-first_name",
    "created_at",
    "-created_at",
    "updated_at",
    "birthday",
    "birthday,-created_at",
];

fn sample_cursor(sort: &Sort) -> Cursor {
    let contact = samples::contact(BulkData::owner(), samples::card("леся", "коваль"));
    Cursor::at(&contact, sort)
}

/// The statement of a list, as it is run.
fn listed(query: Select<Entity>, backend: DbBackend) -> Statement {
    let rows = listed_columns(query, backend).into_query();
    backend.build(&match backend {
        DbBackend::Sqlite => row_text::as_one_row(rows),
        _ => rows,
    })
}

fn page(owner: UserId, query: &ContactQuery, backend: DbBackend) -> Statement {
    listed(list::page(owner, query, backend), backend)
}

fn filters() -> Vec<(&'static str, Filter)> {
    let part = |text: &str| Some(Filter::part(text).unwrap());
    let words = |text: &str| Filter { words: Filter::words(text).unwrap(), ..Filter::default() };
    vec![
        ("everything", Filter::default()),
        ("a word that many have", words("олена")),
        ("a word that one has", words("person77")),
        ("words that match no contact", words("no match at all")),
        ("a word like a phone", words("0671112233")),
        ("a first name", Filter { first_name: part("їж"), ..Filter::default() }),
        ("a last name", Filter { last_name: part("бон"), ..Filter::default() }),
        ("an email", Filter { email: part("77@"), ..Filter::default() }),
        ("a phone", Filter { phone: Some(Filter::phone("+380671112233").unwrap()), ..Filter::default() }),
        ("a tag", Filter { tag: Some(Filter::tag("друзі").unwrap()), ..Filter::default() }),
        ("favourites", Filter { favorite: Some(true), ..Filter::default() }),
    ]
}

/// Every statement that reads contacts of an owner, with its purpose.
fn statements(owner: UserId, backend: DbBackend) -> Vec<(String, Statement)> {
    let mut statements = Vec::new();
    for keys in SORTS {
        let sort: Sort = keys.parse().unwrap();
        for start in [PageStart::Skip(0), PageStart::Skip(5000), PageStart::After(sample_cursor(&sort))] {
            let query = ContactQuery { filter: Filter::default(), sort: sort.clone(), start, limit: 101 };
            statements.push((format!("{query:?}"), page(owner, &query, backend)));
        }
        let filter = Filter { words: Filter::words("олена").unwrap(), ..Filter::default() };
        let rest = list::matching_after(owner, &filter, Some((&sort, &sample_cursor(&sort))), backend);
        statements.push((format!("the rest of a search by {keys}"), counted(rest).into_statement(backend)));
    }
    for (name, filter) in filters() {
        let matching = list::matching_after(owner, &filter, None, backend);
        statements.push((format!("the total of {name}"), counted(matching).into_statement(backend)));
        let query = ContactQuery { filter, sort: Sort::default(), start: PageStart::Skip(0), limit: 101 };
        statements.push((name.to_owned(), page(owner, &query, backend)));
    }
    let day = |ordinal| MonthDay::from_ordinal(ordinal).unwrap();
    for days in [day(1121)..=day(1128), day(228)..=day(229), MonthDay::FIRST..=MonthDay::LAST] {
        for (order, sort) in [("by date", Sort::by_birthday()), ("by name", Sort::default())] {
            for (from, start) in [("start", PageStart::Skip(0)), ("cursor", PageStart::After(sample_cursor(&sort)))] {
                let filter = Filter { birthday: Some(days.clone()), ..Filter::default() };
                let query = ContactQuery { filter, sort: sort.clone(), start, limit: 100 };
                let name = format!("birthdays in {days:?} {order}, from the {from}");
                statements.push((name, page(owner, &query, backend)));
            }
        }
    }
    let both = [day(1126)..=day(1231), day(101)..=day(227)].map(|days| ContactQuery {
        filter: Filter { birthday: Some(days), ..Filter::default() },
        sort: Sort::by_birthday(),
        start: PageStart::Skip(0),
        limit: 100,
    });
    let statement = backend.build(&match backend {
        DbBackend::Sqlite => sequence::texts(owner, &both),
        _ => sequence::contacts(owner, &both, 100, backend),
    });
    statements.push(("birthdays across the end of the year".to_owned(), statement));
    let spellings = tags::spellings(owner, backend).into_tuple::<(String, i64)>();
    statements.push(("tags".to_owned(), spellings.into_statement(backend)));
    let one = by_position(own(owner, ContactId(samples::id())));
    statements.push(("one contact".to_owned(), one.into_statement(backend)));
    let position = TrashPosition { deleted_at: samples::now(), id: ContactId(samples::id()) };
    for after in [None, Some(position)] {
        let page = trash::page(owner, after, 101).into_partial_model::<ContactRow>();
        statements.push((format!("the trash {after:?}"), page.into_statement(backend)));
    }
    for after in [None, Some(position.id)] {
        let page = trash::held(owner, after, 1000).into_partial_model::<ContactRow>();
        statements.push((format!("the export {after:?}"), page.into_statement(backend)));
    }
    let some = trash::held_among(owner, &[position.id; 100]).into_partial_model::<ContactRow>();
    statements.push(("the trash of the export".to_owned(), some.into_statement(backend)));
    for scope in [PurgeScope::One(owner, position.id), PurgeScope::AllOf(owner), PurgeScope::Surplus(owner, 1000)] {
        statements.push((format!("{scope:?}"), backend.build(&trash::purge(scope, 500))));
    }
    for after in [0, 5000] {
        let changes = changes::changes(owner, ChangeNumber(after), 101, backend);
        statements.push((format!("the changes after {after}"), changes));
    }
    for after in [0, 5000] {
        let changes = card_changes::changes(owner, ChangeNumber(after), 101, backend);
        statements.push((format!("the changes of cards after {after}"), changes));
    }
    let names = [CardName::parse("a.vcf").unwrap(), CardName::of_contact(position.id)];
    let names: Vec<CardName> = names.into_iter().cycle().take(50).collect();
    for count in [1, 2, 50] {
        let mut cards = card_names::contact_resources(owner, &names[..count]);
        if backend == DbBackend::Sqlite {
            cards = card_rows::as_one_row(cards);
        }
        statements.push((format!("{count} cards by name"), backend.build(&cards)));
        statements.push((format!("{count} names"), backend.build(&card_names::contact_names(owner, &names[..count]))));
    }
    for uid in [CardUid::parse("no id").unwrap(), CardUid::of_contact(position.id)] {
        statements.push((format!("the card with {uid:?}"), card_names::card_with_uid(owner, &uid, backend)));
    }
    let uids = backend.build(&received_cards::uids(owner).into_query());
    statements.push(("the UIDs of received cards".to_owned(), uids));
    statements
}

/// Statements over the contacts of all users, and the index of each.
fn of_all_users(backend: DbBackend) -> [(&'static str, Statement); 2] {
    let outdated = reindex::outdated(Uuid::nil()).into_partial_model::<ContactRow>();
    let old = trash::purge(PurgeScope::DeletedBefore(samples::now()), 500);
    [
        // A new folding version needs a new index.
        ("contacts_search_version_idx", outdated.into_statement(backend)),
        ("contacts_deleted_at_idx", backend.build(&old)),
    ]
}

#[test]
fn texts_are_searched_without_patterns() {
    for backend in [DbBackend::Sqlite, DbBackend::Postgres] {
        for (name, filter) in filters() {
            let statement =
                counted(list::matching_after(BulkData::owner(), &filter, None, backend)).into_statement(backend);
            assert!(!statement.sql.contains("LIKE"), "{name}: {}", statement.sql);
        }
    }
}

#[tokio::test]
async fn statements_use_indexes_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("contacts.db").display());
    let (_, pool) = open(&url).await;
    for (name, statement) in statements(BulkData::owner(), DbBackend::Sqlite) {
        let plan = sqlite_plan(&pool, statement).await;
        let is_one = plan.contains("(id=?)");
        let is_own = plan.contains("SEARCH contacts USING") && (plan.contains("(owner_id=?") || is_one);
        assert!(is_own && !plan.contains("SCAN contacts"), "{name}: {plan}");
    }
    for (index, statement) in of_all_users(DbBackend::Sqlite) {
        let plan = sqlite_plan(&pool, statement).await;
        assert!(plan.contains(index), "{index}: {plan}");
    }
    pool.close().await;
}

#[tokio::test]
async fn cards_are_found_by_name_and_by_id_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("contacts.db").display());
    let (_, pool) = open(&url).await;
    let owner = BulkData::owner();
    let names = [CardName::parse("a.vcf").unwrap(), CardName::of_contact(ContactId(samples::id()))];
    for select in [
        card_rows::as_one_row(card_names::contact_resources(owner, &names)),
        card_names::locked_contact_resource(owner, &names[1]),
        card_names::contact_names(owner, &names),
    ] {
        let plan = sqlite_plan(&pool, DbBackend::Sqlite.build(&select)).await;
        for condition in ["(owner_id=? AND card_name=?)", "(owner_id=? AND id=?)"] {
            assert!(plan.contains(condition), "{condition}: {plan}");
        }
        // A search by the owner alone reads all contacts.
        assert!(!plan.contains("(owner_id=?)"), "{plan}");
    }
    pool.close().await;
}

#[tokio::test]
async fn received_cards_are_found_by_owner_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("contacts.db").display());
    let (_, pool) = open(&url).await;
    let (owner, id) = (BulkData::owner(), ContactId(samples::id()));
    for (query, condition) in [
        (received_cards::among(owner, &[id; 100]), "(owner_id=? AND contact_id=?)"),
        (received_cards::page(owner, Some(id), 50), "(owner_id=? AND contact_id>?)"),
        (received_cards::page(owner, None, 50), "(owner_id=?)"),
        (received_cards::uids(owner), "(owner_id=?)"),
    ] {
        let plan = sqlite_plan(&pool, DbBackend::Sqlite.build(&query.into_query())).await;
        assert!(plan.contains("SEARCH contact_cards USING") && plan.contains(condition), "{plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{plan}");
    }
    pool.close().await;
}

#[tokio::test]
async fn each_sort_order_uses_its_index_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("contacts.db").display());
    let (_, pool) = open(&url).await;
    let cases = [
        ("last_name,first_name", "contacts_owner_id_last_name_idx", true),
        ("first_name", "contacts_owner_id_first_name_idx", true),
        ("created_at", "contacts_owner_id_created_at_idx", true),
        ("updated_at", "contacts_owner_id_updated_at_idx", true),
        ("birthday", "contacts_owner_id_birthday_idx", true),
        // The ids still ascend, so equal keys are sorted separately.
        ("-created_at", "contacts_owner_id_created_at_idx", false),
        ("-last_name,-first_name", "contacts_owner_id_last_name_idx", false),
    ];
    for (sort, index, in_order) in cases {
        let sort: Sort = sort.parse().unwrap();
        for start in [PageStart::Skip(0), PageStart::Skip(20), PageStart::After(sample_cursor(&sort))] {
            let is_cursor = matches!(start, PageStart::After(_));
            let query = ContactQuery { filter: Filter::default(), sort: sort.clone(), start, limit: 50 };
            let plan = sqlite_plan(&pool, page(BulkData::owner(), &query, DbBackend::Sqlite)).await;
            assert!(plan.contains(&format!("SEARCH contacts USING INDEX {index} (owner_id=?")), "{query:?}: {plan}");
            assert_eq!(!plan.contains("TEMP B-TREE"), in_order, "{query:?}: {plan}");
            // A cursor limits the scanned range, not only the result.
            assert_eq!(plan.contains("=? AND "), is_cursor, "{query:?}: {plan}");
        }
    }
    pool.close().await;
}

/// A search by `q` in the usual order reads texts from the index, and counts without the table.
#[tokio::test]
async fn search_reads_the_index_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("contacts.db").display());
    let (_, pool) = open(&url).await;
    let filter = Filter { words: Filter::words("olena 067").unwrap(), ..Filter::default() };
    let sort: Sort = "last_name,first_name".parse().unwrap();
    for (position, columns) in
        [(None, ""), (Some((&sort, &sample_cursor(&sort))), " AND (last_name_sort,first_name_sort,id)>(?,?,?)")]
    {
        let counted = counted(list::matching_after(BulkData::owner(), &filter, position, DbBackend::Sqlite));
        let plan = sqlite_plan(&pool, counted.into_statement(DbBackend::Sqlite)).await;
        let expected = format!("USING COVERING INDEX contacts_owner_id_last_name_idx (owner_id=?{columns})");
        assert!(plan.contains(&expected), "{plan}");
    }
    let query = ContactQuery { filter, sort, start: PageStart::Skip(0), limit: 50 };
    let plan = sqlite_plan(&pool, page(BulkData::owner(), &query, DbBackend::Sqlite)).await;
    assert!(plan.contains("USING INDEX contacts_owner_id_last_name_idx (owner_id=?)"), "{plan}");
    pool.close().await;
}

/// Returns the largest number of contact rows read at one node of an executed plan.
fn contact_rows(node: &serde_json::Value, name: &str) -> u64 {
    let text = |field: &str| node[field].as_str().unwrap_or_default();
    let is_index = text("Index Name").starts_with("contacts_");
    if is_index {
        let condition = text("Index Cond");
        assert!(condition.contains("owner_id = ") || condition.contains("(id = "), "{name}: {node:#}");
    }
    let mut rows = 0;
    if is_index || text("Relation Name") == "contacts" {
        assert_ne!(text("Node Type"), "Seq Scan", "{name}: {node:#}");
        let number =
            |field: &str| node[field].as_f64().unwrap_or_default() * node["Actual Loops"].as_f64().unwrap_or_default();
        let looked_at =
            number("Actual Rows") + number("Rows Removed by Filter") + number("Rows Removed by Index Recheck");
        rows = format!("{looked_at:.0}").parse().unwrap();
    }
    let below = node["Plans"].as_array().into_iter().flatten().map(|below| contact_rows(below, name));
    below.max().unwrap_or_default().max(rows)
}

/// One of 2,000 users has 10,000 of the 210,000 contacts, scattered over the table. The statements are executed.
#[tokio::test]
async fn statements_use_indexes_on_postgres() {
    const OWN: u64 = 10_000;
    let fresh = FreshDatabase::create().await;
    let (_, pool) = open(&fresh.url).await;
    BulkData::new(21 * OWN, OWN).fill(&fresh.url).await;
    // Every user has some contacts in the trash.
    let trash = "UPDATE contacts SET deleted_at = updated_at WHERE md5(id::text) LIKE '0%'; ANALYZE contacts";
    pool.execute_unprepared(trash).await.unwrap();
    pool.execute_unprepared("SET plan_cache_mode = force_generic_plan").await.unwrap();
    for (name, mut statement) in statements(BulkData::owner(), DbBackend::Postgres) {
        let plan = generic_plan(&pool, &statement).await;
        contact_rows(&plan[0]["Plan"], &name);
        statement.sql = format!("EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {}", statement.sql);
        let row = pool.query_one_raw(statement).await.unwrap().unwrap();
        let plan: serde_json::Value = row.try_get("", "QUERY PLAN").unwrap();
        let rows = contact_rows(&plan[0]["Plan"], &name);
        assert!(rows <= OWN, "{name}: {rows} rows: {plan:#}");
        // A page from the start or from a cursor reads no more index entries than it returns.
        let is_page = name.contains("Ascending)]") && !name.contains("Skip(5000)") || name.contains("changes");
        assert!(!is_page || rows <= 101, "{name}: {rows} rows: {plan:#}");
    }
    for (index, statement) in of_all_users(DbBackend::Postgres) {
        let plan = generic_plan(&pool, &statement).await.to_string();
        assert!(plan.contains(index), "{index}: {plan}");
    }
    pool.close().await;
    fresh.remove().await;
}

/// A nested loop evaluates a plain subquery again for each row.
#[tokio::test]
async fn purge_deletes_at_most_its_limit_in_every_plan_of_postgres() {
    let fresh = FreshDatabase::create().await;
    let (database, pool) = open(&fresh.url).await;
    let store = database.open().await.unwrap();
    let owner = samples::stored_user(&store).await.id;
    let mut contacts: Vec<Contact> = (0..6).map(|_| samples::contact(owner, samples::card("Леся", "У."))).collect();
    samples::store_contacts(&store, &mut contacts).await;
    for plan in ["hashjoin", "mergejoin", "hashagg", "sort", "material"] {
        pool.execute_unprepared(&format!("SET enable_{plan} = off")).await.unwrap();
    }
    let (later, backend) = (samples::now() + chrono::Duration::days(1), DbBackend::Postgres);
    for scope in [PurgeScope::DeletedBefore(later), PurgeScope::AllOf(owner), PurgeScope::Surplus(owner, 1)] {
        pool.execute_unprepared("UPDATE contacts SET deleted_at = updated_at").await.unwrap();
        let purged = pool.query_all_raw(backend.build(&trash::purge(scope, 1))).await.unwrap();
        assert_eq!(purged.len(), 1, "{scope:?}");
    }
}
