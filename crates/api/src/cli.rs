//! The command line.

use std::{
    io::{IsTerminal as _, Write as _},
    process::ExitCode,
    time::Duration,
};

use clap::{Parser, Subcommand};
use domain::store::Source;
use tracing_subscriber::EnvFilter;

use crate::{
    document,
    problem::cause_of,
    server,
    settings::{LogFormat, Settings},
    wiring,
};

/// Requests that are no HTTP are the client's fault, and every scanner sends some.
const QUIET: &str = "actix_http::h1::dispatcher=off";

/// A self-hosted address book over HTTP.
#[derive(Parser)]
#[command(name = "contacts-api", version, about = "A self-hosted address book over HTTP")]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand, Clone, Copy)]
enum Command {
    /// Migrates the database and answers requests (what happens without a command)
    Serve,
    /// Brings the database's schema up to date
    Migrate,
    /// Prints the OpenAPI document
    Openapi,
    /// Asks the running service for a sign of life; for containers
    Healthcheck,
}

/// Does what the command line asks. Faults go to standard error, one line each.
#[must_use]
pub fn run() -> ExitCode {
    let command = Cli::parse().command.unwrap_or(Command::Serve);
    match execute(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Without standard error there is nobody left to tell.
            let _ = writeln!(std::io::stderr(), "{}", cause_of(&*error));
            ExitCode::FAILURE
        }
    }
}

fn execute(command: Command) -> Result<(), Source> {
    if matches!(command, Command::Openapi) {
        let json = document().to_pretty_json()?;
        return Ok(writeln!(std::io::stdout(), "{json}")?);
    }
    let settings = Settings::load()?;
    log(&settings)?;
    actix_web::rt::System::new().block_on(async {
        match command {
            Command::Serve => serve(settings).await,
            Command::Migrate => wiring::migrate(&settings).await,
            Command::Healthcheck => healthcheck(&settings).await,
            Command::Openapi => Ok(()),
        }
    })
}

async fn serve(settings: Settings) -> Result<(), Source> {
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    announce(&settings);
    let public_url = settings.public_url.clone();
    let running = server::start(settings, workers).await?;
    tracing::info!(address = %running.address, workers, docs = %format!("{}/docs", public_url.as_str().trim_end_matches('/')), "listening");
    running.finished().await
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

fn log(settings: &Settings) -> Result<(), Source> {
    let filter = EnvFilter::try_new(format!("{QUIET},{}", settings.rust_log))
        .map_err(|_| "RUST_LOG must be a list of log directives like info or info,domain=debug")?;
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let subscriber = subscriber.with_ansi(std::io::stderr().is_terminal());
    match settings.log_format {
        LogFormat::Pretty => subscriber.try_init(),
        LogFormat::Json => subscriber.json().flatten_event(true).try_init(),
    }
}

/// A plain request over a plain socket: the health check needs no HTTP client in the binary.
async fn healthcheck(settings: &Settings) -> Result<(), Source> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    const PATIENCE: Duration = Duration::from_secs(5);
    let host = match settings.host {
        host if host.is_unspecified() && host.is_ipv4() => std::net::Ipv4Addr::LOCALHOST.into(),
        host if host.is_unspecified() => std::net::Ipv6Addr::LOCALHOST.into(),
        host => host,
    };
    let ask = async {
        let mut stream = tokio::net::TcpStream::connect((host, settings.port)).await?;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await?;
        let mut answer = [0u8; 12];
        stream.read_exact(&mut answer).await?;
        std::io::Result::Ok(answer)
    };
    match tokio::time::timeout(PATIENCE, ask).await {
        Ok(Ok(answer)) if &answer == b"HTTP/1.1 200" => Ok(()),
        Ok(Ok(_)) => Err("the service does not answer 200".into()),
        Ok(Err(error)) => Err(format!("the service cannot be reached: {error}").into()),
        Err(_) => Err("the service does not answer in time".into()),
    }
}
