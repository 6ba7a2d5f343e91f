//! Use cases of the operator.

use domain::{
    Policy, Ports,
    account::{Email, PasswordAttempt, Registration, User},
    audit::{AuditAction, AuditOutcome},
    contact::Expected,
    use_cases::{
        account::{RegisterError, change_password, register, reset_password},
        contact::{CreateContactError, create_contact, delete_contact},
        operator::{
            AccountError, CreateAccountCommand, CreateAccountError, InviteError, create_account, create_reset_link,
            delete_account, disable_account, enable_account, invite, list_accounts, set_contact_limit, show_account,
            verify_account,
        },
        session::{LoginCommand, LoginError, authenticate, login},
        steps::AuthenticatePasswordError,
    },
};
use testkit::{
    environment::{PASSWORD, TestEnvironment},
    samples,
};

const OLENA: &str = "olena@example.com";

fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

async fn sign_in(env: &TestEnvironment, password: &str) -> Result<String, LoginError> {
    let command = LoginCommand {
        email: Some(email(OLENA)),
        password: PasswordAttempt::new(password),
        client: TestEnvironment::client(),
        attempt: Vec::new(),
    };
    login(&env.ports, command).await.map(|pair| pair.access_token)
}

fn has_recorded(env: &TestEnvironment, action: AuditAction, outcome: AuditOutcome) -> bool {
    env.store.audit_events().iter().any(|event| event.action == action && event.outcome == outcome)
}

#[tokio::test]
async fn disabled_user_is_signed_out_and_cannot_sign_in() {
    let env = TestEnvironment::default();
    let user: User = env.verified(OLENA).await;
    let token = sign_in(&env, PASSWORD).await.unwrap();
    let principal = authenticate(&env.ports, &token, TestEnvironment::client()).await.unwrap();

    disable_account(&env.ports, &user.email).await.unwrap();
    assert!(show_account(&env.ports, &user.email).await.unwrap().is_disabled);
    assert!(authenticate(&env.ports, &token, TestEnvironment::client()).await.is_err());
    let rejected = sign_in(&env, PASSWORD).await;
    assert!(matches!(rejected, Err(LoginError::Password(AuthenticatePasswordError::AccountDisabled))));
    let rejected = sign_in(&env, "a wrong password").await;
    assert!(matches!(rejected, Err(LoginError::Password(AuthenticatePasswordError::InvalidCredentials))));
    assert!(has_recorded(&env, AuditAction::DisableAccount, AuditOutcome::Success));
    assert!(has_recorded(&env, AuditAction::SignIn, AuditOutcome::AccountDisabled));

    // A request that was authenticated before: it must begin no session.
    let current = PasswordAttempt::new(PASSWORD);
    let new = domain::account::Password::parse("another correct horse").unwrap();
    assert!(change_password(&env.ports, &principal, &current, &new).await.is_err());

    enable_account(&env.ports, &user.email).await.unwrap();
    assert!(sign_in(&env, PASSWORD).await.is_ok());
    assert!(has_recorded(&env, AuditAction::EnableAccount, AuditOutcome::Success));
}

#[tokio::test]
async fn reset_link_sets_a_password_and_expires_after_a_day() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let client = TestEnvironment::client();
    let new = domain::account::Password::parse("another correct horse").unwrap();
    let link = create_reset_link(&env.ports, &email(OLENA)).await.unwrap();
    env.clock.advance(chrono::Duration::hours(24));
    assert!(reset_password(&env.ports, &link.token.reveal(), &new, true, &client).await.is_err());
    let link = create_reset_link(&env.ports, &email(OLENA)).await.unwrap();
    reset_password(&env.ports, &link.token.reveal(), &new, true, &client).await.unwrap();
    assert!(sign_in(&env, "another correct horse").await.is_ok());
    assert!(has_recorded(&env, AuditAction::CreateResetLink, AuditOutcome::Success));
    assert!(create_reset_link(&env.ports, &email("petro@example.com")).await.is_err());
}

