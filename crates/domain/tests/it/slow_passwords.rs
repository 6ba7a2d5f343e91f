//! Changes while a password is hashed or verified.

use std::{
    pin::Pin,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use domain::{
    Policy, Ports,
    account::{
        Email, HashingError, Password, PasswordAttempt, PasswordHash, PasswordHasher, Registration, User,
        UserQueries as _, Username, Verdict,
    },
    client::LargestNetwork,
    session::SignedInUser,
    use_cases::{
        account::{
            ChangePasswordError, ConfirmEmailError, ProfileChange, RegisterError, RequestEmailChangeError,
            ResetPasswordError, change_password, confirm_email, forgot_password, register, request_email_change,
            reset_password, revert_email, update_profile,
        },
        operator::{AccountError, invite, show_account},
        session::{LoginCommand, LoginError, login},
        steps::{AuthenticatePasswordError, ConfirmPasswordError},
    },
};
use testkit::{TestEnvironment, environment::PASSWORD, fakes::FakePasswords};

use crate::{
    notices::{NEW, OLENA, SECOND, THIEF, change_address, sent, signed_in},
    sessions::{login_as, login_with},
};

type Meanwhile = Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>;

/// A hasher that runs something once while it hashes or verifies a password.
struct SlowPasswords {
    hasher: Arc<FakePasswords>,
    while_hashing: Meanwhile,
    while_verifying: Meanwhile,
}

async fn run_once(meanwhile: &Meanwhile) {
    let next = meanwhile.lock().unwrap().take();
    if let Some(next) = next {
        next.await;
    }
}

#[async_trait]
impl PasswordHasher for SlowPasswords {
    async fn hash(&self, password: &Password, from: LargestNetwork) -> Result<PasswordHash, HashingError> {
        run_once(&self.while_hashing).await;
        self.hasher.hash(password, from).await
    }

    async fn verify(
        &self,
        attempt: &PasswordAttempt,
        hash: Option<&PasswordHash>,
        from: LargestNetwork,
    ) -> Result<Verdict, HashingError> {
        run_once(&self.while_verifying).await;
        self.hasher.verify(attempt, hash, from).await
    }

    async fn rehash(&self, attempt: &PasswordAttempt, from: LargestNetwork) -> Result<PasswordHash, HashingError> {
        self.hasher.rehash(attempt, from).await
    }
}

/// Ports whose hasher runs something while it hashes the first password.
fn while_hashing(env: &TestEnvironment, meanwhile: impl Future<Output = ()> + Send + 'static) -> Ports {
    let hasher = SlowPasswords {
        hasher: env.passwords.clone(),
        while_hashing: Mutex::new(Some(Box::pin(meanwhile))),
        while_verifying: Mutex::default(),
    };
    Ports { passwords: Arc::new(hasher), ..env.ports.clone() }
}

#[tokio::test]
async fn email_confirmation_during_a_password_change_is_rejected() {
    for resets in [true, false] {
        let env = TestEnvironment::default();
        env.verified(OLENA).await;
        let olena = signed_in(&env, OLENA).await;
        let (new_email, password) = (Email::parse(THIEF).unwrap(), PasswordAttempt::new(PASSWORD));
        request_email_change(&env.ports, &olena, new_email, &password).await.unwrap();
        let thiefs = env.token_from_mail().await;
        forgot_password(&env.ports, Email::parse(OLENA).unwrap(), &TestEnvironment::client()).await.unwrap();
        let owners = env.token_from_mail().await;

        let (sender, receiver) = tokio::sync::oneshot::channel();
        let confirming = env.ports.clone();
        let confirm = async move {
            sender.send(confirm_email(&confirming, &thiefs, &TestEnvironment::client()).await).unwrap();
        };
        let ports = while_hashing(&env, confirm);
        let new = Password::parse(NEW).unwrap();
        if resets {
            reset_password(&ports, &owners, &new, true, &TestEnvironment::client()).await.unwrap();
        } else {
            change_password(&ports, &olena, &password, &new).await.unwrap();
        }
        let outcome = receiver.await.unwrap();
        assert!(matches!(outcome, Err(ConfirmEmailError::TokenInvalid)), "{outcome:?}");
        login_with(&env, OLENA, NEW).await.unwrap();
    }
}

#[tokio::test]
async fn change_of_the_email_requested_and_confirmed_while_a_new_password_is_hashed_is_rejected() {
    for resets in [true, false] {
        let env = Arc::new(TestEnvironment::default());
        env.verified(OLENA).await;
        let olena = signed_in(&env, OLENA).await;
        forgot_password(&env.ports, Email::parse(OLENA).unwrap(), &TestEnvironment::client()).await.unwrap();
        let owners = env.token_from_mail().await;
        let (thiefs, thief) = (Arc::clone(&env), olena.clone());
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let request_and_confirm = async move {
            let (new_email, password) = (Email::parse(THIEF).unwrap(), PasswordAttempt::new(PASSWORD));
            request_email_change(&thiefs.ports, &thief, new_email, &password).await.unwrap();
            let token = thiefs.token_from_mail().await;
            sender.send(confirm_email(&thiefs.ports, &token, &TestEnvironment::client()).await).unwrap();
        };
        let ports = while_hashing(&env, request_and_confirm);
        let new = Password::parse(NEW).unwrap();
        if resets {
            reset_password(&ports, &owners, &new, true, &TestEnvironment::client()).await.unwrap();
        } else {
            change_password(&ports, &olena, &PasswordAttempt::new(PASSWORD), &new).await.unwrap();
        }
        let outcome = receiver.await.unwrap();
        assert!(matches!(outcome, Err(ConfirmEmailError::TokenInvalid)), "{outcome:?}");
        login_with(&env, OLENA, NEW).await.unwrap();
    }
}

#[tokio::test]
async fn change_of_the_email_requested_while_a_new_password_is_hashed_is_discarded() {
    for resets in [true, false] {
        let env = TestEnvironment::default();
        env.verified(OLENA).await;
        let olena = signed_in(&env, OLENA).await;
        forgot_password(&env.ports, Email::parse(OLENA).unwrap(), &TestEnvironment::client()).await.unwrap();
        let owners = env.token_from_mail().await;
        let (requesting, thief) = (env.ports.clone(), olena.clone());
        let request = async move {
            let (new_email, password) = (Email::parse(THIEF).unwrap(), PasswordAttempt::new(PASSWORD));
            request_email_change(&requesting, &thief, new_email, &password).await.unwrap();
        };
        let ports = while_hashing(&env, request);
        let new = Password::parse(NEW).unwrap();
        if resets {
            reset_password(&ports, &owners, &new, true, &TestEnvironment::client()).await.unwrap();
        } else {
            change_password(&ports, &olena, &PasswordAttempt::new(PASSWORD), &new).await.unwrap();
        }
        let user = env.store.credentials_of(olena.user.id).await.unwrap().unwrap().user;
        assert_eq!(user.pending_email, None);
        assert!(sent(&env).await.iter().all(|mail| mail.to.as_str() == OLENA), "no link goes to the other e-mail");
    }
}

#[tokio::test]
async fn password_checked_during_an_email_revert_is_rejected() {
    for signs_in in [true, false] {
        let env = TestEnvironment::default();
        env.verified(OLENA).await;
        let link = change_address(&env, OLENA, THIEF).await;
        let thief = signed_in(&env, THIEF).await;
        let reverting = env.ports.clone();
        let revert = async move { revert_email(&reverting, &link, &TestEnvironment::client()).await.unwrap() };
        let hasher = SlowPasswords {
            hasher: env.passwords.clone(),
            while_hashing: Mutex::default(),
            while_verifying: Mutex::new(Some(Box::pin(revert))),
        };
        let ports = Ports { passwords: Arc::new(hasher), ..env.ports.clone() };
        let password = PasswordAttempt::new(PASSWORD);
        if signs_in {
            let (email, client) = (Email::parse(THIEF).ok(), TestEnvironment::client());
            let outcome = login(&ports, LoginCommand { email, password, client, attempt: Vec::new() }).await;
            let is_rejected =
                matches!(outcome, Err(LoginError::Password(AuthenticatePasswordError::InvalidCredentials)));
            assert!(is_rejected, "or the thief would have a session");
        } else {
            let outcome = request_email_change(&ports, &thief, Email::parse(SECOND).unwrap(), &password).await;
            let is_rejected =
                matches!(outcome, Err(RequestEmailChangeError::Password(ConfirmPasswordError::WrongPassword)));
            assert!(is_rejected, "{outcome:?}");
        }
    }
}

#[tokio::test]
async fn invitation_used_up_while_a_password_is_hashed_registers_no_one() {
    let env = TestEnvironment::default();
    let email = Email::parse(OLENA).unwrap();
    invite(&env.ports, &email).await.unwrap();
    let (store, invited) = (env.ports.store.clone(), email.clone());
    let take = async move {
        let mut unit = store.begin().await.unwrap();
        assert!(unit.take_invitation(&invited).await.unwrap());
        unit.commit().await.unwrap();
    };
    let policy = Policy { registration: Registration::Invite, ..Policy::default() };
    let ports = Ports { policy, ..while_hashing(&env, take) };
    let outcome = register(&ports, TestEnvironment::registrant(OLENA)).await;
    assert!(matches!(outcome, Err(RegisterError::NotInvited)), "{outcome:?}");
    assert!(matches!(show_account(&env.ports, &email).await, Err(AccountError::NotFound)));
}

#[tokio::test]
async fn name_changed_while_a_new_password_is_hashed_is_compared_with_it() {
    let env = TestEnvironment::default();
    let olena = env.verified(OLENA).await;
    forgot_password(&env.ports, Email::parse(OLENA).unwrap(), &TestEnvironment::client()).await.unwrap();
    let token = env.token_from_mail().await;
    let renaming = env.ports.clone();
    let rename = async move {
        let change = ProfileChange { username: Some(Username::parse(NEW).unwrap()), ..ProfileChange::default() };
        update_profile(&renaming, olena.id, change).await.unwrap();
    };
    let ports = while_hashing(&env, rename);
    let new = Password::parse(NEW).unwrap();
    let outcome = reset_password(&ports, &token, &new, true, &TestEnvironment::client()).await;
    assert!(matches!(outcome, Err(ResetPasswordError::Password(_))), "{outcome:?}");
    login_as(&env, OLENA).await.expect("the password is unchanged");

    // The request was authenticated before the name was changed.
    let earlier = signed_in(&env, OLENA).await;
    let before = User { username: Username::parse("Olena").unwrap(), ..earlier.user.clone() };
    let earlier = SignedInUser { user: before, ..earlier };
    let outcome = change_password(&env.ports, &earlier, &PasswordAttempt::new(PASSWORD), &new).await;
    assert!(matches!(outcome, Err(ChangePasswordError::New(_))), "{outcome:?}");
    login_as(&env, OLENA).await.expect("the password is unchanged");
}
