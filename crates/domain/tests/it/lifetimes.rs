//! Stored names, lifetimes and limits, value by value. A name in the database must never change.

use chrono::Duration;
use domain::{
    account::Purpose,
    audit::{AuditAction, AuditOutcome},
    contact::trash::trash_limit,
    mail::MailKind,
    session::SessionLifetime,
};
use testkit::samples;

#[test]
fn one_time_token_has_a_stored_name_and_a_lifetime_by_purpose() {
    let expected = [
        (Purpose::VerifyEmail, "verify-email", Duration::hours(24)),
        (Purpose::ResetPassword, "reset-password", Duration::minutes(30)),
        (Purpose::ChangeEmail, "change-email", Duration::minutes(30)),
        (Purpose::RevertEmail, "revert-email", Duration::days(7)),
    ];
    assert_eq!(Purpose::ALL.map(|purpose| (purpose, purpose.as_str(), purpose.lifetime())), expected);
    for (purpose, name, _) in expected {
        assert_eq!(Purpose::from_stored(name), Some(purpose));
    }
    assert_eq!(Purpose::from_stored("other"), None);
}

#[test]
fn mail_has_a_stored_name_by_kind() {
    let expected = [
        (MailKind::VerifyEmail, "verify_email", false),
        (MailKind::ResetPassword, "reset_password", false),
        (MailKind::ConfirmEmail, "confirm_email", false),
        (MailKind::EmailChangeNotice, "email_change_notice", true),
        (MailKind::EmailChanged, "email_changed", true),
        (MailKind::PasswordChanged, "password_changed", true),
        (MailKind::PasswordWasReset, "password_was_reset", true),
        (MailKind::SessionEnded, "session_ended", true),
        (MailKind::NewDevice, "new_device", true),
        (MailKind::WrongPasswords, "wrong_passwords", true),
        (MailKind::AppPasswordCreated, "app_password_created", true),
    ];
    assert_eq!(MailKind::ALL.map(|kind| (kind, kind.as_str(), kind.is_notice())), expected);
    for (kind, name, _) in expected {
        assert_eq!(MailKind::from_stored(name), Some(kind));
    }
    assert_eq!(MailKind::from_stored("other"), None);
}

#[test]
fn audit_event_has_stored_names() {
    let actions = [
        (AuditAction::Register, "register"),
        (AuditAction::VerifyEmail, "verify-email"),
        (AuditAction::SignIn, "sign-in"),
        (AuditAction::SignOut, "sign-out"),
        (AuditAction::Refresh, "refresh"),
        (AuditAction::EndSession, "end-session"),
        (AuditAction::EndOtherSessions, "end-other-sessions"),
        (AuditAction::ForgotPassword, "forgot-password"),
        (AuditAction::ResetPassword, "reset-password"),
        (AuditAction::ChangePassword, "change-password"),
        (AuditAction::RequestEmailChange, "request-email-change"),
        (AuditAction::ConfirmEmail, "confirm-email"),
        (AuditAction::RevertEmail, "revert-email"),
        (AuditAction::CreateAppPassword, "create-app-password"),
        (AuditAction::EndAppPassword, "end-app-password"),
        (AuditAction::ExportAccount, "export-account"),
        (AuditAction::ImportContacts, "import-contacts"),
        (AuditAction::DeleteAccount, "delete-account"),
        (AuditAction::Invite, "invite"),
        (AuditAction::CreateAccount, "create-account"),
        (AuditAction::DisableAccount, "disable-account"),
        (AuditAction::EnableAccount, "enable-account"),
        (AuditAction::VerifyAccount, "verify-account"),
        (AuditAction::CreateResetLink, "create-reset-link"),
        (AuditAction::SetContactLimit, "set-contact-limit"),
    ];
    let found: Vec<_> = AuditAction::ALL.iter().map(|action| (*action, action.as_str())).collect();
    assert_eq!(found, actions);
    for (action, name) in actions {
        assert_eq!(AuditAction::from_stored(name), Some(action));
    }
    assert_eq!(AuditAction::from_stored("other"), None);
}

#[test]
fn audit_event_has_a_retention_by_outcome() {
    let expected = [
        (AuditOutcome::Success, "success", 90),
        (AuditOutcome::WrongPassword, "wrong-password", 14),
        (AuditOutcome::EmailNotVerified, "email-not-verified", 14),
        (AuditOutcome::AccountDisabled, "account-disabled", 14),
        (AuditOutcome::TokenRepeated, "token-repeated", 14),
        (AuditOutcome::TokenReused, "token-reused", 90),
    ];
    let found: Vec<_> = AuditOutcome::ALL.iter().map(|outcome| (*outcome, outcome.as_str())).collect();
    assert_eq!(found, expected.map(|(outcome, name, _)| (outcome, name)));
    for (outcome, name, days) in expected {
        assert_eq!((AuditOutcome::from_stored(name), outcome.retention()), (Some(outcome), Duration::days(days)));
    }
    assert_eq!(AuditOutcome::from_stored("other"), None);
}

#[test]
fn session_is_active_until_either_lifetime_is_over() {
    let lifetime = SessionLifetime { total: Duration::days(30), idle: Duration::days(7) };
    let microsecond = Duration::microseconds(1);
    for (age, idle, is_active) in [
        (Duration::zero(), Duration::zero(), true),
        (Duration::days(30) - microsecond, Duration::days(7) - microsecond, true),
        (Duration::days(30), Duration::zero(), false),
        (Duration::days(7), Duration::days(7), false),
        (Duration::days(31), Duration::days(8), false),
    ] {
        let mut session = samples::session(domain::ids::UserId(samples::id()));
        (session.created_at, session.last_used_at) = (samples::now() - age, samples::now() - idle);
        assert_eq!(session.is_active(samples::now(), lifetime), is_active, "{age} old, {idle} idle");
    }
}

#[test]
fn trash_holds_twice_the_contacts_and_at_least_one_batch() {
    for (contact_limit, expected) in [(0, 200), (99, 200), (100, 200), (101, 202), (u64::MAX, u64::MAX)] {
        assert_eq!(trash_limit(contact_limit), expected, "{contact_limit}");
    }
}
