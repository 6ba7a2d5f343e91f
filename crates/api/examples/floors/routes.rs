//! Routes. The paths name the way in which the answer is made.

use std::sync::Arc;

use actix_web::{
    HttpResponse,
    web::{self, Bytes, Data, Path, ServiceConfig},
};
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::{
    contact::{ContactView, PageView},
    pool::Pool,
};

/// Lock of the only writer of SQLite, shared by all workers, as in the service.
pub(crate) type WriteLock = Arc<Mutex<()>>;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .route("/empty", web::get().to(empty))
        .route("/version", web::get().to(version))
        .route("/rows/{owner}", web::get().to(rows))
        .route("/documents/{owner}", web::get().to(documents))
        .route("/cards/{owner}", web::get().to(cards))
        .route("/joined/{owner}", web::get().to(joined))
        .route("/parsed/{owner}", web::get().to(parsed))
        .route("/row/{owner}/{id}", web::get().to(row))
        .route("/document/{owner}/{id}", web::get().to(document))
        .route("/create/{owner}", web::post().to(create));
}

fn json(body: impl Into<Bytes>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(body.into())
}

fn written(view: &impl Serialize) -> HttpResponse {
    json(serde_json::to_vec(view).unwrap())
}

/// Writes a page around finished contacts.
fn page_around(contacts: &str, total: usize) -> HttpResponse {
    json(format!(r#"{{"items":[{contacts}],"total":{total},"skip":0,"limit":50,"next_cursor":null}}"#))
}

async fn empty() -> HttpResponse {
    json("{}")
}

async fn version(pool: Data<Pool>) -> String {
    pool.version().await
}

async fn rows(pool: Data<Pool>, owner: Path<Uuid>) -> HttpResponse {
    let rows = pool.rows(*owner).await;
    let items: Vec<ContactView<'_>> = rows.iter().map(ContactView::from).collect();
    written(&PageView { total: items.len(), items, skip: 0, limit: 50, next_cursor: None })
}

async fn documents(pool: Data<Pool>, owner: Path<Uuid>) -> HttpResponse {
    let documents = pool.documents(*owner).await;
    page_around(&documents.join(","), documents.len())
}

/// Reads the columns of the service, and writes its JSON around the card of each contact.
async fn cards(pool: Data<Pool>, owner: Path<Uuid>) -> HttpResponse {
    let cards = pool.cards(*owner).await;
    let mut page = String::with_capacity(cards.len() * 1024);
    for card in &cards {
        if !page.is_empty() {
            page.push(',');
        }
        card.write(&mut page);
    }
    page_around(&page, cards.len())
}

/// The number of contacts is not known here: it would be one more column.
async fn joined(pool: Data<Pool>, owner: Path<Uuid>) -> HttpResponse {
    page_around(&pool.joined(*owner).await, 50)
}

/// As [`joined`], but the contacts are parsed into maps and written again.
async fn parsed(pool: Data<Pool>, owner: Path<Uuid>) -> HttpResponse {
    let joined = format!("[{}]", pool.joined(*owner).await);
    let contacts: Vec<Map<String, Value>> = serde_json::from_str(&joined).unwrap();
    let written = serde_json::to_string(&contacts).unwrap();
    page_around(written.trim_matches(['[', ']']), contacts.len())
}

async fn row(pool: Data<Pool>, path: Path<(Uuid, Uuid)>) -> HttpResponse {
    let (owner, id) = path.into_inner();
    written(&ContactView::from(&pool.row(owner, id).await))
}

async fn document(pool: Data<Pool>, path: Path<(Uuid, Uuid)>) -> HttpResponse {
    let (owner, id) = path.into_inner();
    json(pool.document(owner, id).await)
}

async fn create(pool: Data<Pool>, write_lock: Data<WriteLock>, owner: Path<Uuid>, contact: Bytes) -> HttpResponse {
    let _turn = if pool.is_sqlite() { Some(write_lock.lock().await) } else { None };
    let id = pool.create(*owner, &contact).await;
    HttpResponse::Created().content_type("application/json").body(format!(r#"{{"id":"{id}"}}"#))
}
