//! Users and contacts for `make bench`.
//!
//! Users and their sessions are written to the database, since a registration costs a mail and a password hash. The
//! contacts are sent to a running service as batches, so that they are stored as the service stores them. Two files
//! result: `users.tsv` (number, access token, id of a contact) and `contacts.jsonl` (each contact with its owner).

#![expect(clippy::unwrap_used, reason = "a measurement fails by panicking")]

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    ops::Range,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use auth::{BcryptPasswords, JwtAccessTokens, JwtSettings, PasswordSettings, RandomSecrets, SystemClock, UuidV7Ids};
use clap::Parser;
use domain::{
    account::{Email, Password, PasswordHash, PasswordHasher as _, User},
    client::LargestNetwork,
    ids::{IdGenerator as _, UserId},
    secret::SecretGenerator as _,
    session::{AccessClaims, AccessTokens as _, Session},
    store::Store as _,
    time::{Clock as _, Timestamp},
};
use persistence::{Database, DatabaseSettings, Pooling, SqlStore};
use reqwest::Client;
use serde_json::{Value, json};
use testkit::samples;
use url::Url;
use uuid::Uuid;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PASSWORD: &str = "correct horse battery";
/// Lifetime of the access tokens; longer than any run.
const TOKEN_TTL: chrono::Duration = chrono::Duration::hours(12);
/// Number of users in one transaction.
const USERS_AT_ONCE: usize = 1000;
/// Number of clients that send contacts.
const CLIENTS: usize = 8;
/// Number of contacts in a batch; fewer when they have long notes, because a body has a maximum size.
const BATCH: u64 = 100;
const LONG_NOTES: usize = 200;
const SMALL_BATCH: u64 = 10;
/// Id of user 0. The last 12 digits are the number of the user.
const USER_0: u128 = 0x0193_0000_0000_7000_8000_0000_0000_0000;
const FIRST_NAMES: [&str; 16] = [
    "Олена",
    "Петро",
    "Марія",
    "Іван",
    "Ганна",
    "Тарас",
    "Леся",
    "Богдан",
    "Adam",
    "Zoe",
    "Eva",
    "Noah",
    "Їжак",
    "Ґанна",
    "Юрій",
    "Яна",
];
const LAST_NAMES: [&str; 20] = [
    "Коваленко",
    "Шевченко",
    "Іваненко",
    "Бондар",
    "Ткач",
    "Мельник",
    "Кравець",
    "Гончар",
    "Лисенко",
    "Мороз",
    "Smith",
    "Brown",
    "Miller",
    "Novak",
    "Weber",
    "Rossi",
    "Garcia",
    "Kim",
    "Ito",
    "Їжакевич",
];
const NOTE: &str = "Зустріли на каві, любить гори і тишу, дзвонити після шостої. ";

#[derive(Parser)]
struct Options {
    /// URL of the database.
    #[arg(long)]
    database: String,
    /// URL of the running service.
    #[arg(long)]
    service: String,
    /// PUBLIC_URL of the service.
    #[arg(long)]
    public_url: Url,
    /// JWT_SECRET of the service.
    #[arg(long)]
    secret: String,
    /// Number of users.
    #[arg(long)]
    users: u64,
    /// Number of contacts of each user.
    #[arg(long)]
    contacts: u64,
    /// Length of the notes of each contact in characters.
    #[arg(long)]
    notes: usize,
    /// Folder for the files.
    #[arg(long)]
    folder: PathBuf,
}

#[tokio::main]
async fn main() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let options = Options::parse();
    let tokens = create_users(&options).await;
    let contacts = create_contacts(&options, &tokens).await;
    write_files(&options, &tokens, &contacts);
}

/// Creates the users, each with a session. Returns their access tokens.
async fn create_users(options: &Options) -> Vec<String> {
    let settings = PasswordSettings::default();
    let passwords = BcryptPasswords::new(settings).unwrap();
    let hash = passwords.hash(&Password::parse(PASSWORD).unwrap(), LargestNetwork::of(None)).await.unwrap();
    let store = open(&options.database).await;
    let signer = signer(options);
    let now = SystemClock.now();
    let numbers: Vec<u64> = (1..=options.users).collect();
    let mut tokens = Vec::with_capacity(numbers.len());
    for numbers in numbers.chunks(USERS_AT_ONCE) {
        create_users_at_once(&store, numbers, &hash, now).await.into_iter().for_each(|session| {
            let claims = AccessClaims {
                user: session.user,
                session: session.id,
                token_id: UuidV7Ids.next_id(),
                issued_at: now,
                expires_at: now + TOKEN_TTL,
            };
            tokens.push(signer.issue(&claims).unwrap());
        });
    }
    store.close().await;
    tokens
}

async fn open(url: &str) -> SqlStore {
    let settings = DatabaseSettings {
        url: url.to_owned(),
        pooling: Pooling::Session,
        max_connections: 1,
        acquire_timeout: Duration::from_secs(60),
    };
    Database::new(settings).unwrap().open().await.unwrap()
}

fn signer(options: &Options) -> JwtAccessTokens {
    let settings = JwtSettings {
        secret: options.secret.clone().into(),
        previous_secret: None,
        issuer: options.public_url.to_string(),
        audience: "contacts-api".to_owned(),
    };
    JwtAccessTokens::new(settings, Arc::new(SystemClock)).unwrap()
}

