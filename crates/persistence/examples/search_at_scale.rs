//! Measures whether 10,000 contacts of one user are read slower beside millions of others: `make bench-search`.
//!
//! One run has two databases of a kind: one with the 10,000 alone, one with `ROWS` contacts (a million by default),
//! in which they are scattered. Each query runs on the two in turn, through the released store.
//!
//! On SQLite files, and on the server of `TEST_POSTGRES_URL` where that is set.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measurement fails by panicking"
)]

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{
    Ports,
    contact::{ContactQueries as _, ContactQuery, Cursor, Filter, MonthDay, PageStart, Sort},
    error::StoreError,
};
use persistence::{Database, DatabaseSettings, Pooling, SqlStore};
use testkit::{TestEnvironment, bulk_data::BulkData, postgres::FreshDatabase, whole::contact_page};

const OWN: u64 = 10_000;
const DEFAULT_ROWS: u64 = 1_000_000;
/// Maximum for SQLite. Larger files take long to fill, and show nothing new.
const MOST_ROWS_OF_SQLITE: u64 = 1_000_000;
/// Number of runs of each query on each database, and of those before the measurement.
const TIMES: usize = 200;
const WARM_UP: usize = 5;

#[tokio::main]
async fn main() {
    let rows = number("ROWS").unwrap_or(DEFAULT_ROWS);
    if is_set("TEST_POSTGRES_URL") {
        let [few, many] = [FreshDatabase::create().await, FreshDatabase::create().await];
        compare("PostgreSQL", [few.url.clone(), many.url.clone()], rows).await;
        few.remove().await;
        many.remove().await;
    } else {
        println!("PostgreSQL: not asked, since TEST_POSTGRES_URL is not set (scripts/with-services make bench-search)");
    }
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| format!("sqlite://{}?mode=rwc", folder.path().join(name).display());
    compare("SQLite", [file("few.db"), file("many.db")], rows.min(MOST_ROWS_OF_SQLITE)).await;
}

#[expect(clippy::disallowed_methods, reason = "the environment selects what is measured")]
fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some()
}

#[expect(clippy::disallowed_methods, reason = "the environment selects what is measured")]
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap())
}

async fn opened(url: &str, crowd: &BulkData) -> SqlStore {
    let settings = DatabaseSettings {
        url: url.to_owned(),
        pooling: Pooling::Session,
        max_connections: 1,
        acquire_timeout: Duration::from_secs(60),
    };
    let database = Database::new(settings).unwrap();
    database.migrate().await.unwrap();
    let began = Instant::now();
    crowd.fill(url).await;
    println!("{} contacts written in {:.0?}", crowd.rows, began.elapsed());
    database.open().await.unwrap()
}

async fn compare(kind: &str, urls: [String; 2], rows: u64) {
    println!("\n{kind}: {OWN} contacts of one user, alone and among {rows}");
    let few = opened(&urls[0], &BulkData::new(OWN, OWN)).await;
    let many = opened(&urls[1], &BulkData::new(rows, OWN)).await;
    let [few_ports, many_ports] = [&few, &many].map(|store| TestEnvironment::over(Arc::new(store.clone())).ports);
    println!("| | alone: median | p99 | among {rows}: median | p99 | ratio of medians | of p99 |");
    println!("|---|---|---|---|---|---|---|");
    for (name, question) in questions(&many).await {
        let [mut alone, mut among] = [Vec::with_capacity(TIMES), Vec::with_capacity(TIMES)];
        for time in 0..WARM_UP + TIMES {
            for (ports, times) in [(&few_ports, &mut alone), (&many_ports, &mut among)] {
                let began = Instant::now();
                question.ask(ports).await.unwrap();
                let took = began.elapsed();
                if time >= WARM_UP {
                    times.push(took);
                }
            }
        }
        let [alone, among] = [alone, among].map(|mut times| {
            times.sort_unstable();
            [times[times.len() / 2], times[times.len() * 99 / 100]].map(|time| time.as_secs_f64() * 1000.0)
        });
        let ratios = [among[0] / alone[0], among[1] / alone[1]];
        println!(
            "| {name} | {:.2} ms | {:.2} ms | {:.2} ms | {:.2} ms | {:.2} | {:.2} |",
            alone[0], alone[1], among[0], among[1], ratios[0], ratios[1]
        );
    }
    few.close().await;
    many.close().await;
}

/// A query of the store.
enum Question {
    List(Box<ContactQuery>),
    Birthdays,
    Tags,
}

impl Question {
    async fn ask(&self, ports: &Ports) -> Result<(), StoreError> {
        let (owner, store) = (BulkData::owner(), &ports.store);
        match self {
            Self::List(query) => {
                contact_page(ports, owner, ContactQuery::clone(query)).await;
                Ok(())
            }
            Self::Birthdays => {
                let week = MonthDay::from_ordinal(1121).unwrap()..=MonthDay::from_ordinal(1128).unwrap();
                let filter = Filter { birthday: Some(week), ..Filter::default() };
                let (sort, start) = (Sort::by_birthday(), PageStart::Skip(0));
                store.list_contacts(owner, &ContactQuery { filter, sort, start, limit: 100 }).await.map(drop)
            }
            Self::Tags => store.tag_spellings(owner).await.map(drop),
        }
    }
}

async fn questions(store: &SqlStore) -> Vec<(&'static str, Question)> {
    let list = |filter: Filter, sort: &str, start: PageStart| {
        Question::List(Box::new(ContactQuery { filter, sort: sort.parse().unwrap(), start, limit: 100 }))
    };
    let first = |filter: Filter| list(filter, "last_name,first_name", PageStart::Skip(0));
    let words = |text: &str| Filter { words: Filter::words(text).unwrap(), ..Filter::default() };
    let middle =
        ContactQuery { filter: Filter::default(), sort: Sort::default(), start: PageStart::Skip(OWN / 2), limit: 1 };
    let middle = store.list_contacts(BulkData::owner(), &middle).await.unwrap();
    let cursor = PageStart::After(Cursor::at(&middle[0], &Sort::default()));
    vec![
        ("first page", first(Filter::default())),
        ("first page, newest first", list(Filter::default(), "-created_at", PageStart::Skip(0))),
        ("page behind a cursor", list(Filter::default(), "last_name,first_name", cursor)),
        ("page after 5000", list(Filter::default(), "last_name,first_name", PageStart::Skip(OWN / 2))),
        ("q: many", first(words("олена"))),
        ("q: few", first(words("person77 олена"))),
        ("q: none", first(words("nobody"))),
        ("phone", first(Filter { phone: Some(Filter::phone("+380670000077").unwrap()), ..Filter::default() })),
        ("email", first(Filter { email: Some(Filter::part("77@").unwrap()), ..Filter::default() })),
        ("tag", first(Filter { tag: Some(Filter::tag("tag7").unwrap()), ..Filter::default() })),
        ("favourites", first(Filter { favorite: Some(true), ..Filter::default() })),
        ("birthdays", Question::Birthdays),
        ("tags", Question::Tags),
    ]
}
