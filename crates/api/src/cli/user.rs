//! Command `user`: accounts, for the operator.

use clap::{Args, Subcommand};
use domain::{
    Policy, Ports,
    account::{Account, Email, Locale, Registration, Timezone, Username},
    error::Source,
    use_cases::operator::{self, CreateAccountCommand, ResetLink},
};
use serde_json::{Value, json};
use url::Url;

use super::{output::print, progress};
use crate::{settings::Settings, wiring::Wiring};

#[derive(Args)]
pub(super) struct UserCommand {
    #[command(subcommand)]
    action: Action,
    /// Prints JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Action {
    /// Lists all accounts, in the order of their registration
    List,
    /// Shows an account
    Show(Target),
    /// Creates an account, and prints a link with which its user sets a password
    Create {
        #[command(flatten)]
        target: Target,
        /// Display name
        #[arg(long, value_parser = |text: &str| Username::parse(text).map_err(|error| error.to_string()))]
        name: Username,
        /// Language of mails and pages: en or uk
        #[arg(long, default_value = "en")]
        locale: Locale,
        /// Time zone, like Europe/Kyiv
        #[arg(long, default_value = "UTC")]
        timezone: Timezone,
    },
    /// Lets a person register with this e-mail address, while REGISTRATION is invite; sends no mail
    Invite(Target),
    /// Disables an account, and signs its user out everywhere
    Disable(Target),
    /// Enables a disabled account
    Enable(Target),
    /// Deletes an account with all its data
    Delete {
        #[command(flatten)]
        target: Target,
        /// Confirms the deletion
        #[arg(long, required = true)]
        yes: bool,
    },
    /// Marks the e-mail address of an account as verified
    Verify(Target),
    /// Prints a link with which the user sets a new password within 24 hours
    ResetLink(Target),
    /// Sets the maximum number of contacts of an account
    Limit {
        #[command(flatten)]
        target: Target,
        /// A number from 0 to 1000000, or `default` for CONTACT_LIMIT
        #[arg(value_parser = contact_limit)]
        limit: ContactLimit,
    },
}

/// The account that a command is about.
#[derive(Args)]
struct Target {
    /// E-mail address of the account
    #[arg(value_name = "EMAIL", value_parser = |text: &str| Email::parse(text).map_err(|error| error.to_string()))]
    email: Email,
}

/// Maximum number of contacts; `None` for the limit of all users.
#[derive(Clone)]
struct ContactLimit(Option<u64>);

fn contact_limit(text: &str) -> Result<ContactLimit, String> {
    if text == "default" {
        return Ok(ContactLimit(None));
    }
    let limit = text.parse().ok().filter(|limit| *limit <= Policy::MAX_CONTACT_LIMIT);
    let hint = format!("must be a number from 0 to {}, or default", Policy::MAX_CONTACT_LIMIT);
    limit.map(|limit| ContactLimit(Some(limit))).ok_or(hint)
}

impl UserCommand {
    pub(super) async fn execute(self, settings: Settings) -> Result<(), Source> {
        let (public_url, registration) = (settings.public_url.clone(), settings.registration);
        let ports = Wiring::operator_ports(settings).await?;
        let (email, json) = match self.action {
            Action::List => return list(&ports, self.json).await,
            Action::Create { target, name, locale, timezone } => {
                let email = target.email;
                let command = CreateAccountCommand { username: name, email: email.clone(), locale, timezone };
                operator::create_account(&ports, command).await?;
                return link(&ports, &public_url, &email, self.json).await;
            }
            Action::ResetLink(Target { email }) => return link(&ports, &public_url, &email, self.json).await,
            Action::Invite(Target { email }) => {
                operator::invite(&ports, &email).await?;
                note_of_registration(registration);
                return show(&json!({"email": email.as_str(), "invited": true}), self.json);
            }
            Action::Delete { target, .. } => {
                operator::delete_account(&ports, &target.email).await?;
                return show(&json!({"email": target.email.as_str(), "deleted": true}), self.json);
            }
            Action::Show(target) => (target.email, self.json),
            Action::Disable(target) => {
                operator::disable_account(&ports, &target.email).await?;
                (target.email, self.json)
            }
            Action::Enable(target) => {
                operator::enable_account(&ports, &target.email).await?;
                (target.email, self.json)
            }
            Action::Verify(target) => {
                operator::verify_account(&ports, &target.email).await?;
                (target.email, self.json)
            }
            Action::Limit { target, limit } => {
                operator::set_contact_limit(&ports, &target.email, limit.0).await?;
                (target.email, self.json)
            }
        };
        show(&view(&operator::show_account(&ports, &email).await?), json)
    }
}

/// Reports on standard error that an invitation has no effect yet.
fn note_of_registration(registration: Registration) {
    let note = match registration {
        Registration::Invite => return,
        Registration::Open => "REGISTRATION is open: everybody can register, also without an invitation",
        Registration::Closed => "REGISTRATION is closed: the invitation has no effect until it is invite",
    };
    progress::note(note);
}

async fn list(ports: &Ports, json: bool) -> Result<(), Source> {
    let (mut after, mut accounts) = (None, Vec::new());
    loop {
        let page = operator::list_accounts(ports, after).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.user.id);
        accounts.extend(page);
    }
    if json {
        return print_json(&accounts.iter().map(view).collect());
    }
    let lines = accounts.iter().map(|account| {
        let state = match (account.is_disabled, account.user.email_verified) {
            (true, _) => "disabled",
            (false, true) => "active",
            (false, false) => "unverified",
        };
        let Account { user, contacts, .. } = account;
        format!("{state:10}  {contacts:>7}  {}  {}\n", user.email.as_str(), user.username.as_str())
    });
    print(lines.collect::<String>().as_bytes())
}

async fn link(ports: &Ports, public_url: &Url, email: &Email, json: bool) -> Result<(), Source> {
    let ResetLink { token, expires_at } = operator::create_reset_link(ports, email).await?;
    let mut link = public_url.join("reset-password")?;
    link.query_pairs_mut().append_pair("token", &token.reveal());
    let mut account = view(&operator::show_account(ports, email).await?);
    if let Some(fields) = account.as_object_mut() {
        fields.insert("reset_link".to_owned(), link.as_str().into());
        fields.insert("reset_link_expires_at".to_owned(), json!(expires_at));
    }
    show(&account, json)
}

fn view(account: &Account) -> Value {
    let Account { user, is_disabled, contact_limit, contacts } = account;
    json!({
        "id": user.id.0,
        "email": user.email.as_str(),
        "email_verified": user.email_verified,
        "username": user.username.as_str(),
        "disabled": is_disabled,
        "contacts": contacts,
        "contact_limit": contact_limit,
        "locale": user.locale.as_str(),
        "timezone": user.timezone.as_str(),
        "created_at": user.created_at,
    })
}

/// Prints one object: as JSON, or one line for each member.
fn show(object: &Value, json: bool) -> Result<(), Source> {
    if json {
        return print_json(object);
    }
    let members = object.as_object().into_iter().flatten();
    let lines = members.map(|(name, value)| match value {
        Value::String(text) => format!("{name}: {text}\n"),
        Value::Null => format!("{name}: default\n"),
        other => format!("{name}: {other}\n"),
    });
    print(lines.collect::<String>().as_bytes())
}

fn print_json(value: &Value) -> Result<(), Source> {
    print(format!("{}\n", serde_json::to_string_pretty(value)?).as_bytes())
}
