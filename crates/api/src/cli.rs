//! Command line of `contacts-api`.

use std::{
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use clap::{CommandFactory as _, Parser, Subcommand};
use clap_complete::Shell;
use domain::error::{Source, with_causes};

use crate::{
    document, server,
    settings::{DatabaseCommandSettings, ListenSettings, Settings},
    shutdown::Signals,
    telemetry, wiring,
};

/// A self-hosted address book over HTTP.
#[derive(Parser)]
#[command(name = "contacts-api", version, about = "A self-hosted address book over HTTP")]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Migrates the database and serves requests (the default)
    Serve,
    /// Migrates the database to the newest schema
    Migrate {
        /// Reverts every change after this one, and deletes the data in what these changes added
        #[arg(long, value_name = "CHANGE")]
        back_to: Option<String>,
    },
    /// Copies the SQLite database to a new file, also while the service runs
    Backup {
        /// File to write; an existing file is not overwritten
        file: PathBuf,
    },
    /// Prints the OpenAPI document
    Openapi,
    /// Checks that the running service responds; for containers
    Healthcheck,
    /// Prints a script that completes this command line in a shell
    Completions {
        /// Shell to print the script for
        shell: Shell,
    },
}

/// Executes the command line. Errors go to standard error, one line each. The exit code is 0 on success, 1 on failure,
/// and 2 when the command line is invalid.
#[must_use]
pub fn run() -> ExitCode {
    let command = Cli::parse().command.unwrap_or(Command::Serve);
    match execute(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // When standard error is closed, the error cannot be reported.
            let _ = writeln!(io::stderr(), "{}", with_causes(&*error));
            ExitCode::FAILURE
        }
    }
}

/// Executes a command. Each command reads only the settings that it needs.
fn execute(command: Command) -> Result<(), Source> {
    let system = actix_web::rt::System::new();
    match command {
        Command::Serve => {
            let settings = Settings::load()?;
            let traces = telemetry::start(&settings.log, &settings.traces)?;
            system.block_on(serve(settings, traces))
        }
        Command::Migrate { back_to } => {
            let DatabaseCommandSettings { url, pooler, log: log_settings } = DatabaseCommandSettings::load()?;
            telemetry::start_log(&log_settings)?;
            system.block_on(wiring::migrate(&url, pooler, back_to.as_deref()))
        }
        Command::Backup { file } => {
            let DatabaseCommandSettings { url, pooler, log: log_settings } = DatabaseCommandSettings::load()?;
            telemetry::start_log(&log_settings)?;
            system.block_on(wiring::back_up(&url, pooler, &file))
        }
        Command::Openapi => print(format!("{}\n", document().to_pretty_json()?).as_bytes()),
        Command::Healthcheck => system.block_on(healthcheck(ListenSettings::load()?)),
        Command::Completions { shell } => {
            // Written through a buffer, because the generator panics when writing fails.
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "contacts-api", &mut script);
            print(&script)
        }
    }
}

/// Writes to standard output. A closed pipe (`| head`) is not an error.
fn print(text: &[u8]) -> Result<(), Source> {
    match io::stdout().write_all(text).and_then(|()| io::stdout().flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

async fn serve(settings: Settings, traces: Option<telemetry::Sender>) -> Result<(), Source> {
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    announce(&settings);
    settings.warn();
    let docs = format!("{}/docs", settings.public_url.as_str().trim_end_matches('/'));
    let mut signals = Signals::listen()?;
    let running = tokio::select! {
        started = server::start(settings, workers) => started?,
        // Nothing must be finished: an interrupted migration is rolled back.
        () = signals.next() => return Ok(()),
    };
    tracing::info!(address = %running.address, workers, docs, "listening");
    running.until(&mut signals).await?;
    if let Some(traces) = traces {
        tokio::select! {
            () = traces.finish() => {}
            () = signals.next() => {}
        }
    }
    Ok(())
}

/// Logs the folders of mails and pictures when no service is set for them.
fn announce(settings: &Settings) {
    if settings.smtp_url.is_none() {
        let folder = settings.mail_folder();
        tracing::warn!(folder = %folder.display(), "SMTP_URL is not set: mails are written as .eml files");
    }
    if settings.cloudinary_url.is_none() {
        let folder = settings.media_folder();
        tracing::info!(folder = %folder.display(), "CLOUDINARY_URL is not set: pictures are stored as files");
    }
}

/// Sends a request over a plain socket, so that the binary needs no HTTP client for it.
async fn healthcheck(settings: ListenSettings) -> Result<(), Source> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    const TIMEOUT: Duration = Duration::from_secs(5);
    let exchange = async {
        let mut stream = tokio::net::TcpStream::connect(settings.local_address()).await?;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await?;
        let mut answer = [0u8; 12];
        stream.read_exact(&mut answer).await?;
        io::Result::Ok(answer)
    };
    match tokio::time::timeout(TIMEOUT, exchange).await {
        Ok(Ok(answer)) if &answer == b"HTTP/1.1 200" => Ok(()),
        Ok(Ok(_)) => Err("health check failed: the status is not 200".into()),
        Ok(Err(error)) => Err(format!("health check failed: {error}").into()),
        Err(_) => Err("health check failed: no response within 5 seconds".into()),
    }
}
