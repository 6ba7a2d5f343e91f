//! E-mail addresses of contacts. They belong to other people, so they need not follow the rules of accounts.

use icu_normalizer::ComposingNormalizerBorrowed;

use crate::{
    account::Email,
    folding::fold,
    text::{Invalid, single_line},
};

/// E-mail of a contact: in NFKC and without invisible characters, otherwise as typed. It is searched in its
/// `email_forms`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ContactEmail(String);

impl ContactEmail {
    /// Maximum number of UTF-8 bytes.
    pub const MAX: usize = Email::MAX_BYTES;

    /// Validates an e-mail. Unlike that of an account it may have a host without a dot (`root@nas`), a quoted or long
    /// local part, and dots anywhere in it.
    ///
    /// # Errors
    /// `Blank`, `TooLong`, `ForbiddenCharacter` or `NotAnEmail`.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        let too_long = || Invalid::TooLong { max: Self::MAX, unit: "bytes" };
        let line = |text: &str| match single_line(text, Self::MAX) {
            Err(Invalid::TooLong { .. }) => Err(too_long()),
            other => other,
        };
        // NFKC may make blanks of other characters, so blanks are reduced again.
        let line = line(&ComposingNormalizerBorrowed::new_nfkc().normalize(&line(raw)?))?;
        let (local, domain) = line.rsplit_once('@').ok_or(Invalid::NotAnEmail)?;
        // The ideographic full stop separates labels too (UTS #46).
        let domain = domain.replace('\u{3002}', ".");
        let address = format!("{local}@{domain}");
        if address.len() > Self::MAX {
            return Err(too_long());
        }
        if !is_local_part(local) || idna::domain_to_ascii_strict(&domain).is_err() {
            return Err(Invalid::NotAnEmail);
        }
        Ok(Self(address))
    }

    /// Creates the value from a stored e-mail, without validation: it was validated before it was stored.
    #[must_use]
    pub fn from_stored(address: String) -> Self {
        Self(address)
    }

    /// Returns the e-mail as typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns true for a local part of RFC 5321 and 6531 whose dots may be anywhere.
fn is_local_part(local: &str) -> bool {
    match local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(quoted) => is_quoted(quoted),
        None => !local.is_empty() && local.chars().all(|c| c.is_alphanumeric() || is_atom_sign(c)),
    }
}

/// Returns true when every quote and every backslash is escaped by a backslash.
fn is_quoted(text: &str) -> bool {
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c == '"' || (c == '\\' && rest.next().is_none()) {
            return false;
        }
    }
    !text.is_empty()
}

fn is_atom_sign(c: char) -> bool {
    "!#$%&'*+-/=?^_`{|}~.".contains(c) || (!c.is_ascii() && !c.is_whitespace())
}

/// Returns the form in which spellings of one e-mail are equal: folded, with the domain in Unicode.
pub(super) fn email_key(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) => fold(&format!("{local}@{}", idna::domain_to_unicode(domain).0)),
        None => fold(address),
    }
}

/// Returns the search forms of an e-mail, folded: as typed, and with the domain in Unicode and in ASCII. So
/// `ann@käse.example` and `ann@xn--kse-qla.example` find each other, and any part of one finds the other.
pub(super) fn email_forms(address: &str) -> Vec<String> {
    let mut forms = vec![fold(address)];
    if let Some((local, domain)) = address.rsplit_once('@') {
        let unicode = idna::domain_to_unicode(domain).0;
        let ascii = idna::domain_to_ascii(domain).unwrap_or_default();
        for domain in [unicode, ascii] {
            let form = fold(&format!("{local}@{domain}"));
            if !domain.is_empty() && !forms.contains(&form) {
                forms.push(form);
            }
        }
    }
    forms
}
