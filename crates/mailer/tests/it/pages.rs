//! Language and escaping of the pages, which another crate renders.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use tera::{Context, Tera};

const LOCALES: [&str; 2] = ["en", "uk"];
const HOSTILE: &str = "\"><script>alert(1)</script>";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../templates/pages")
}

fn names(locale: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(folder().join(locale)).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn pages() -> Tera {
    let mut templates =
        vec![("pages/layout.html".to_owned(), fs::read_to_string(folder().join("layout.html")).unwrap())];
    for locale in LOCALES {
        for name in names(locale) {
            let text = fs::read_to_string(folder().join(locale).join(&name)).unwrap();
            templates.push((format!("pages/{locale}/{name}"), text));
        }
    }
    let mut tera = Tera::new();
    tera.add_raw_templates(templates).unwrap();
    tera
}

fn render(tera: &Tera, locale: &str, page: &str, variables: &[(&'static str, &str)]) -> String {
    let mut context = Context::new();
    context.insert("locale", locale);
    context.insert("app_name", if locale == "uk" { "Контакти" } else { "Contacts" });
    for (name, value) in variables {
        context.insert(*name, value);
    }
    tera.render(&format!("pages/{locale}/{page}.html"), &context).unwrap()
}

/// Each page with the variables it needs, and no others.
const PAGES: [(&str, &[(&str, &str)]); 16] = [
    ("confirm_email", &[("token", HOSTILE)]),
    ("confirm_email_done", &[]),
    ("confirm_email_taken", &[]),
    ("failed", &[("kind", "broken")]),
    ("forgot_password", &[("email", HOSTILE)]),
    ("front", &[("server", "contacts.example.com")]),
    ("link_invalid", &[("action", "/verify-email/resend"), ("email", HOSTILE)]),
    ("mail_on_its_way", &[("email", HOSTILE)]),
    ("reset_password", &[("token", HOSTILE), ("email", HOSTILE)]),
    ("reset_password_done", &[]),
    ("revert_email", &[("token", HOSTILE)]),
    ("revert_email_done", &[]),
    ("revert_email_invalid", &[]),
    ("revert_email_taken", &[]),
    ("verify_email", &[("token", HOSTILE)]),
    ("verify_email_done", &[]),
];

#[test]
fn every_page_exists_in_every_language() {
    let expected: BTreeSet<String> = PAGES.iter().map(|(page, _)| format!("{page}.html")).collect();
    for locale in LOCALES {
        assert_eq!(names(locale), expected, "{locale}");
    }
}

#[test]
fn pages_obey_a_strict_content_security_policy() {
    let tera = pages();
    for locale in LOCALES {
        for (page, variables) in PAGES {
            let html = render(&tera, locale, page, variables);
            for forbidden in
                ["<script", "<style", "style=", " onclick", "javascript:", "http://", "https://", "{{", "{%"]
            {
                assert!(!html.contains(forbidden), "{forbidden} in {locale}/{page}:\n{html}");
            }
            let is_ukrainian = html.contains("Контакти</title>");
            assert_eq!(is_ukrainian, locale == "uk", "{locale}/{page}");
            for needed in
                [&format!("<html lang=\"{locale}\""), "name=\"viewport\"", "href=\"/assets/pages.css\"", "<h1>"]
            {
                assert!(html.contains(needed), "{needed} is missing in {locale}/{page}");
            }
        }
    }
}

#[test]
fn page_forms_post_to_the_documented_routes() {
    let tera = pages();
    for locale in LOCALES {
        for (page, variable, needed) in [
            ("verify_email", ("token", "abc"), "<form method=\"post\" action=\"/verify-email\">"),
            ("verify_email", ("token", "abc"), "<input type=\"hidden\" name=\"token\" value=\"abc\">"),
            ("reset_password", ("token", "abc"), "<form method=\"post\" action=\"/reset-password\" novalidate>"),
            ("reset_password", ("token", "abc"), "<input type=\"hidden\" name=\"token\" value=\"abc\">"),
            ("reset_password", ("token", "abc"), "autocomplete=\"new-password\" minlength=\"8\" required"),
            ("confirm_email", ("token", "abc"), "<form method=\"post\" action=\"/confirm-email\">"),
            ("revert_email", ("token", "abc"), "<form method=\"post\" action=\"/revert-email\">"),
            ("revert_email", ("token", "abc"), "<input type=\"hidden\" name=\"token\" value=\"abc\">"),
            ("forgot_password", ("action", ""), "<form method=\"post\" action=\"/forgot-password\" novalidate>"),
            ("revert_email_invalid", ("action", ""), "<form method=\"post\" action=\"/forgot-password\" novalidate>"),
            ("link_invalid", ("action", "/forgot-password"), "method=\"post\" action=\"/forgot-password\" novalidate>"),
            ("link_invalid", ("action", "/verify-email/resend"), "action=\"/verify-email/resend\" novalidate>"),
        ] {
            let html = render(&tera, locale, page, &[variable, ("email", "")]);
            assert!(html.contains(needed), "{needed} is missing in {locale}/{page}:\n{html}");
        }
    }
}

/// A browser cuts what is pasted into a field with `maxlength`, and the user does not see that the password is another
/// one. It also rejects e-mail addresses that the service accepts, unless the form has `novalidate`.
#[test]
fn browser_neither_shortens_nor_validates_what_is_sent() {
    let tera = pages();
    for locale in LOCALES {
        for (page, variables) in PAGES {
            let html = render(&tera, locale, page, variables);
            assert!(!html.contains("maxlength"), "{locale}/{page}:\n{html}");
            let (forms, has_email) = (html.matches("<form").count(), html.contains("type=\"email\""));
            let expected = if has_email { forms } else { 0 };
            assert_eq!(html.matches(" novalidate>").count(), expected, "{locale}/{page}:\n{html}");
        }
    }
}

/// A screen reader reads the title first.
fn has_error_title(html: &str, locale: &str) -> bool {
    html.contains(if locale == "uk" { "<title>Помилка: " } else { "<title>Error: " })
}

#[test]
fn every_password_error_has_its_own_message() {
    let tera = pages();
    let codes = ["too-short", "too-long", "password-too-common", "password-self-derived", "forbidden-character", "new"];
    for locale in LOCALES {
        let mut texts = BTreeMap::new();
        for code in codes {
            let html = render(&tera, locale, "reset_password", &[("token", "abc"), ("email", ""), ("error", code)]);
            let (_, rest) = html.split_once("<p class=\"error\" id=\"password-error\" role=\"alert\">").unwrap();
            let words = rest.split_once("</p>").unwrap().0.to_owned();
            assert!(html.contains("aria-invalid=\"true\" aria-describedby=\"password-error password-hint\""));
            assert!(has_error_title(&html, locale), "{html}");
            assert_eq!(texts.insert(words, code), None, "two errors have the same text");
        }
        let html = render(&tera, locale, "reset_password", &[("token", "abc"), ("email", "")]);
        assert!(!html.contains("role=\"alert\"") && !html.contains("aria-invalid"), "{html}");
        assert!(!has_error_title(&html, locale), "{html}");
    }
}

#[test]
fn failure_page_differs_by_kind_of_failure() {
    let tera = pages();
    for locale in LOCALES {
        let texts: BTreeSet<String> = ["busy", "limited", "broken"]
            .map(|kind| render(&tera, locale, "failed", &[("kind", kind)]))
            .into_iter()
            .collect();
        assert_eq!(texts.len(), 3, "{locale}");
    }
}

/// The service may be busy after it has changed something.
#[test]
fn page_of_a_busy_service_does_not_claim_that_nothing_was_changed() {
    let tera = pages();
    for (locale, text) in [
        ("en", "<p>Your request was not completed. Try again in a minute.</p>"),
        ("uk", "<p>Ваш запит не завершено. Спробуйте ще раз за хвилину.</p>"),
    ] {
        let html = render(&tera, locale, "failed", &[("kind", "busy")]);
        let (_, rest) = html.split_once("</h1>").unwrap();
        assert_eq!(rest.trim().lines().next().unwrap(), text, "{html}");
    }
}

#[test]
fn invalid_email_is_reported_at_its_field() {
    let tera = pages();
    for locale in LOCALES {
        for page in ["link_invalid", "forgot_password"] {
            let variables = [("action", "/verify-email/resend"), ("email", "olena@"), ("error", "invalid-email")];
            let html = render(&tera, locale, page, &variables);
            assert!(html.contains("value=\"olena@\"") && has_error_title(&html, locale), "{html}");
            assert!(html.contains("aria-describedby=\"email-error\"") && html.contains("role=\"alert\""), "{html}");
        }
    }
}
