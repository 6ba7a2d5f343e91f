//! E-mail addresses in canonical form.

use std::str::FromStr;

use email_address::{EmailAddress, Options};
use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::{CodePointSetData, props::BidiControl};
use sha2::{Digest as _, Sha256};

use crate::{
    invisible::{is_invisible, trimmed},
    text::{Invalid, is_forbidden},
};

/// E-mail address in canonical form. This form is compared, stored and sent to: NFKC, lower case, the domain as IDNA
/// A-labels (UTS #46), at most [`Email::MAX_BYTES`] bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Email(String);

impl Email {
    /// Maximum length: a path of 256 bytes (RFC 5321, 4.5.3.1.3) minus its angle brackets.
    pub const MAX_BYTES: usize = 254;

    /// Parses and canonicalizes an e-mail address.
    ///
    /// # Errors
    /// `Blank`, `TooLong`, `ForbiddenCharacter` or `NotAnEmail`.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        let raw = trimmed(raw);
        if raw.is_empty() {
            return Err(Invalid::Blank);
        }
        if raw.len() > Self::MAX_BYTES * 4 {
            return Err(Self::too_long());
        }
        // Characters that change the text direction disguise an address ("Trojan Source").
        if raw.chars().any(|c| is_forbidden(c) || CodePointSetData::new::<BidiControl>().contains(c)) {
            return Err(Invalid::ForbiddenCharacter);
        }
        let visible: String = raw.chars().filter(|c| !is_invisible(*c)).collect();
        let text = ComposingNormalizerBorrowed::new_nfkc().normalize(&visible).to_lowercase();
        // Lower-casing can produce a decomposed form, and the canonical form must be a fixed point.
        let text = ComposingNormalizerBorrowed::new_nfkc().normalize(&text).into_owned();
        let (local, domain) = text.rsplit_once('@').ok_or(Invalid::NotAnEmail)?;
        let domain = idna::domain_to_ascii_strict(domain).map_err(|_| Invalid::NotAnEmail)?;
        // No top-level domain is a number. A domain that ends in one is an IP address.
        if domain.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit())) {
            return Err(Invalid::NotAnEmail);
        }
        let canonical = format!("{local}@{domain}");
        if canonical.len() > Self::MAX_BYTES {
            return Err(Self::too_long());
        }
        // Only mailboxes on the internet: a dot in the domain, no display name, no quoted local part, no address
        // literal.
        let options = Options { minimum_sub_domains: 2, allow_domain_literal: false, allow_display_text: false };
        if local.starts_with('"') || EmailAddress::parse_with_options(&canonical, options).is_err() {
            return Err(Invalid::NotAnEmail);
        }
        Ok(Self(canonical))
    }

    /// Creates the value from a stored e-mail, without validation: it was validated before it was stored.
    #[must_use]
    pub fn from_stored(address: String) -> Self {
        Self(address)
    }

    /// Returns the canonical e-mail address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the SHA-256 digest of the canonical e-mail address. It distinguishes addresses in tables that must not
    /// contain them.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// Returns the part before the `@`.
    #[must_use]
    pub fn local_part(&self) -> &str {
        self.0.rsplit_once('@').map_or(self.as_str(), |(local, _)| local)
    }

    const fn too_long() -> Invalid {
        Invalid::TooLong { max: Self::MAX_BYTES, unit: "bytes" }
    }
}

impl FromStr for Email {
    type Err = Invalid;

    fn from_str(raw: &str) -> Result<Self, Invalid> {
        Self::parse(raw)
    }
}
