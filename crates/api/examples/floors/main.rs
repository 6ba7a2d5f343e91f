//! Floors of `make bench`: the same answers by the least code, without the service.
//!
//! `serve` answers over HTTP like the service: actix-web, sqlx, the same number of workers, one pool of four connections
//! each. It knows no users, no limits and no errors. `commits` and `passwords` do the work without HTTP.
//!
//! The tables are its own, filled with the contacts that the service has returned. So they do not depend on the schema
//! of the service, and the answers have the same size. `by_column` has the 17 columns of a contact and of its answer,
//! `by_document` has the finished JSON of a contact in one column.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement fails by panicking")]

mod contact;
mod pool;
mod routes;

use std::{
    fs::File,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use actix_web::{App, HttpServer, web};
use clap::Parser;
use tokio::sync::Mutex;
use uuid::Uuid;

use self::{pool::Pool, routes::WriteLock};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Connections in the pool of each worker, as in the service.
const CONNECTIONS_PER_WORKER: u32 = 4;
/// Work factor of password hashes, as in the service.
const BCRYPT_COST: u32 = 12;
/// Number of contacts in a statement that fills the tables.
const CHUNK: usize = 1000;
/// Id of the first owner. The ids of the others follow.
const FIRST_OWNER: u128 = 0x0193_0000_0000_7000_8000_0000_0000_0001;

#[derive(Parser)]
enum Command {
    /// Creates the tables and fills them with the contacts of a file.
    Fill { database: String, contacts: PathBuf },
    /// Answers requests on a port of 127.0.0.1.
    Serve { database: String, port: u16 },
    /// Creates contacts on one connection, one after the other, each with its commit; prints their number a second.
    Commits { database: String, owners: u128, seconds: u64 },
    /// Hashes passwords on every core; prints their number a second.
    Passwords { seconds: u64 },
}

#[actix_web::main]
async fn main() {
    match Command::parse() {
        Command::Fill { database, contacts } => fill(&Pool::open(&database, 1).await, &contacts).await,
        Command::Serve { database, port } => serve(database, port).await,
        Command::Commits { database, owners, seconds } => {
            let pool = Pool::open(&database, 1).await;
            println!("{:.1}", commits(&pool, owners, Duration::from_secs(seconds)).await);
        }
        Command::Passwords { seconds } => println!("{:.2}", passwords(Duration::from_secs(seconds))),
    }
}

/// Fills the tables. Each line of the file is a JSON object with the members `owner` and `contact`.
async fn fill(pool: &Pool, contacts: &Path) {
    pool.create_tables().await;
    let lines: Vec<String> = BufReader::new(File::open(contacts).unwrap()).lines().map(Result::unwrap).collect();
    for chunk in lines.chunks(CHUNK) {
        pool.fill(&format!("[{}]", chunk.join(","))).await;
    }
    pool.analyze().await;
}

async fn serve(database: String, port: u16) {
    let workers = thread::available_parallelism().map_or(2, usize::from);
    let write_lock: WriteLock = Arc::new(Mutex::new(()));
    let app = move || {
        let database = database.clone();
        App::new()
            .app_data(web::Data::new(Arc::clone(&write_lock)))
            .data_factory(move || {
                let database = database.clone();
                async move { Ok::<_, ()>(Pool::open(&database, CONNECTIONS_PER_WORKER).await) }
            })
            .configure(routes::configure)
    };
    HttpServer::new(app).workers(workers).bind(("127.0.0.1", port)).unwrap().run().await.unwrap();
}

/// Returns the number of commits a second. The owners take turns.
async fn commits(pool: &Pool, owners: u128, duration: Duration) -> f64 {
    let contact = include_bytes!("contact.json");
    let (begun, mut count) = (Instant::now(), 0_u32);
    while begun.elapsed() < duration {
        let owner = Uuid::from_u128(FIRST_OWNER + u128::from(count) % owners);
        pool.create(owner, contact).await;
        count += 1;
    }
    f64::from(count) / begun.elapsed().as_secs_f64()
}

/// Returns the number of hashes a second of all cores together.
fn passwords(duration: Duration) -> f64 {
    let cores = thread::available_parallelism().map_or(2, usize::from);
    let hash_repeatedly = move || {
        let (begun, mut count) = (Instant::now(), 0_u32);
        while begun.elapsed() < duration {
            bcrypt::non_truncating_hash("correct horse battery", BCRYPT_COST).unwrap();
            count += 1;
        }
        f64::from(count) / begun.elapsed().as_secs_f64()
    };
    let threads: Vec<_> = (0..cores).map(|_| thread::spawn(hash_repeatedly)).collect();
    threads.into_iter().map(|thread| thread.join().unwrap()).sum()
}
