//! Delivery over TLS, and none without it when TLS is required.

use std::{process::Command, time::Duration};

use domain::{
    account::Locale,
    mail::{MailError, Mailer as _},
};
use testkit::smtp::{Misbehaviour::Answers, ServerTls, SmtpScript, SmtpSink, Stage};

use crate::support::{smtp_mailer, verification};

/// `user` and `secret` as AUTH PLAIN carries them.
const PLAIN: &str = "AHVzZXIAc2VjcmV0";
const TIMEOUT: Duration = Duration::from_secs(10);

/// Variable with the URL for the child process.
const CHILD_URL: &str = "MAILER_TEST_SMTP_URL";

#[tokio::test]
async fn mail_is_not_sent_without_the_requested_tls() {
    let scripts = [
        ("smtp+starttls", SmtpScript::default()),
        ("smtp+starttls", SmtpScript::default().offering("STARTTLS")),
        ("smtp+starttls", SmtpScript::default().with_starttls(ServerTls::self_signed())),
        ("smtps", SmtpScript::default()),
        ("smtps", SmtpScript::default().at(Stage::Greeting, Answers("220 plain"))),
        ("smtps", SmtpScript::default().with_tls(ServerTls::self_signed())),
    ];
    for (number, (scheme, script)) in scripts.into_iter().enumerate() {
        let sink = SmtpSink::start(script.requiring_sign_in(PLAIN)).await;
        let mailer = smtp_mailer(&format!("{scheme}://user:secret@{}", sink.address()), TIMEOUT);
        let error = mailer.send(&verification(Locale::En)).await.unwrap_err();
        assert!(matches!(error, MailError::Transient(_)), "case {number}: {error:?}");
        assert!(sink.mails().is_empty());
        let talked = sink.commands().into_iter().any(|line| line.starts_with("AUTH") || line.starts_with("MAIL"));
        assert!(!talked, "case {number}: {:?}", sink.commands());
    }
}

/// A process reads the certificates of the system from SSL_CERT_FILE. So this test
/// runs itself again, in a process that trusts the server and gets its URL.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a test configures its child process by the environment")]
async fn trusted_server_receives_mail_over_tls() {
    if let Ok(url) = std::env::var(CHILD_URL) {
        return smtp_mailer(&url, TIMEOUT).send(&verification(Locale::Uk)).await.unwrap();
    }
    let tls = ServerTls::self_signed();
    let folder = tempfile::tempdir().unwrap();
    let trusted = folder.path().join("trusted.pem");
    std::fs::write(&trusted, &tls.certificate_pem).unwrap();
    for (scheme, script) in [
        ("smtps", SmtpScript::default().with_tls(tls.clone())),
        ("smtp+starttls", SmtpScript::default().with_starttls(tls.clone())),
    ] {
        let sink = SmtpSink::start(script.requiring_sign_in(PLAIN)).await;
        let url = format!("{scheme}://user:secret@{}", sink.address());
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "tls::trusted_server_receives_mail_over_tls", "--nocapture"]);
        child.env("SSL_CERT_FILE", &trusted).env(CHILD_URL, url);
        let output = tokio::task::spawn_blocking(move || child.output().unwrap()).await.unwrap();
        assert!(output.status.success(), "{scheme}: {}", String::from_utf8_lossy(&output.stderr));
        let mails = sink.mails();
        assert_eq!(mails.len(), 1, "{scheme}: {:?}", sink.commands());
        assert!(mails[0].was_protected);
    }
}