#[tokio::test]
async fn created_account_is_verified_and_uses_up_an_invitation() {
    let env = TestEnvironment::default();
    invite(&env.ports, &email(OLENA)).await.unwrap();
    let registrant = TestEnvironment::registrant(OLENA);
    let command = CreateAccountCommand {
        username: registrant.username.clone(),
        email: email(OLENA),
        locale: registrant.locale,
        timezone: registrant.timezone,
    };
    let user = create_account(&env.ports, command.clone()).await.unwrap();
    assert!(user.email_verified);
    assert!(!env.ports.store.is_invited(&user.email).await.unwrap());
    assert!(has_recorded(&env, AuditAction::CreateAccount, AuditOutcome::Success));
    assert!(matches!(create_account(&env.ports, command).await, Err(CreateAccountError::EmailTaken)));
    assert!(matches!(invite(&env.ports, &user.email).await, Err(InviteError::EmailTaken)));
}

#[tokio::test]
async fn registration_follows_the_policy() {
    let env = TestEnvironment::default();
    let with = |registration| Ports { policy: Policy { registration, ..Policy::default() }, ..env.ports.clone() };
    let attempt = |registration, address| {
        let ports = with(registration);
        async move { register(&ports, TestEnvironment::registrant(address)).await }
    };
    assert!(matches!(attempt(Registration::Closed, OLENA).await, Err(RegisterError::Closed)));
    assert!(matches!(attempt(Registration::Invite, OLENA).await, Err(RegisterError::NotInvited)));
    invite(&env.ports, &email(OLENA)).await.unwrap();
    assert!(has_recorded(&env, AuditAction::Invite, AuditOutcome::Success));
    assert!(matches!(attempt(Registration::Closed, OLENA).await, Err(RegisterError::Closed)));
    assert!(attempt(Registration::Invite, OLENA).await.is_ok());
    assert!(matches!(attempt(Registration::Invite, OLENA).await, Err(RegisterError::NotInvited)));
    assert!(attempt(Registration::Open, "petro@example.com").await.is_ok());
}

#[tokio::test]
async fn own_contact_limit_replaces_that_of_all_users() {
    let env = TestEnvironment::default();
    let owner = env.verified(OLENA).await;
    let create = async || create_contact(&env.ports, owner.id, &samples::valid_card("Petro", "Koval"), None).await;
    set_contact_limit(&env.ports, &owner.email, Some(1)).await.unwrap();
    let first = create().await.unwrap().contact;
    assert!(matches!(create().await, Err(CreateContactError::LimitReached { limit: 1 })));
    set_contact_limit(&env.ports, &owner.email, None).await.unwrap();
    assert!(create().await.is_ok());
    set_contact_limit(&env.ports, &owner.email, Some(0)).await.unwrap();
    delete_contact(&env.ports, owner.id, first.id, &Expected::Any).await.unwrap();
    assert!(matches!(create().await, Err(CreateContactError::LimitReached { limit: 0 })));
    assert!(has_recorded(&env, AuditAction::SetContactLimit, AuditOutcome::Success));
}

#[tokio::test]
async fn operator_verifies_and_deletes_accounts() {
    let env = TestEnvironment::default();
    let user = env.registered(OLENA).await;
    verify_account(&env.ports, &user.email).await.unwrap();
    assert!(sign_in(&env, PASSWORD).await.is_ok());
    assert!(has_recorded(&env, AuditAction::VerifyAccount, AuditOutcome::Success));
    delete_account(&env.ports, &user.email).await.unwrap();
    assert!(matches!(show_account(&env.ports, &user.email).await, Err(AccountError::NotFound)));
    assert!(matches!(delete_account(&env.ports, &user.email).await, Err(AccountError::NotFound)));
    assert!(env.store.audit_events().iter().all(|event| event.user != Some(user.id)));
}

#[tokio::test]
async fn accounts_are_listed_in_the_order_of_their_registration() {
    let env = TestEnvironment::default();
    let (olena, petro) = (env.verified(OLENA).await, env.registered("petro@example.com").await);
    let listed = async |after| {
        let accounts = list_accounts(&env.ports, after).await.unwrap();
        accounts.into_iter().map(|account| account.user.id).collect::<Vec<_>>()
    };
    assert_eq!(listed(None).await, [olena.id, petro.id]);
    assert_eq!(listed(Some(olena.id)).await, [petro.id]);
    assert_eq!(listed(Some(petro.id)).await, []);
    verify_account(&env.ports, &petro.email).await.unwrap();
    let event = env.store.audit_events().pop().unwrap();
    assert_eq!(event.client.user_agent.as_deref(), Some("operator, with contacts-api user"));
}
