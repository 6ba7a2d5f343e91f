//! Operations that write one user. A new one is one line.

use std::fmt::Debug;

use domain::{
    Ports,
    account::{Locale, Password, PasswordAttempt, Timezone, Username},
    app_password::{AppPasswordName, Scope, Scopes},
    contact::Expected,
    session::RefreshToken,
    use_cases::{
        account::{
            ProfileChange, change_avatar, change_password, confirm_email, delete_account, forgot_password, register,
            remove_avatar, request_email_change, resend_email_change, resend_verification, reset_password,
            revert_email, update_profile, verify_email,
        },
        app_password::{
            AppPasswordAttempt, CreateAppPasswordCommand, authenticate_app_password, create_app_password,
            end_app_password,
        },
        contact::{change_photo, create_contact},
        export_account,
        operator::{self, CreateAccountCommand},
        session::{LoginCommand, end_other_sessions, end_session, login, logout, refresh},
    },
};
use testkit::{TestEnvironment, environment::PASSWORD, samples};

use super::{
    operation::{Operation, operations},
    scene::{Scene, person},
};

/// Operations that lock the e-mail before they hash a new password. One that is rejected after the hash leaves the lock. In
/// a serial order it is rejected before.
pub(super) const LOCKING_EMAIL: [&str; 4] =
    ["change_password", "change_password_again", "reset_password", "reset_password_and_end"];

pub(super) const ON_USER: &[Operation] = operations! { |scene, ports|
    change_password: change_password(ports, &scene.principal, &current(), &new_password("orange window seven"));
    change_password_again: change_password(ports, &scene.principal, &current(), &new_password("violet garden eleven"));
    request_email_change: request_email_change(ports, &scene.principal, scene.former.clone(), &current());
    confirm_email: confirm_email(ports, &scene.confirm, &scene.client);
    verify_email: verify_email(ports, &scene.verify, &scene.client);
    resend_verification: resend_verification(ports, scene.email.clone());
    resend_email_change: resend_email_change(ports, scene.pending.clone());
    forgot_password: forgot_password(ports, scene.email.clone(), &scene.client);
    reset_password: reset_password(ports, &scene.reset, &new_password("yellow carpet nine"), false, &scene.client);
    reset_password_and_end: reset_password(ports, &scene.reset, &new_password("silver ladder five"), true, &scene.client);
    revert_email: revert_email(ports, &scene.revert, &scene.client);
    register_pending: register(ports, TestEnvironment::registrant(scene.pending.as_str()));
    register_former: register(ports, TestEnvironment::registrant(scene.former.as_str()));
    rename: update_profile(ports, scene.owner, profile("Оленка"));
    change_language: update_profile(ports, scene.owner, ProfileChange { locale: Some(Locale::Uk), ..Default::default() });
    change_avatar: change_avatar(ports, scene.owner, b"picture of a user".to_vec());
    remove_avatar: remove_avatar(ports, scene.owner);
    login: login(ports, login_with(scene, PASSWORD));
    login_wrong: login(ports, login_with(scene, "a wrong password"));
    login_new: login(ports, login_with(scene, "orange window seven"));
    refresh: refresh(ports, &scene.refresh_token, &scene.client);
    refresh_unknown: refresh(ports, &unknown_token(scene), &scene.client);
    logout: logout(ports, &scene.principal);
    end_session: end_session(ports, &scene.principal, scene.other_session);
    end_other_sessions: end_other_sessions(ports, &scene.principal);
    create_app_password: create_app_password(ports, &scene.principal, new_app_password());
    end_app_password: end_app_password(ports, &scene.principal, scene.app_password);
    use_app_password: use_app_password(ports, scene);
    disable: operator::disable_account(ports, &scene.email);
    enable: operator::enable_account(ports, &scene.email);
    verify_by_operator: operator::verify_account(ports, &scene.email);
    create_reset_link: operator::create_reset_link(ports, &scene.email);
    invite_former: operator::invite(ports, &scene.former);
    create_former: operator::create_account(ports, new_account(scene));
    set_contact_limit: operator::set_contact_limit(ports, &scene.email, Some(2));
    delete_by_operator: operator::delete_account(ports, &scene.email);
    export: export(ports, scene);
    delete_account: delete_account(ports, &scene.principal, &current());
    create_contact: create_contact(ports, scene.owner, &samples::valid(person("Nova")), None);
    change_photo: change_photo(ports, scene.owner, scene.contact, &Expected::Any, b"picture of a contact".to_vec());
};

fn current() -> PasswordAttempt {
    PasswordAttempt::new(PASSWORD)
}

fn new_password(text: &str) -> Password {
    Password::parse(text).unwrap()
}

fn profile(username: &str) -> ProfileChange {
    ProfileChange { username: Some(Username::parse(username).unwrap()), ..ProfileChange::default() }
}

fn login_with(scene: &Scene, password: &str) -> LoginCommand {
    let (email, password) = (Some(scene.email.clone()), PasswordAttempt::new(password));
    LoginCommand { email, password, client: scene.client.clone(), attempt: Vec::new() }
}

/// A token of the session that was never issued.
fn unknown_token(scene: &Scene) -> String {
    let known = RefreshToken::parse(&scene.refresh_token).unwrap();
    RefreshToken { secret: samples::secret(), ..known }.reveal()
}

fn new_account(scene: &Scene) -> CreateAccountCommand {
    let username = Username::parse("Olha").unwrap();
    CreateAccountCommand { username, email: scene.former.clone(), locale: Locale::Uk, timezone: Timezone::default() }
}

fn new_app_password() -> CreateAppPasswordCommand {
    let scopes = Scopes::new([Scope::ApiRead]).unwrap();
    CreateAppPasswordCommand { name: AppPasswordName::parse("Script").unwrap(), scopes, expires_at: None }
}

/// Its answer is the account that it belongs to. The last use that was recorded before is read by no client. The pending
/// e-mail may be gone already, because [`reset_password`] cancels it before it hashes the password.
async fn use_app_password(ports: &Ports, scene: &Scene) -> impl Debug + use<> {
    let attempt = AppPasswordAttempt { user_name: None, secret: &scene.app_password_secret, client: &scene.client };
    authenticate_app_password(ports, &attempt, Some(Scope::CardDav)).await.map(|principal| principal.user.id)
}

/// Its answer is the user. The sessions and the rest of an export are read later, part by part.
async fn export(ports: &Ports, scene: &Scene) -> impl Debug + use<> {
    export_account(ports, &scene.principal).await.map(|(user, ..)| user)
}
