//! The command line.

use std::{
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use clap::{CommandFactory as _, Parser, Subcommand};
use clap_complete::Shell;
use domain::store::Source;

use crate::{
    document,
    drain::Signals,
    problem::cause_of,
    server,
    settings::{DatabaseSettings, ListenSettings, Settings},
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
    /// Migrates the database and answers requests (what happens without a command)
    Serve,
    /// Brings the database's schema up to date
    Migrate {
        /// Takes back every change after this one, with all that was kept in what it added
        #[arg(long, value_name = "CHANGE")]
        back_to: Option<String>,
    },
    /// Copies the SQLite database to a new file, also while the service runs
    Backup {
        /// The file to write; one that is there is left alone
        file: PathBuf,
    },
    /// Prints the OpenAPI document
    Openapi,
    /// Asks the running service for a sign of life; for containers
    Healthcheck,
    /// Prints what a shell needs to complete this command line
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// Does what the command line asks. Faults go to standard error, one line each. Ends with 0 when it is done, 1 when it
/// failed, 2 when the command line is wrong.
#[must_use]
pub fn run() -> ExitCode {
    let command = Cli::parse().command.unwrap_or(Command::Serve);
    match execute(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Without standard error there is nobody left to tell.
            let _ = writeln!(io::stderr(), "{}", cause_of(&*error));
            ExitCode::FAILURE
        }
    }
}

/// Each command reads the settings that it needs, and no others.
fn execute(command: Command) -> Result<(), Source> {
    let system = actix_web::rt::System::new();
    match command {
        Command::Serve => {
            let settings = Settings::load()?;
            let traces = telemetry::start(&settings.log, &settings.traces)?;
            system.block_on(serve(settings, traces))
        }
        Command::Migrate { back_to } => {
            let DatabaseSettings { url, log: log_settings } = DatabaseSettings::load()?;
            telemetry::start_log(&log_settings)?;
            system.block_on(wiring::migrate(&url, back_to.as_deref()))
        }
        Command::Backup { file } => {
            let DatabaseSettings { url, log: log_settings } = DatabaseSettings::load()?;
            telemetry::start_log(&log_settings)?;
            system.block_on(wiring::back_up(&url, &file))
        }
        Command::Openapi => print(format!("{}\n", document().to_pretty_json()?).as_bytes()),
        Command::Healthcheck => system.block_on(healthcheck(ListenSettings::load()?)),
        Command::Completions { shell } => {
            // Written through a buffer: the generator panics where it cannot write.
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "contacts-api", &mut script);
            print(&script)
        }
    }
}

/// A reader that has seen enough (`| head`) is no fault.
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
        // Nothing was begun that must be finished: a migration that is cut is taken back.
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

/// Says where mails and pictures go when no service is set for them.
fn announce(settings: &Settings) {
    if settings.smtp_url.is_none() {
        let folder = settings.mail_folder();
        tracing::warn!(folder = %folder.display(), "SMTP_URL is not set: mails are written as .eml files");
    }
    if settings.cloudinary_url.is_none() {
        let folder = settings.media_folder();
        tracing::info!(folder = %folder.display(), "CLOUDINARY_URL is not set: pictures are kept as files");
    }
}

/// A plain request over a plain socket: the health check needs no HTTP client in the binary.
async fn healthcheck(settings: ListenSettings) -> Result<(), Source> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    const PATIENCE: Duration = Duration::from_secs(5);
    let ask = async {
        let mut stream = tokio::net::TcpStream::connect(settings.from_here()).await?;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await?;
        let mut answer = [0u8; 12];
        stream.read_exact(&mut answer).await?;
        io::Result::Ok(answer)
    };
    match tokio::time::timeout(PATIENCE, ask).await {
        Ok(Ok(answer)) if &answer == b"HTTP/1.1 200" => Ok(()),
        Ok(Ok(_)) => Err("the service does not answer 200".into()),
        Ok(Err(error)) => Err(format!("the service cannot be reached: {error}").into()),
        Err(_) => Err("the service does not answer in time".into()),
    }
}
