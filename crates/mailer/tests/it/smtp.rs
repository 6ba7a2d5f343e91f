//! SMTP delivery.

use std::time::{Duration, Instant};

use domain::{
    account::{Email, Locale},
    mail::{MailError, Mailer as _, OutgoingMail},
};
use mailer::SmtpMailer;
use testkit::smtp::{
    Misbehaviour::{self, Answers, Drops, Hangs},
    SmtpScript, SmtpSink, Stage,
};

use crate::support::{read, renderer, reset, smtp_mailer, token, verification};

/// `user` and `pass word/1` as AUTH PLAIN carries them.
const PLAIN: &str = "AHVzZXIAcGFzcyB3b3JkLzE=";
const CREDENTIALS: &str = "user:pass%20word%2F1@";

fn mailer_to(sink: &SmtpSink, credentials: &str, timeout: Duration) -> SmtpMailer {
    smtp_mailer(&format!("smtp://{credentials}{}", sink.address()), timeout)
}

const AMPLE: Duration = Duration::from_secs(10);

#[derive(Debug, PartialEq)]
enum Outcome {
    Sent,
    Transient,
    Permanent,
}

async fn outcome(mailer: &SmtpMailer, mail: &OutgoingMail) -> Outcome {
    match mailer.send(mail).await {
        Ok(()) => Outcome::Sent,
        Err(MailError::Transient(_)) => Outcome::Transient,
        Err(MailError::Permanent(_)) => Outcome::Permanent,
    }
}

#[tokio::test]
async fn mails_arrive_complete_in_both_languages() {
    let sink = SmtpSink::start(SmtpScript::default()).await;
    let mailer = mailer_to(&sink, "", AMPLE);
    let sent = [verification(Locale::En), verification(Locale::Uk), reset(Locale::En), reset(Locale::Uk)];
    for mail in &sent {
        mailer.send(mail).await.unwrap();
    }
    let received = sink.mails();
    assert_eq!(received.len(), sent.len());
    for (mail, received) in sent.iter().zip(received) {
        assert_eq!(
            (received.sender.as_str(), received.receivers),
            ("<no-reply@contacts.example>", vec!["<olena@example.com>".to_owned()])
        );
        assert!(received.message.is_ascii());
        assert!(received.message.split(|byte| *byte == b'\n').all(|line| line.len() <= 998));

        let words = renderer().render(mail).unwrap();
        let message = read(&received.message);
        assert_eq!(message.subject(), Some(words.subject.as_str()));
        assert_eq!(message.message_id(), Some(format!("{}@contacts.example", mail.id).as_str()));
        assert!(message.date().is_some_and(mail_parser::DateTime::is_valid));
        let header = |name: &str| message.header_raw(name.to_owned()).map(str::trim).map(str::to_owned);
        assert_eq!(header("Auto-Submitted").as_deref(), Some("auto-generated"));
        assert_eq!(header("Content-Language").as_deref(), Some(mail.locale.as_str()));
        assert!(header("Content-Type").unwrap().starts_with("multipart/alternative"));
        let from = message.from().unwrap().first().unwrap();
        assert_eq!((from.name(), from.address()), (Some("Контакти"), Some("no-reply@contacts.example")));
        assert_eq!((message.text_body_count(), message.html_body_count()), (1, 1));
        assert_eq!(message.body_text(0).unwrap().replace("\r\n", "\n"), words.text);
        assert_eq!(message.body_html(0).unwrap().replace("\r\n", "\n"), words.html);
    }
}

#[tokio::test]
async fn retries_of_a_mail_share_one_message_id() {
    let sink = SmtpSink::start(SmtpScript::default()).await;
    let mailer = mailer_to(&sink, "", AMPLE);
    let mail = verification(Locale::En);
    mailer.send(&mail).await.unwrap();
    mailer.send(&mail).await.unwrap();
    let ids: Vec<String> =
        sink.mails().iter().map(|received| read(&received.message).message_id().unwrap().to_owned()).collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1]);
}

#[tokio::test]
async fn only_rejection_of_the_mail_itself_is_permanent() {
    let mail = verification(Locale::En);
    for (stage, reply, expected) in [
        (Stage::Greeting, "554 no service for you", Outcome::Transient),
        (Stage::Greeting, "421 too busy", Outcome::Transient),
        (Stage::Greeting, "nonsense", Outcome::Transient),
        (Stage::Hello, "550 bad name", Outcome::Transient),
        (Stage::Sender, "550 5.1.8 bad sender", Outcome::Permanent),
        (Stage::Sender, "530 5.7.0 sign in first", Outcome::Transient),
        (Stage::Sender, "451 4.3.0 later", Outcome::Transient),
        (Stage::Receiver, "550 5.1.1 <olena@example.com> is unknown", Outcome::Permanent),
        (Stage::Receiver, "553 5.1.3 bad address", Outcome::Permanent),
        (Stage::Receiver, "450 4.2.0 greylisted", Outcome::Transient),
        (Stage::Receiver, "421 4.3.2 shutting down", Outcome::Transient),
        (Stage::Data, "554 5.5.1 no", Outcome::Permanent),
        (Stage::MailEnd, "554 5.7.1 spam", Outcome::Permanent),
        (Stage::MailEnd, "552 5.2.2 mailbox full", Outcome::Permanent),
        (Stage::MailEnd, "451 4.3.0 later", Outcome::Transient),
        (Stage::Goodbye, "500 no goodbye", Outcome::Sent),
    ] {
        let sink = SmtpSink::start(SmtpScript::default().at(stage, Answers(reply))).await;
        assert_eq!(outcome(&mailer_to(&sink, "", AMPLE), &mail).await, expected, "{stage:?} {reply}");
        assert_eq!(sink.mails().len(), usize::from(expected == Outcome::Sent), "{stage:?} {reply}");
    }
}

