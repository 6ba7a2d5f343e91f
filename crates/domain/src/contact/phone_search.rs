//! Search for phone numbers by their digits, in any notation. Numbers with a country code are also found by their
//! national form.
//!
//! A number has a country code when it begins with `+380` or `00380`. Otherwise no country is assumed.

use icu_normalizer::ComposingNormalizerBorrowed;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber as Parsed, PhoneNumberFormat};

use super::PhoneNumber;
use crate::{folding::digits, text::Invalid};

/// First character of the lines of a number that has a country code.
const COUNTRY_MARK: char = '+';

/// Search terms for phones. A contact matches when its [`searchable_phones`] contain any of the terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneNeedle(Vec<String>);

impl PhoneNeedle {
    /// Parses a number, or a part of one.
    ///
    /// # Errors
    /// `NotAPhoneNumber` when the text has no digit.
    pub(super) fn new(typed: &str) -> Result<Self, Invalid> {
        let typed_digits = digits(typed);
        if typed_digits.is_empty() {
            return Err(Invalid::NotAPhoneNumber);
        }
        let mut parts = vec![typed_digits];
        // Only for complete numbers. A part would match too much: `+1 20` would match every number that begins with 20.
        if let Some(whole) = international(typed).filter(Parsed::is_valid) {
            let number = Parsed { extension: None, ..whole };
            parts.push(international_digits(&number));
            // The newline matches only numbers without a country code: with one, the same national digits are another
            // number in another country.
            parts.push(format!("\n{}", national_digits(&number)));
            parts.push(format!("\n{}", number.get_national_significant_number()));
            parts.dedup();
        }
        Ok(Self(parts))
    }

    /// Returns the terms; one match is enough.
    #[must_use]
    pub fn parts(&self) -> &[String] {
        &self.0
    }

    /// Returns true when the given [`searchable_phones`] contain one of the terms.
    #[must_use]
    pub fn finds(&self, phones: Option<&str>) -> bool {
        phones.is_some_and(|phones| self.0.iter().any(|part| phones.contains(part)))
    }
}

/// Returns the text that a [`PhoneNeedle`] is matched against: one line for each form of each phone. Returns `None`
/// when there are no phones.
///
/// The forms depend on the numbering plans of `rlibphonenumber`. An upgrade of it requires no action, because the
/// digits as typed are always included. [`folding::VERSION`](crate::folding::VERSION) describes how to recompute all
/// forms.
#[must_use]
pub fn searchable_phones<'a>(phones: impl IntoIterator<Item = &'a PhoneNumber>) -> Option<String> {
    let mut text = String::from("\n");
    for phone in phones {
        let typed = phone.as_str();
        let mut forms = vec![digits(typed)];
        let number = international(typed);
        let others = number.iter().flat_map(|number| [international_digits(number), national_digits(number)]);
        for form in others {
            if !forms.iter().any(|known| known.contains(&form)) {
                forms.push(form);
            }
        }
        for form in forms {
            text.extend(number.is_some().then_some(COUNTRY_MARK));
            text.push_str(&form);
            text.push('\n');
        }
    }
    (text.len() > 1).then_some(text)
}

/// Parses a number that has a country code. Returns `None` for any other.
fn international(typed: &str) -> Option<Parsed> {
    let typed = ComposingNormalizerBorrowed::new_nfkc().normalize(typed);
    let number = typed.get(typed.find(|c: char| c == '+' || c.is_ascii_digit())?..)?;
    match number.strip_prefix("00") {
        // `00` replaces `+` in most of the world, but an internal number may begin with it too.
        Some(rest) => parsed(&format!("+{rest}")).filter(Parsed::is_valid),
        None if number.starts_with('+') => parsed(number),
        None => None,
    }
}

fn parsed(number: &str) -> Option<Parsed> {
    PHONE_NUMBER_UTIL.parse(number, None).ok()
}

fn international_digits(number: &Parsed) -> String {
    digits(&number.format_as(PhoneNumberFormat::E164))
}

/// Returns the digits of the national form: with the `0` of `067 111 22 33`, and the extension.
fn national_digits(number: &Parsed) -> String {
    digits(&number.format_as(PhoneNumberFormat::National))
}