fn user_id(number: u64) -> Uuid {
    Uuid::from_u128(USER_0 + u128::from(number))
}

async fn create_users_at_once(store: &SqlStore, numbers: &[u64], hash: &PasswordHash, now: Timestamp) -> Vec<Session> {
    let mut unit = store.begin().await.unwrap();
    let mut sessions = Vec::with_capacity(numbers.len());
    for number in numbers {
        let email = Email::parse(&format!("user{number:012x}@example.com")).unwrap();
        let user = User { id: UserId(user_id(*number)), email, created_at: now, ..samples::user() };
        unit.insert_user(&user, hash).await.unwrap();
        let session = Session { created_at: now, last_used_at: now, ..samples::session(user.id) };
        unit.insert_session(&session, &RandomSecrets.generate().unwrap().digest()).await.unwrap();
        sessions.push(session);
    }
    unit.commit().await.unwrap();
    sessions
}

/// Creates the contacts of all users. Returns them by user.
async fn create_contacts(options: &Options, tokens: &[String]) -> Vec<Vec<Value>> {
    let (client, next) = (Client::new(), Arc::new(AtomicU64::new(0)));
    let tokens: Arc<[String]> = tokens.into();
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..CLIENTS {
        let (client, next, tokens) = (client.clone(), Arc::clone(&next), Arc::clone(&tokens));
        let url = format!("{}/api/contacts/batch", options.service);
        let (contacts, notes) = (options.contacts, options.notes);
        clients.spawn(async move {
            let mut created = Vec::new();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(token) = usize::try_from(index).ok().and_then(|index| tokens.get(index)) else {
                    return created;
                };
                created
                    .push((index, create_contacts_of(&client, &url, token, index * contacts, contacts, notes).await));
            }
        });
    }
    let mut created: Vec<(u64, Vec<Value>)> = clients.join_all().await.into_iter().flatten().collect();
    created.sort_unstable_by_key(|(index, _)| *index);
    created.into_iter().map(|(_, contacts)| contacts).collect()
}

async fn create_contacts_of(
    client: &Client,
    url: &str,
    token: &str,
    first: u64,
    count: u64,
    notes: usize,
) -> Vec<Value> {
    let size = if notes > LONG_NOTES { SMALL_BATCH } else { BATCH };
    let mut created = Vec::new();
    let mut begin = first;
    while begin < first + count {
        let end = (begin + size).min(first + count);
        let request = client.post(url).bearer_auth(token).json(&batch(begin..end, notes));
        let answer: Value = request.send().await.unwrap().error_for_status().unwrap().json().await.unwrap();
        let items = answer.get("items").and_then(Value::as_array).unwrap();
        created.extend(items.iter().map(|item| item.get("contact").unwrap().clone()));
        begin = end;
    }
    created
}

fn batch(numbers: Range<u64>, notes: usize) -> Value {
    let operations: Vec<Value> =
        numbers.map(|number| json!({"op": "create", "contact": contact(number, notes)})).collect();
    json!({ "operations": operations })
}

/// Returns a contact. Two of three have a birthday, one of ten is a favorite.
fn contact(number: u64, notes: usize) -> Value {
    let pick = |names: &[&'static str], step: u64| {
        let index = usize::try_from(number * step).unwrap_or_default() % names.len();
        names.get(index).copied().unwrap_or_default()
    };
    let tags = match number % 4 {
        0 => json!([]),
        1 => json!(["друзі"]),
        2 => json!(["work", "друзі"]),
        _ => json!([format!("tag{}", number % 50)]),
    };
    let born = format!("{}-{:02}-{:02}", 1950 + number % 60, 1 + number % 12, 1 + number % 28);
    json!({
        "first_name": pick(&FIRST_NAMES, 7919),
        "last_name": format!("{}{}", pick(&LAST_NAMES, 104_729), number % 97),
        "organization": "Калина",
        "emails": [{"label": "home", "address": format!("person{number}@example.com")}],
        "phones": [{"label": "mobile", "number": format!("+380 67 {:03}-{:02}-{:02}", number % 900, number % 97, number % 89)}],
        "birthday": (!number.is_multiple_of(3)).then_some(born),
        "notes": NOTE.chars().cycle().take(notes).collect::<String>().trim_end(),
        "tags": tags,
        "favorite": number.is_multiple_of(10),
    })
}

fn write_files(options: &Options, tokens: &[String], contacts: &[Vec<Value>]) {
    let create = |name: &str| BufWriter::new(File::create(options.folder.join(name)).unwrap());
    let (mut users, mut lines) = (create("users.tsv"), create("contacts.jsonl"));
    for ((number, token), contacts) in (1..).zip(tokens).zip(contacts) {
        for contact in contacts {
            writeln!(lines, "{}", json!({"owner": user_id(number), "contact": contact})).unwrap();
        }
        let position = usize::try_from(number).unwrap_or_default() % contacts.len();
        let id = contacts.get(position).and_then(|contact| contact.get("id")).and_then(Value::as_str).unwrap();
        writeln!(users, "{number:012x}\t{token}\t{id}").unwrap();
    }
    users.flush().unwrap();
    lines.flush().unwrap();
}
