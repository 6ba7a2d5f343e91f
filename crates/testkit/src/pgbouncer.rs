//! A PgBouncer in front of a PostgreSQL, with the settings of `deploy/pgbouncer/pgbouncer.ini`.

use std::{process::Child, time::Duration};

use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};

use crate::server_programs::{ServerFolder, free_port};

const DEPLOYED: &str = include_str!("../../../deploy/pgbouncer/pgbouncer.ini");

/// Mode of a PgBouncer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoolMode {
    /// A client has a session until it disconnects.
    Session,
    /// A client has a session until its transaction ends.
    Transaction,
}

/// A PgBouncer of one test. It is killed when it is dropped.
pub struct PgBouncer {
    /// URL of the database, through PgBouncer.
    pub url: String,
    child: Child,
    /// Contains its files.
    _folder: ServerFolder,
}

impl PgBouncer {
    /// Starts one for the database of that URL, with at most `sessions` sessions of PostgreSQL.
    pub async fn start(mode: PoolMode, database: &str, sessions: u32) -> Self {
        let (credentials, rest) = database.strip_prefix("postgres://").unwrap().rsplit_once('@').unwrap();
        let (user, password) = credentials.split_once(':').unwrap();
        let (address, name) = rest.split_once('/').unwrap();
        let (host, server_port) = address.split_once(':').unwrap();
        let mode = match mode {
            PoolMode::Session => "session",
            PoolMode::Transaction => "transaction",
        };
        let (folder, port) = (ServerFolder::new(), free_port());
        let users = folder.write("users.txt", &format!("\"{user}\" \"{password}\"\n"));
        let changes = [
            ("contacts", format!("host={host} port={server_port} dbname={name}")),
            ("listen_port", port.to_string()),
            ("auth_file", users.display().to_string()),
            ("pool_mode", mode.to_owned()),
            ("default_pool_size", sessions.to_string()),
        ];
        // The socket of the deployment is in a folder that belongs to the system.
        let settings = with_values(DEPLOYED, &changes) + "unix_socket_dir =\n";
        let settings = folder.write("pgbouncer.ini", &settings);
        let mut child = folder.start("pgbouncer", &[settings.to_str().unwrap()], "pgbouncer");
        let url = format!("postgres://{credentials}@127.0.0.1:{port}/contacts");
        let options = url.parse::<PgConnectOptions>().unwrap().extra_float_digits(None);
        for _ in 0..600 {
            if let Ok(connection) = PgConnection::connect_with(&options).await {
                connection.close().await.unwrap();
                return Self { url, child, _folder: folder };
            }
            if child.try_wait().unwrap().is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("PgBouncer did not start: {}", folder.log("pgbouncer"));
    }

    /// Returns the id of its process.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns the text of settings with other values.
fn with_values(settings: &str, values: &[(&str, String)]) -> String {
    let mut unused: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
    let mut changed = String::new();
    for line in settings.lines() {
        let name = line.split_once(" = ").map(|(name, _)| name);
        match values.iter().find(|(changed, _)| name == Some(*changed)) {
            Some((name, value)) => {
                unused.retain(|unused| unused != name);
                changed.push_str(&format!("{name} = {value}\n"));
            }
            None => changed.push_str(&format!("{line}\n")),
        }
    }
    assert!(unused.is_empty(), "the file has no values of {unused:?}");
    changed
}
