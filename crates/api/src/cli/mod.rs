//! Command line of `contacts-api`.

mod export;
mod healthcheck;
mod import;
mod output;
mod progress;
mod user;

use std::{
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use clap::{CommandFactory as _, Parser, Subcommand};
use clap_complete::Shell;
use domain::error::{Source, with_causes};

use self::{export::ExportCommand, healthcheck::healthcheck, import::ImportCommand, output::print, user::UserCommand};
use crate::{
    document, server,
    settings::{self, DatabaseCommandSettings, ListenSettings, Settings},
    shutdown::Signals,
    telemetry, wiring,
};

/// Maximum number of workers. actix panics with more.
const MAX_WORKERS: usize = 512;

/// A self-hosted address book over HTTP.
#[derive(Parser)]
#[command(
    name = "contacts-api",
    version,
    about = "A self-hosted address book over HTTP",
    after_help = "Settings are environment variables, also from a file .env in the current folder.\n\
                  `contacts-api settings` lists them with their defaults."
)]
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
        /// Reverts every migration after this one, and deletes the data in what these migrations added
        #[arg(long, value_name = "MIGRATION")]
        back_to: Option<String>,
        /// Lists all migrations, applied or not, and changes nothing
        #[arg(long, conflicts_with = "back_to")]
        status: bool,
    },
    /// Copies the SQLite database to a new file, also while the service runs
    Backup {
        /// File to write; an existing file is not overwritten
        file: PathBuf,
    },
    /// Makes every client load its address book again; for use after a restore of a backup
    RenewSyncTokens,
    /// Lists, creates and changes accounts
    User(UserCommand),
    /// Writes the contacts of a user to a file
    Export(ExportCommand),
    /// Imports the contacts of a file for a user
    Import(ImportCommand),
    /// Lists all settings with their values, sources and defaults; secrets are masked
    Settings,
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
        Command::Migrate { status: true, .. } => {
            let DatabaseCommandSettings { url, pooler, log: log_settings } = DatabaseCommandSettings::load()?;
            telemetry::start_log(&log_settings)?;
            print(system.block_on(wiring::migration_status(&url, pooler))?.as_bytes())
        }
        Command::Migrate { back_to, .. } => {
            let DatabaseCommandSettings { url, pooler, log: log_settings } = DatabaseCommandSettings::load()?;
            telemetry::start_log(&log_settings)?;
            system.block_on(wiring::migrate(&url, pooler, back_to.as_deref()))
        }
        Command::Backup { file } => {
            let DatabaseCommandSettings { url, pooler, log: log_settings } = DatabaseCommandSettings::load()?;
            telemetry::start_log(&log_settings)?;
            system.block_on(wiring::back_up(&url, pooler, &file))
        }
        Command::RenewSyncTokens => {
            let DatabaseCommandSettings { url, pooler, log: log_settings } = DatabaseCommandSettings::load()?;
            telemetry::start_log(&log_settings)?;
            system.block_on(wiring::renew_sync_tokens(&url, pooler))
        }
        Command::User(command) => {
            let settings = Settings::load()?;
            telemetry::start_log(&settings.log)?;
            system.block_on(command.execute(settings))
        }
        Command::Export(command) => {
            let settings = Settings::load()?;
            telemetry::start_log(&settings.log)?;
            system.block_on(command.execute(settings))
        }
        Command::Import(command) => {
            let settings = Settings::load()?;
            telemetry::start_log(&settings.log)?;
            system.block_on(command.execute(settings))
        }
        Command::Settings => print(settings::list()?.as_bytes()),
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

async fn serve(settings: Settings, traces: Option<telemetry::Sender>) -> Result<(), Source> {
    let workers = std::thread::available_parallelism().map_or(2, usize::from).min(MAX_WORKERS);
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
        let folder = std::path::absolute(&folder).unwrap_or(folder);
        tracing::warn!(folder = %folder.display(), "SMTP_URL is not set: mails are written as .eml files");
    }
    if settings.cloudinary_url.is_none() {
        let folder = settings.media_folder();
        let folder = std::path::absolute(&folder).unwrap_or(folder);
        tracing::info!(folder = %folder.display(), "CLOUDINARY_URL is not set: pictures are stored as files");
    }
}
