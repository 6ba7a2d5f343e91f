//! Floors of `make bench` with drivers that the service does not use: tokio-postgres, and rusqlite on the thread of the
//! worker. They read the documents that the other floors have stored (`crates/api/examples/floors`).
//!
//! `driver-floors DATABASE PORT` answers `GET /documents/{owner}` on a port of 127.0.0.1.

use std::{cell::Cell, env, thread};

use actix_web::{
    App, HttpResponse, HttpServer,
    web::{self, Data, Path},
};
use tokio_postgres::{Client, NoTls, Statement};
use uuid::Uuid;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Connections of each worker to PostgreSQL, as in the service.
const CONNECTIONS: usize = 4;
/// Contacts in a page. The statement reads one more: it shows that there is no next page.
const PAGE: usize = 50;
const DOCUMENTS: &str = "SELECT document FROM by_document WHERE owner_id = $1 AND deleted_at IS NULL \
                         ORDER BY last_name_sort, first_name_sort, id LIMIT 51";

#[actix_web::main]
async fn main() {
    let [database, port] = env::args().skip(1).collect::<Vec<_>>().try_into().unwrap();
    let workers = thread::available_parallelism().map_or(2, usize::from);
    let app = move || {
        let database = database.clone();
        App::new()
            .data_factory(move || {
                let database = database.clone();
                async move { Ok::<_, ()>(Reader::open(&database).await) }
            })
            .route("/empty", web::get().to(|| async { "{}" }))
            .route("/documents/{owner}", web::get().to(documents))
    };
    let port: u16 = port.parse().unwrap();
    HttpServer::new(app).workers(workers).bind(("127.0.0.1", port)).unwrap().run().await.unwrap();
}

async fn documents(reader: Data<Reader>, owner: Path<Uuid>) -> HttpResponse {
    let mut items = String::with_capacity(PAGE * 1024);
    let total = reader.write(*owner, &mut items).await;
    let page = format!(r#"{{"items":[{items}],"total":{total},"skip":0,"limit":{PAGE},"next_cursor":null}}"#);
    HttpResponse::Ok().content_type("application/json").body(page)
}

/// The connections of a worker.
enum Reader {
    /// Each connection has several requests in flight.
    Postgres { connections: Vec<(Client, Statement)>, next: Cell<usize> },
    /// Blocks the worker while it reads.
    Sqlite(rusqlite::Connection),
}

impl Reader {
    async fn open(database: &str) -> Self {
        if let Some(file) = database.strip_prefix("sqlite://") {
            let file = file.split('?').next().unwrap();
            return Self::Sqlite(rusqlite::Connection::open(file).unwrap());
        }
        let mut connections = Vec::with_capacity(CONNECTIONS);
        for _ in 0..CONNECTIONS {
            let (client, connection) = tokio_postgres::connect(database, NoTls).await.unwrap();
            tokio::task::spawn_local(connection);
            let documents = client.prepare(DOCUMENTS).await.unwrap();
            connections.push((client, documents));
        }
        Self::Postgres { connections, next: Cell::new(0) }
    }

    /// Appends the documents of an owner, with commas between them, and returns their number.
    async fn write(&self, owner: Uuid, items: &mut String) -> usize {
        let mut append = |position: usize, document: &str| {
            if position > 0 {
                items.push(',');
            }
            items.push_str(document);
        };
        match self {
            Self::Postgres { connections, next } => {
                next.set((next.get() + 1) % connections.len());
                let (client, documents) = &connections[next.get()];
                let rows = client.query(documents, &[&owner]).await.unwrap();
                rows.iter().enumerate().for_each(|(position, row)| append(position, row.get(0)));
                rows.len()
            }
            Self::Sqlite(connection) => {
                let mut documents = connection.prepare_cached(DOCUMENTS).unwrap();
                let mut rows = documents.query([owner]).unwrap();
                let mut total = 0;
                while let Some(row) = rows.next().unwrap() {
                    append(total, row.get_ref(0).unwrap().as_str().unwrap());
                    total += 1;
                }
                total
            }
        }
    }
}
