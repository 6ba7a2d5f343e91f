//! App passwords.

mod authentication;
mod creation;
mod ends;
mod values;

use domain::{
    Ports,
    app_password::{AppPasswordName, AppPasswordSecret, Scope, Scopes},
    session::{Principal, SignedInUser},
    use_cases::app_password::{
        AppPasswordAttempt, AuthenticateAppPasswordError, CreateAppPasswordCommand, CreatedAppPassword,
        authenticate_app_password, create_app_password,
    },
};
use testkit::TestEnvironment;

fn named(name: &str) -> CreateAppPasswordCommand {
    let name = AppPasswordName::parse(name).unwrap();
    CreateAppPasswordCommand { name, scopes: Scopes::new(Scope::ALL).unwrap(), expires_at: None }
}

async fn created(env: &TestEnvironment, user: &SignedInUser) -> CreatedAppPassword {
    create_app_password(&env.ports, user, named("Phone")).await.unwrap()
}

async fn attempt(
    ports: &Ports,
    user_name: Option<&str>,
    secret: &AppPasswordSecret,
    scope: Option<Scope>,
) -> Result<Principal, AuthenticateAppPasswordError> {
    let client = TestEnvironment::client();
    authenticate_app_password(ports, &AppPasswordAttempt { user_name, secret, client: &client }, scope).await
}

async fn enters(env: &TestEnvironment, secret: &AppPasswordSecret) -> bool {
    match attempt(&env.ports, None, secret, Some(Scope::CardDav)).await {
        Ok(_) => true,
        Err(AuthenticateAppPasswordError::Invalid) => false,
        Err(other) => panic!("{other:?}"),
    }
}