const STAGES: [(Stage, Outcome); 7] = [
    (Stage::Greeting, Outcome::Transient),
    (Stage::Hello, Outcome::Transient),
    (Stage::Sender, Outcome::Transient),
    (Stage::Receiver, Outcome::Transient),
    (Stage::MidMail, Outcome::Transient),
    (Stage::MailEnd, Outcome::Transient),
    (Stage::Goodbye, Outcome::Sent),
];

#[tokio::test]
async fn broken_smtp_connection_is_a_transient_error() {
    for (stage, expected) in STAGES {
        let sink = SmtpSink::start(SmtpScript::default().at(stage, Drops)).await;
        assert_eq!(outcome(&mailer_to(&sink, "", AMPLE), &verification(Locale::En)).await, expected, "{stage:?}");
    }
}

#[tokio::test]
async fn hanging_smtp_server_times_out() {
    for (stage, expected) in STAGES {
        let sink = SmtpSink::start(SmtpScript::default().at(stage, Hangs)).await;
        let began = Instant::now();
        let mailer = mailer_to(&sink, "", Duration::from_millis(300));
        assert_eq!(outcome(&mailer, &verification(Locale::En)).await, expected, "{stage:?}");
        assert!(began.elapsed() < Duration::from_secs(5), "{stage:?} took {:?}", began.elapsed());
    }
}

#[tokio::test]
async fn unavailable_smtp_server_is_a_transient_error() {
    let sink = SmtpSink::start(SmtpScript::default()).await;
    let mailer = mailer_to(&sink, "", AMPLE);
    drop(sink);
    // The listener goes with its task, which ends at the next turn of the runtime.
    tokio::task::yield_now().await;
    assert_eq!(outcome(&mailer, &verification(Locale::En)).await, Outcome::Transient);
}

#[tokio::test]
async fn rejected_smtp_credentials_are_a_transient_error() {
    let mail = verification(Locale::En);
    for (script, credentials, expected) in [
        (SmtpScript::default().requiring_sign_in(PLAIN), CREDENTIALS, Outcome::Sent),
        (SmtpScript::default().requiring_sign_in(PLAIN), "user:wrong@", Outcome::Transient),
        (SmtpScript::default().requiring_sign_in(PLAIN), "", Outcome::Transient),
        (SmtpScript::default(), CREDENTIALS, Outcome::Transient),
        (SmtpScript::default().requiring_sign_in(PLAIN).at(Stage::SignIn, Hangs), CREDENTIALS, Outcome::Transient),
    ] {
        let sink = SmtpSink::start(script).await;
        let mailer = mailer_to(&sink, credentials, Duration::from_secs(1));
        assert_eq!(outcome(&mailer, &mail).await, expected, "{credentials}: {:?}", sink.commands());
    }
}

#[tokio::test]
async fn non_ascii_email_is_sent_if_server_supports_it() {
    let with_utf8 = || SmtpScript::default().offering("8BITMIME").offering("SMTPUTF8");
    for (address, script, expected) in [
        ("olena@приклад.укр", SmtpScript::default(), Outcome::Sent),
        ("o'neil+a=b/c@example.com", SmtpScript::default(), Outcome::Sent),
        ("олена@приклад.укр", with_utf8(), Outcome::Sent),
        ("олена@приклад.укр", SmtpScript::default(), Outcome::Permanent),
    ] {
        let mail = OutgoingMail { to: Email::parse(address).unwrap(), ..verification(Locale::Uk) };
        let sink = SmtpSink::start(script).await;
        assert_eq!(outcome(&mailer_to(&sink, "", AMPLE), &mail).await, expected, "{address}");
        for received in sink.mails() {
            assert!(received.receivers[0].starts_with(&format!("<{}>", mail.to.as_str())), "{received:?}");
            let message = read(&received.message);
            assert_eq!(message.to().unwrap().first().unwrap().address(), Some(mail.to.as_str()));
        }
    }
}

#[tokio::test]
async fn smtp_errors_contain_the_reason_but_no_email() {
    let reply: Misbehaviour =
        Answers("550-5.1.1 <olena@example.com>: not here\r\n550 5.1.1 ask postmaster@example.com");
    let sink = SmtpSink::start(SmtpScript::default().at(Stage::Receiver, reply)).await;
    let error = mailer_to(&sink, "", AMPLE).send(&verification(Locale::En)).await.unwrap_err();
    let source = std::error::Error::source(&error).unwrap();
    let text = format!("{source} {error:?}");
    assert!(text.contains("550") && text.contains("5.1.1") && text.contains("not here"), "{text}");
    assert!(!text.contains("olena") && !text.contains(&token().reveal()), "{text}");
}
