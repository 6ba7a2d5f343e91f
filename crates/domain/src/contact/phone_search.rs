//! Phones are found by their digits, however they were typed, and those that say their country also as people there
//! write them at home.
//!
//! A number says its country by `+380` or `00380`. Where it says none, none is guessed.

use icu_normalizer::ComposingNormalizerBorrowed;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber as Parsed, PhoneNumberFormat};

use super::{Labeled, PhoneNumber};
use crate::{folding::digits, text::Invalid};

/// Begins the lines of a number that says its country.
const COUNTRY_IS_SAID: char = '+';

/// What is looked for in phones: a contact is found when any of the parts stands in its [`searchable_phones`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneNeedle(Vec<String>);

impl PhoneNeedle {
    /// Reads a number, or a part of one.
    ///
    /// # Errors
    /// `NotAPhoneNumber` when there is no digit in it.
    pub(super) fn new(typed: &str) -> Result<Self, Invalid> {
        let typed_digits = digits(typed);
        if typed_digits.is_empty() {
            return Err(Invalid::NotAPhoneNumber);
        }
        let mut parts = vec![typed_digits];
        // A part of a number would find too much: `+1 20` every number that begins with 20.
        if let Some(whole) = international(typed).filter(Parsed::is_valid) {
            let number = Parsed { extension: None, ..whole };
            parts.push(international_digits(&number));
            // Only where no country is said: the same digits at home are somebody else in another country.
            parts.push(format!("\n{}", national_digits(&number)));
            parts.push(format!("\n{}", number.get_national_significant_number()));
            parts.dedup();
        }
        Ok(Self(parts))
    }

    /// The parts, any of which must be there.
    #[must_use]
    pub fn parts(&self) -> &[String] {
        &self.0
    }

    /// Whether phones are found, by their [`searchable_phones`].
    #[must_use]
    pub fn finds(&self, phones: Option<&str>) -> bool {
        phones.is_some_and(|phones| self.0.iter().any(|part| phones.contains(part)))
    }
}

/// What a [`PhoneNeedle`] is looked for in: a line for each form of each phone. `None` when there are no phones.
///
/// Changes with the numbering plans that `rlibphonenumber` knows. Nothing must be done then, since the digits as they
/// were typed are always there; [`folding::VERSION`](crate::folding::VERSION) says how to compute all anew.
#[must_use]
pub fn searchable_phones(phones: &[Labeled<PhoneNumber>]) -> Option<String> {
    let mut text = String::from("\n");
    for phone in phones {
        let typed = phone.value.as_str();
        let mut forms = vec![digits(typed)];
        let number = international(typed);
        let others = number.iter().flat_map(|number| [international_digits(number), national_digits(number)]);
        for form in others {
            if !forms.iter().any(|known| known.contains(&form)) {
                forms.push(form);
            }
        }
        for form in forms {
            text.extend(number.is_some().then_some(COUNTRY_IS_SAID));
            text.push_str(&form);
            text.push('\n');
        }
    }
    (text.len() > 1).then_some(text)
}

/// The number, if it says its country.
fn international(typed: &str) -> Option<Parsed> {
    let typed = ComposingNormalizerBorrowed::new_nfkc().normalize(typed);
    let number = typed.get(typed.find(|c: char| c == '+' || c.is_ascii_digit())?..)?;
    match number.strip_prefix("00") {
        // Dialled for `+` in most of the world; but a number of an office may begin so too.
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

/// As it is dialled at home: with the `0` of `067 111 22 33`, and the extension.
fn national_digits(number: &Parsed) -> String {
    digits(&number.format_as(PhoneNumberFormat::National))
}
