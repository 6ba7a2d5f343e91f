//! Rendered mails.

use domain::{
    account::{Locale, Username},
    mail::{MailContent, OutgoingMail},
};
use mailer::Renderer;

use crate::support::{
    app_password, changed_address, new_address, notice, notices, renderer, reset, token, verification,
};

struct Expected {
    mail: OutgoingMail,
    subject: &'static str,
    page: &'static str,
    facts: [&'static str; 5],
}

fn mails() -> [Expected; 8] {
    let english = ["Hello Олена Ґалаґан,", "1 January 2027, 01:30 (Europe/Kyiv)", "If it was not you"];
    let ukrainian = ["Вітаємо, Олена Ґалаґан!", "1 січня 2027 року, 01:30 (Europe/Kyiv)", "Якщо це були не ви"];
    let facts = |common: [&'static str; 3], lifetime, end| [common[0], common[1], common[2], lifetime, end];
    [
        Expected {
            mail: verification(Locale::En),
            subject: "Confirm your e-mail address",
            page: "verify-email",
            facts: facts(english, "24 hours", "until 2 January 2027, 01:30 (Europe/Kyiv)"),
        },
        Expected {
            mail: verification(Locale::Uk),
            subject: "Підтвердьте свою електронну адресу",
            page: "verify-email",
            facts: facts(ukrainian, "24 години", "до 2 січня 2027 року, 01:30 (Europe/Kyiv)"),
        },
        Expected {
            mail: reset(Locale::En),
            subject: "Choose a new password",
            page: "reset-password",
            facts: facts(english, "30 minutes", "until 1 January 2027, 02:00 (Europe/Kyiv)"),
        },
        Expected {
            mail: reset(Locale::Uk),
            subject: "Створіть новий пароль",
            page: "reset-password",
            facts: facts(ukrainian, "30 хвилин", "до 1 січня 2027 року, 02:00 (Europe/Kyiv)"),
        },
        Expected {
            mail: new_address(Locale::En),
            subject: "Confirm your new e-mail address",
            page: "confirm-email",
            facts: facts(english, "30 minutes", "until 1 January 2027, 02:00 (Europe/Kyiv)"),
        },
        Expected {
            mail: new_address(Locale::Uk),
            subject: "Підтвердьте нову електронну адресу",
            page: "confirm-email",
            facts: facts(ukrainian, "30 хвилин", "до 1 січня 2027 року, 02:00 (Europe/Kyiv)"),
        },
        Expected {
            mail: changed_address(Locale::En),
            subject: "The e-mail address of your account was changed",
            page: "revert-email",
            facts: facts(english, "7 days", "until 8 January 2027, 01:30 (Europe/Kyiv)"),
        },
        Expected {
            mail: changed_address(Locale::Uk),
            subject: "Електронну адресу вашого облікового запису змінено",
            page: "revert-email",
            facts: facts(ukrainian, "7 днів", "до 8 січня 2027 року, 01:30 (Europe/Kyiv)"),
        },
    ]
}

/// The page on which a user requests a new password, without the scheme.
const FORGOT_PASSWORD: &str = "contacts.example/app/forgot-password";

/// The links in a part of a mail, without the scheme.
fn links(part: &str) -> Vec<&str> {
    part.split("://").skip(1).map(|rest| rest.split(['"', '<', ' ', '\n']).next().unwrap()).collect()
}

#[test]
fn every_mail_contains_its_greeting_link_and_expiry() {
    for Expected { mail, subject, page, facts } in mails() {
        let words = renderer().render(&mail).unwrap();
        assert_eq!(words.subject, subject);
        let link = format!("https://contacts.example/app/{page}?token={}", token().reveal());
        for fact in facts.into_iter().chain([link.as_str(), "contacts.example"]) {
            assert!(words.text.contains(fact), "{fact} is missing in:\n{}", words.text);
            assert!(words.html.contains(fact), "{fact} is missing in:\n{}", words.html);
        }
        // The button and the plain link, to click and to read.
        assert_eq!(words.html.matches(&link).count(), 3, "{}", words.html);
        assert_eq!(words.text.matches(&link).count(), 1, "{}", words.text);
        assert!(words.html.contains(&format!("<html lang=\"{}\"", mail.locale.as_str())));
        assert!(words.html.contains(&format!("<title>{subject}</title>")));
    }
}

#[test]
fn email_change_notice_links_to_a_new_password_without_a_token() {
    for (locale, subject, facts) in [
        (
            Locale::En,
            "A new e-mail address was requested for your account",
            ["Hello Олена Ґалаґан,", "1 January 2027, 01:30 (Europe/Kyiv)", "change your password at once"],
        ),
        (
            Locale::Uk,
            "Надійшов запит на зміну вашої електронної адреси",
            ["Вітаємо, Олена Ґалаґан!", "1 січня 2027 року, 01:30 (Europe/Kyiv)", "негайно змініть пароль"],
        ),
    ] {
        let words = renderer().render(&notice(locale)).unwrap();
        assert_eq!(words.subject, subject);
        for fact in facts {
            assert!(words.text.contains(fact) && words.html.contains(fact), "{fact} is missing in:\n{}", words.text);
        }
        for part in [&words.text, &words.html] {
            assert_eq!(links(part), [FORGOT_PASSWORD], "{part}");
            assert!(!part.contains("token"), "{part}");
        }
    }
}

#[test]
fn notices_contain_the_event_time_and_client_address() {
    for (locale, time) in
        [(Locale::En, "1 January 2027, 01:30 (Europe/Kyiv)"), (Locale::Uk, "1 січня 2027 року, 01:30 (Europe/Kyiv)")]
    {
        let mut subjects = Vec::new();
        for content in notices() {
            let is_of_a_client = !matches!(content, MailContent::WrongPasswords);
            let expected: &[&str] = match content {
                MailContent::PasswordChanged | MailContent::PasswordWasReset | MailContent::AppPasswordCreated(_) => {
                    &[FORGOT_PASSWORD]
                }
                _ => &[],
            };
            let words = renderer().render(&OutgoingMail { content, ..verification(locale) }).unwrap();
            for part in [&words.text, &words.html] {
                assert!(part.contains(time) && part.contains("contacts.example"), "{part}");
                assert_eq!(part.contains("203.0.113.7"), is_of_a_client, "{part}");
                assert_eq!(links(part), expected, "{part}");
                assert_eq!(part.contains("href"), part == &words.html && !expected.is_empty(), "{part}");
                assert!(!part.contains("token=") && !part.contains("{{"), "{part}");
            }
            subjects.push(words.subject);
        }
        subjects.sort_unstable();
        subjects.dedup();
        assert_eq!(subjects.len(), notices().len());
    }
}

#[test]
fn notice_of_an_app_password_contains_its_name_and_scopes() {
    for (locale, name, scopes) in [
        (Locale::En, "with the name “Bob’s <phone>”", "over CardDAV; read your contacts over the API; change your"),
        (Locale::Uk, "з назвою «Bob’s <phone>»", "через CardDAV; читати ваші контакти через API; змінювати ваші"),
    ] {
        let mail = |name| OutgoingMail { content: app_password(name), ..verification(locale) };
        let words = renderer().render(&mail("Bob’s <phone>")).unwrap();
        assert!(words.text.contains(name) && words.text.contains(scopes), "{}", words.text);
        let escaped = name.replace('<', "&lt;").replace('>', "&gt;");
        assert!(words.html.contains(&escaped) && words.html.contains(scopes), "{}", words.html);
        let words = renderer().render(&mail("Prize at www.evil.example")).unwrap();
        assert!(!words.text.contains("evil") && !words.html.contains("evil"), "{}", words.text);
        assert!(words.text.contains(scopes), "{}", words.text);
    }
}

#[test]
fn mails_load_no_resources_and_contain_no_template_syntax() {
    for Expected { mail, .. } in mails() {
        let words = renderer().render(&mail).unwrap();
        for forbidden in ["<img", "src=", "url(", "<script", "<link", "@import", "{{", "{%"] {
            assert!(!words.html.contains(forbidden), "{forbidden} in:\n{}", words.html);
            assert!(!words.text.contains(forbidden), "{forbidden} in:\n{}", words.text);
        }
        assert!(!words.text.contains("&lt;") && !words.text.contains("&#"), "{}", words.text);
    }
}

#[test]
fn html_in_a_username_is_escaped() {
    let name = "<script>alert('x')</script>&\"{{ token }}";
    let mail =
        OutgoingMail { username: Username::parse("<b onload='x'>&\"{{ link }}").ok(), ..verification(Locale::En) };
    let words = renderer().render(&mail).unwrap();
    assert!(words.html.contains("Hello &lt;b onload=&#39;x&#39;&gt;&amp;&quot;{{ link }},"), "{}", words.html);
    assert!(words.text.contains("Hello <b onload='x'>&\"{{ link }},"), "{}", words.text);
    assert!(!words.subject.contains("onload"));

    // A closing tag contains a slash, so the mail has no greeting with such a name.
    let mail = OutgoingMail { username: Username::parse(name).ok(), ..verification(Locale::En) };
    let words = renderer().render(&mail).unwrap();
    assert!(!words.html.contains("script") && words.html.contains("Hello,"), "{}", words.html);
}

#[test]
fn username_with_a_link_is_omitted() {
    for (locale, greeting) in [(Locale::En, "Hello,\n"), (Locale::Uk, "Вітаємо!\n")] {
        let mail = OutgoingMail { username: Username::parse("Prize at www.evil.example").ok(), ..reset(locale) };
        let words = renderer().render(&mail).unwrap();
        assert!(words.text.starts_with(greeting), "{}", words.text);
        assert!(!words.text.contains("evil") && !words.html.contains("evil"));
    }
}

#[test]
fn mail_without_a_username_has_a_neutral_greeting() {
    for (locale, greeting) in [(Locale::En, "Hello,\n"), (Locale::Uk, "Вітаємо!\n")] {
        for mail in [verification(locale), new_address(locale), reset(locale)] {
            let words = renderer().render(&OutgoingMail { username: None, ..mail }).unwrap();
            assert!(words.text.starts_with(greeting), "{}", words.text);
        }
    }
}

#[test]
fn confirmation_mail_names_the_account() {
    for locale in [Locale::En, Locale::Uk] {
        let words = renderer().render(&new_address(locale)).unwrap();
        assert!(words.text.contains("olena.present@example.com") && words.html.contains("olena.present@example.com"));
    }
}

#[test]
fn links_start_with_the_public_url() {
    for (public_url, start) in [
        ("http://localhost:8000", "http://localhost:8000/verify-email?token=abab"),
        ("http://localhost:8000/", "http://localhost:8000/verify-email?token=abab"),
        ("https://example.com/contacts", "https://example.com/contacts/verify-email?token=abab"),
        ("https://example.com/a%20b//", "https://example.com/a%20b//verify-email?token=abab"),
        ("https://контакти.укр", "https://xn--80aqebnf3ac.xn--j1amh/verify-email?token=abab"),
    ] {
        let renderer = Renderer::new(public_url).unwrap();
        let words = renderer.render(&verification(Locale::En)).unwrap();
        assert!(words.text.contains(start), "{start} is missing in:\n{}", words.text);
        let words = renderer.render(&notice(Locale::En)).unwrap();
        let page = start.replace("verify-email?token=abab", "forgot-password\n");
        assert!(words.text.contains(&page), "{page} is missing in:\n{}", words.text);
    }
}

#[test]
fn invalid_public_url_is_rejected() {
    for public_url in [
        "",
        "contacts.example",
        "/app",
        "ftp://contacts.example",
        "mailto:a@b.c",
        "https://contacts.example/?a=b",
        "https://contacts.example/#top",
        "https://user:secret@contacts.example",
    ] {
        let error = Renderer::new(public_url).err().unwrap();
        assert!(error.to_string().starts_with("PUBLIC_URL must"), "{public_url}: {error}");
    }
}
