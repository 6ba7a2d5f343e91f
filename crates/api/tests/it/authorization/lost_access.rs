//! Loss of access: an account is disabled, or its e-mail is no longer verified, while the session cache of the service
//! has its credentials.

use std::{sync::Arc, time::Duration};

use domain::{store::Store as _, use_cases::operator};
use reqwest::StatusCode;
use testkit::TestEnvironment;

use super::account::{Account, Backstage};
use crate::service::Service;

/// Reason for which an account has no access.
#[derive(Debug, Clone, Copy)]
pub(super) enum Loss {
    Disabled,
    Unverified,
}

/// Uses the credentials of an account until they are cached, and ends its access. Returns when they are rejected.
pub(super) async fn lose_access(service: &Service, backstage: &Backstage, account: &Account<'_>, loss: Loss) {
    fill_cache(service, account).await;
    let store = backstage.command_store().await;
    match loss {
        Loss::Disabled => {
            let email = account.email.parse().unwrap();
            let environment = TestEnvironment::over(Arc::new(store.clone()));
            operator::disable_account(&environment.ports, &email).await.unwrap();
        }
        Loss::Unverified => {
            let email = &account.email;
            backstage.execute(&format!("UPDATE users SET email_verified = false WHERE email = '{email}'")).await;
            // No use case does this. A unit that changes the user announces it to the service.
            let mut unit = store.begin().await.unwrap();
            unit.set_disabled(account.user, false).await.unwrap();
            unit.commit().await.unwrap();
        }
    }
    wait_until_rejected(account).await;
}

/// Uses the credentials until each of them is a hit. The first use of an app password is recorded, which removes the
/// entries of its user.
async fn fill_cache(service: &Service, account: &Account<'_>) {
    for _ in 0..100 {
        let before = cache_hits(service).await;
        let statuses = account.use_credentials().await;
        assert!(statuses.iter().all(StatusCode::is_success), "{statuses:?}");
        if cache_hits(service).await - before >= statuses.len() as u64 {
            return;
        }
    }
    panic!("the credentials of {} are not cached after 100 uses", account.email);
}

async fn cache_hits(service: &Service) -> u64 {
    let metrics = reqwest::get(format!("{}/metrics", service.metrics_base.as_ref().unwrap())).await.unwrap();
    let metrics = metrics.text().await.unwrap();
    let series = "contacts_session_cache_lookups_total{outcome=\"hit\"} ";
    let value = metrics.lines().find_map(|line| line.strip_prefix(series));
    value.unwrap_or_else(|| panic!("{series}is not among\n{metrics}")).parse().unwrap()
}

/// The service discards the entries within a second. If it did not notice the change, it would have them for a minute.
async fn wait_until_rejected(account: &Account<'_>) {
    for _ in 0..200 {
        if !account.use_credentials().await.iter().any(StatusCode::is_success) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("credentials of {} are accepted 20 seconds after the loss of access", account.email);
}
