//! Programs of servers that a test starts. When the tests run as root, the programs run as another user, because
//! PostgreSQL and PgBouncer refuse to run as root.

use std::{
    fs,
    net::TcpListener,
    os::unix::{
        fs::{MetadataExt as _, chown},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

/// A folder for the files of servers, and the user that the servers run as.
pub(crate) struct ServerFolder {
    folder: TempDir,
    /// Ids of the user and of its group. `None`: the user of the tests.
    user: Option<(u32, u32)>,
}

impl ServerFolder {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let is_root = fs::metadata(folder.path()).unwrap().uid() == 0;
        let user = is_root.then(|| id_of("postgres").or_else(|| id_of("nobody")).unwrap());
        if let Some((user, group)) = user {
            chown(folder.path(), Some(user), Some(group)).unwrap();
        }
        Self { folder, user }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file that the servers can read.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let file = self.folder.path().join(name);
        fs::write(&file, text).unwrap();
        if let Some((user, group)) = self.user {
            chown(&file, Some(user), Some(group)).unwrap();
        }
        file
    }

    /// Runs a program to its end.
    pub(crate) fn run(&self, program: &str, arguments: &[&str], variables: &[(&str, &str)]) {
        let output = self.command(program, arguments).envs(variables.iter().copied()).output();
        let output = output.unwrap_or_else(|_| panic!("{}", how_to_install(program)));
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Starts a server. Its log is the file `NAME.log`.
    pub(crate) fn start(&self, program: &str, arguments: &[&str], name: &str) -> Child {
        let log = fs::File::create(self.folder.path().join(format!("{name}.log"))).unwrap();
        let mut command = self.command(program, arguments);
        let child = command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).spawn();
        child.unwrap_or_else(|_| panic!("{}", how_to_install(program)))
    }

    /// Returns the log of a server.
    pub(crate) fn log(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(format!("{name}.log"))).unwrap_or_default()
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.folder.path());
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command
    }
}

fn how_to_install(program: &str) -> String {
    format!("{program} is not in PATH: run `make test`, which finds or installs PostgreSQL and PgBouncer")
}

fn id_of(name: &str) -> Option<(u32, u32)> {
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let fields = users.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|fields| fields[0] == name)?;
    Some((fields[2].parse().ok()?, fields[3].parse().ok()?))
}

/// Sends a signal, like `-QUIT`.
pub(crate) fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
