//! A PostgreSQL and its synchronous standby, which takes over when the first one is killed.

use std::{
    fs,
    process::{Child, Command},
    time::Duration,
};

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use crate::{
    relay::Relay,
    server_programs::{ServerFolder, free_port, signal},
};

/// Password of the servers, which listen on 127.0.0.1 only.
const PASSWORD: &str = "tests-only";
/// Name of the empty database.
const DATABASE: &str = "contacts";

/// Two servers at one address. They are stopped when they are dropped.
pub struct PostgresPair {
    primary: Server,
    standby: Server,
    address: Relay,
    /// Contains their files. Removed last.
    folder: ServerFolder,
}

struct Server {
    port: u16,
    child: Child,
}

impl PostgresPair {
    /// Starts both. A commit waits until the standby has it.
    pub async fn start() -> Self {
        let folder = ServerFolder::new();
        let password = folder.write("password", PASSWORD);
        let initdb = ["--pgdata=primary", "--username=postgres", "--auth=scram-sha-256", "--encoding=UTF8"];
        let pwfile = format!("--pwfile={}", password.display());
        folder.run("initdb", &[&initdb[..], &["--locale=C", "--no-sync", &pwfile]].concat(), &[]);
        let primary = Server::start(&folder, "primary").await;
        primary.execute(&format!("CREATE DATABASE {DATABASE}")).await;
        let port = format!("--port={}", primary.port);
        let copy = ["--pgdata=standby", "--host=127.0.0.1", &port, "--username=postgres", "--checkpoint=fast"];
        let copy = [&copy[..], &["--write-recovery-conf", "--no-sync"]].concat();
        folder.run("pg_basebackup", &copy, &[("PGPASSWORD", PASSWORD)]);
        let standby = Server::start(&folder, "standby").await;
        // Only in the settings of the first server: the standby must not wait for a standby when it takes over.
        primary.execute("ALTER SYSTEM SET synchronous_standby_names = '*'").await;
        primary.execute("SELECT pg_reload_conf()").await;
        primary.until("SELECT count(*) = 1 FROM pg_stat_replication WHERE sync_state = 'sync'").await;
        let address = Relay::start(primary.port).await;
        Self { primary, standby, address, folder }
    }

    /// URL of an empty database on the server that is in charge.
    #[must_use]
    pub fn url(&self) -> String {
        url(self.address.port, DATABASE)
    }

    /// Stops the standby. Commits then wait for it.
    pub fn stop_standby(&mut self) {
        self.standby.stop();
    }

    /// Starts the standby again.
    pub async fn start_standby(&mut self) {
        self.standby = Server::start(&self.folder, "standby").await;
    }

    /// Kills the first server. Its address leads to the standby, which is read-only.
    pub fn kill_primary(&mut self) {
        self.primary.child.kill().unwrap();
        self.primary.child.wait().unwrap();
        self.remove_shared_memory();
        self.address.lead_to(self.standby.port);
    }

    /// A killed server leaves a segment of shared memory, whose id is in its file of the process id.
    fn remove_shared_memory(&self) {
        let file = fs::read_to_string(self.folder.path().join("primary/postmaster.pid")).unwrap();
        let id = file.lines().nth(6).and_then(|line| line.split_whitespace().nth(1)).unwrap();
        assert!(Command::new("ipcrm").args(["-m", id]).status().unwrap().success());
    }

    /// Puts the standby in charge.
    pub async fn promote_standby(&self) {
        self.standby.until("SELECT pg_promote()").await;
    }
}

impl Server {
    async fn start(folder: &ServerFolder, name: &'static str) -> Self {
        let port = free_port();
        let port_text = port.to_string();
        let folder_setting = format!("unix_socket_directories={}", folder.path().display());
        let arguments = ["-D", name, "-p", &port_text, "-c", "listen_addresses=127.0.0.1", "-c", &folder_setting];
        let mut child = folder.start("postgres", &arguments, name);
        for _ in 0..600 {
            if let Ok(connection) = PgConnection::connect(&url(port, "postgres")).await {
                connection.close().await.unwrap();
                return Self { port, child };
            }
            if child.try_wait().unwrap().is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the {name} did not start: {}", folder.log(name));
    }

    async fn execute(&self, sql: &str) {
        let mut connection = PgConnection::connect(&url(self.port, "postgres")).await.unwrap();
        connection.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
        connection.close().await.unwrap();
    }

    /// Waits until a query returns true.
    async fn until(&self, query: &'static str) {
        let mut connection = PgConnection::connect(&url(self.port, "postgres")).await.unwrap();
        for _ in 0..600 {
            if sqlx::query_scalar::<_, bool>(query).fetch_one(&mut connection).await.unwrap() {
                return connection.close().await.unwrap();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("not true within 30 seconds: {query}");
    }

    /// Stops the server at once, even with open connections.
    fn stop(&mut self) {
        if self.child.try_wait().unwrap().is_none() {
            signal(&self.child, "-QUIT");
            self.child.wait().unwrap();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

fn url(port: u16, database: &str) -> String {
    format!("postgres://postgres:{PASSWORD}@127.0.0.1:{port}/{database}")
}
