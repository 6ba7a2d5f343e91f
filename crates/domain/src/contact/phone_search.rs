//! Search for phone numbers by their digits, in any notation. Numbers with a country code are also found by their
//! national form.
//!
//! A number has a country code when it begins with `+380` or `00380`. Otherwise no country is assumed.

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber as Parsed, PhoneNumberFormat};

use super::{PhoneNumber, phone_number::PhoneText};
use crate::text::Invalid;

/// First character of the lines of a number that has a country code.
const COUNTRY_MARK: char = '+';

/// A zero that is dialled within the country only, as people type it in international numbers.
const TRUNK_ZERO: &str = "(0)";

/// Search terms for phones. A contact matches when its [`searchable_phones`] contain any of the terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneNeedle(Vec<String>);

impl PhoneNeedle {
    /// Parses a number, or a part of one.
    ///
    /// # Errors
    /// `NotAPhoneNumber` when the text has no digit.
    pub(super) fn new(typed: &str) -> Result<Self, Invalid> {
        let phone = PhoneText::parse_lenient(typed);
        let typed_digits = phone.digits();
        if typed_digits.is_empty() {
            return Err(Invalid::NotAPhoneNumber);
        }
        let mut parts = vec![typed_digits];
        let mut add = |part: String| {
            if !parts.contains(&part) {
                parts.push(part);
            }
        };
        // Also for the beginning of a number: from abroad `00` is `+`, and a `(0)` is not dialled.
        let dialled = without_trunk_zero(&phone);
        match dialled.strip_prefix("00") {
            Some(international) if !international.is_empty() => add(format!("{COUNTRY_MARK}{international}")),
            _ if !dialled.is_empty() => add(dialled),
            _ => {}
        }
        // Only for complete numbers. A part would match too much: `+1 20` would match every number that begins with 20.
        if let Some(number) = international(&phone.number).filter(Parsed::is_valid) {
            add(international_digits(&number));
            // The newline matches only numbers without a country code: with one, the same national digits are another
            // number in another country.
            add(format!("\n{}", national_digits(&number)));
            add(format!("\n{}", number.get_national_significant_number()));
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
        let typed = PhoneText::parse_lenient(phone.as_str());
        let mut forms = vec![typed.digits()];
        let number = international(&typed.number);
        let others = number.iter().flat_map(|number| {
            [international_digits(number), national_digits(number) + &ascii_digits(&typed.extension)]
        });
        let is_valid = number.as_ref().is_some_and(Parsed::is_valid);
        let as_dialled = (!is_valid).then(|| without_trunk_zero(&typed));
        for form in others.chain(as_dialled) {
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

/// Returns the form in which spellings of one number are equal: E.164 if it has a country code, else its digits. An
/// extension does not count. Returns `None` for fewer than seven digits, which many numbers share.
pub(super) fn phone_key(phone: &PhoneNumber) -> Option<String> {
    const MIN_DIGITS: usize = 7;

    let typed = PhoneText::parse_lenient(phone.as_str());
    let (mark, digits) = match international(&typed.number) {
        Some(number) => (COUNTRY_MARK.to_string(), international_digits(&number)),
        None => (String::new(), ascii_digits(&typed.number)),
    };
    (digits.len() >= MIN_DIGITS).then(|| mark + &digits)
}

/// Returns the digits of the extension.
pub(super) fn extension_digits(phone: &PhoneNumber) -> String {
    ascii_digits(&PhoneText::parse_lenient(phone.as_str()).extension)
}

/// Parses a number that has a country code. Returns `None` for any other.
fn international(typed: &str) -> Option<Parsed> {
    let number = typed.trim_start_matches(|c: char| c != '+' && !c.is_ascii_digit());
    let parsed = with_country(number);
    if parsed.as_ref().is_some_and(Parsed::is_valid) {
        return parsed;
    }
    // Some countries have no `0` that is dialled within the country only, yet people type `(0)` from habit.
    with_country(&number.replacen(TRUNK_ZERO, "", 1)).filter(Parsed::is_valid).or(parsed)
}

fn with_country(number: &str) -> Option<Parsed> {
    match number.strip_prefix("00") {
        // `00` replaces `+` in most of the world, but an internal number may begin with it too.
        Some(rest) => parsed(&format!("+{rest}")).filter(Parsed::is_valid),
        None if number.starts_with(COUNTRY_MARK) => parsed(number),
        None => None,
    }
}

/// Returns the digits without the `(0)` of `+49 (0) 30 901820`, which is dialled within the country only. In a number
/// without a country code it is a digit like any other.
fn without_trunk_zero(phone: &PhoneText) -> String {
    let has_country = phone.number.contains(COUNTRY_MARK) || phone.number.starts_with("00");
    let times = usize::from(has_country);
    ascii_digits(&phone.number.replacen(TRUNK_ZERO, "", times)) + &ascii_digits(&phone.extension)
}

fn parsed(number: &str) -> Option<Parsed> {
    PHONE_NUMBER_UTIL.parse(number, None).ok()
}

fn international_digits(number: &Parsed) -> String {
    ascii_digits(&number.format_as(PhoneNumberFormat::E164))
}

/// Returns the digits of the national form: with the `0` of `067 111 22 33`.
fn national_digits(number: &Parsed) -> String {
    ascii_digits(&number.format_as(PhoneNumberFormat::National))
}

fn ascii_digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}
