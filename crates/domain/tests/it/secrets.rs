//! Opaque secrets.

use domain::secret::Secret;
use testkit::samples;

#[test]
fn secret_is_parsed_from_its_own_text() {
    let secret = samples::secret();
    let text = secret.reveal();
    assert_eq!(text.len(), 64);
    assert_eq!(Secret::parse(&text), Some(secret.clone()));
    assert_eq!(Secret::parse(&text.to_uppercase()), Some(secret.clone()));
    assert!(!format!("{secret:?}").contains(&text[..8]), "Debug does not contain the secret");
    for bad in [
        "",
        "00",
        &text[1..],
        &format!("{text}0"),
        &text.replacen(&text[..1], "g", 1),
        &text.replacen(&text[..2], "+1", 1),
        &"й".repeat(32),
    ] {
        assert_eq!(Secret::parse(bad), None, "{bad}");
    }
}

#[test]
fn copied_secret_is_parsed_without_what_is_around_it() {
    let secret = samples::secret();
    let text = secret.reveal();
    for copied in [
        format!("{text}\n"),
        format!("{text}."),
        format!("{text}>"),
        format!("<{text}>\r\n"),
        format!("\u{feff} «{text}»,"),
        format!("\u{2068}{text}\u{2069}"),
    ] {
        assert_eq!(Secret::parse_copied(&copied), Some(secret.clone()), "{copied:?}");
    }
    for bad in [format!("{text}0"), format!("{text} {text}"), text.replacen(&text[8..9], "\u{200b}", 1), ".".to_owned()]
    {
        assert_eq!(Secret::parse_copied(&bad), None, "{bad:?}");
    }
}

#[test]
fn sealed_secret_is_readable_only_with_its_key() {
    let (old, new, other) = (samples::secret(), samples::secret(), samples::secret());
    let sealed = new.seal_under(&old);
    assert_eq!(old.unseal(&sealed), new);
    assert_ne!(other.unseal(&sealed), new);
    assert_ne!(sealed.0, old.digest().0, "the pad is not the digest");
    assert_ne!(new.digest(), old.digest());
}
