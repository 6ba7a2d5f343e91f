//! The rule of the same person, and the keys of a contact that it compares.
//!
//! Two contacts are the same person when they share an e-mail or a phone that [identifies a person](identifies_person),
//! and their names and birthdays [agree](ContactKeys::agrees_with). The e-mail or phone alone is not enough, because
//! couples and offices share them.

use sha2::{Digest as _, Sha256};

use super::{
    Birthday, ContactCard, Nickname, Organization, PersonName, card_json::CardJson, contact_email::email_key,
    phone_search::phone_key,
};
use crate::folding::fold;

/// Number of contacts from which on a shared e-mail or phone is that of an office.
const TOO_COMMON: usize = 5;

/// Returns true when an e-mail or phone of this number of contacts identifies a person, not an office.
pub(crate) fn identifies_person(contacts: usize) -> bool {
    contacts < TOO_COMMON
}

/// Value that few contacts share.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum SharedKey {
    Email(String),
    Phone(String),
}

/// Digest of a card without its tags and its mark as favorite, which change with use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct CardDigest([u8; 32]);

/// Keys of a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ContactKeys {
    /// E-mails and phones.
    pub(crate) shared: Vec<SharedKey>,
    /// The card.
    pub(crate) card: CardDigest,
    /// Words of the name, sorted.
    names: Vec<String>,
    middle_name: Option<String>,
    suffix: Option<String>,
    birthday: Option<Birthday>,
}

impl ContactKeys {
    /// Returns the keys of a card.
    pub(crate) fn of(card: &ContactCard) -> Self {
        let emails = card.emails.iter().map(|email| SharedKey::Email(email_key(email.address.as_str())));
        let phones = card.phones.iter().filter_map(|phone| phone_key(&phone.number)).map(SharedKey::Phone);
        let mut shared: Vec<SharedKey> = emails.chain(phones).collect();
        shared.sort_unstable();
        shared.dedup();
        Self {
            shared,
            card: digest(card),
            names: names(card),
            middle_name: card.middle_name.as_ref().map(|name| letters(name.as_str())),
            suffix: card.suffix.as_ref().map(|suffix| letters(suffix.as_str())),
            birthday: card.birthday,
        }
    }

    /// Returns true when name, middle name, suffix and birthday may be those of one person: the names are equal in any
    /// order, or one is absent, and the others do not contradict each other.
    pub(crate) fn agrees_with(&self, other: &Self) -> bool {
        let has_same_name = self.names.is_empty() || other.names.is_empty() || self.names == other.names;
        has_same_name
            && both(self.middle_name.as_deref(), other.middle_name.as_deref(), is_same_or_initial)
            && both(self.suffix.as_deref(), other.suffix.as_deref(), |left, right| left == right)
            && both(self.birthday, other.birthday, is_same_day)
    }
}

/// Returns true unless both values exist and contradict each other.
fn both<T>(left: Option<T>, right: Option<T>, agree: impl FnOnce(T, T) -> bool) -> bool {
    left.zip(right).is_none_or(|(left, right)| agree(left, right))
}

/// `П.` agrees with `Петрівна`.
fn is_same_or_initial(left: &str, right: &str) -> bool {
    let is_initial_of = |short: &str, long: &str| short.chars().count() == 1 && long.starts_with(short);
    left == right || is_initial_of(left, right) || is_initial_of(right, left)
}

fn is_same_day(left: Birthday, right: Birthday) -> bool {
    left.month_day() == right.month_day() && both(left.year(), right.year(), |left, right| left == right)
}

/// Returns the words of the first and last name. A contact without them is called by its nickname, or its organization.
fn names(card: &ContactCard) -> Vec<String> {
    let parts = [&card.first_name, &card.last_name].into_iter().flatten().map(PersonName::as_str);
    let others = [card.nickname.as_ref().map(Nickname::as_str), card.organization.as_ref().map(Organization::as_str)];
    let name = parts.collect::<Vec<_>>().join(" ");
    let called = std::iter::once(name.as_str()).chain(others.into_iter().flatten()).map(words);
    called.into_iter().find(|words| !words.is_empty()).unwrap_or_default()
}

/// Returns the folded words of a text, sorted.
pub(super) fn words(text: &str) -> Vec<String> {
    let folded = fold(text);
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut words: Vec<String> = words.map(str::to_owned).collect();
    words.sort_unstable();
    words
}

/// `Jr.` is `jr`.
fn letters(text: &str) -> String {
    fold(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

fn digest(card: &ContactCard) -> CardDigest {
    let bare = ContactCard { tags: Vec::new(), favorite: false, ..card.clone() };
    CardDigest(Sha256::digest(CardJson::of(&bare).as_str()).into())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::{ContactKeys, SharedKey, phone_key};
    use crate::contact::{ContactCard, ContactEmail, LabeledEmail, LabeledPhone, PersonName, PhoneNumber};

    /// People with few names, middle names, suffixes and birthdays, so that many of them agree.
    fn any_person() -> impl Strategy<Value = ContactCard> {
        let names = ["", "Леся", "леся", "Українка", "Anna Maria", "anna-maria"].map(str::to_owned);
        let name = || prop::sample::select(names.to_vec());
        let middle = prop::option::of(prop::sample::select(vec!["П.", "Петрівна", "Іванівна"]));
        let suffix = prop::option::of(prop::sample::select(vec!["Jr.", "jr", "Sr."]));
        let birthday = prop::option::of(prop::sample::select(vec!["--02-28", "1990-02-28", "1991-02-28", "--03-01"]));
        (name(), name(), middle, suffix, birthday).prop_map(|(first, last, middle, suffix, birthday)| ContactCard {
            middle_name: middle.map(|name| name.parse().unwrap()),
            suffix: suffix.map(|suffix| suffix.parse().unwrap()),
            birthday: birthday.map(|day| day.parse().unwrap()),
            ..person(&first, &last)
        })
    }

    fn person(first: &str, last: &str) -> ContactCard {
        let name = |text: &str| (!text.is_empty()).then(|| PersonName::parse(text).unwrap());
        ContactCard { first_name: name(first), last_name: name(last), ..ContactCard::default() }
    }

    fn agree(left: &ContactCard, right: &ContactCard) -> bool {
        let (left, right) = (ContactKeys::of(left), ContactKeys::of(right));
        assert_eq!(left.agrees_with(&right), right.agrees_with(&left));
        left.agrees_with(&right)
    }

    fn phones(number: &str) -> Vec<SharedKey> {
        let number = PhoneNumber::parse(number).unwrap();
        let phones = vec![LabeledPhone { label: None, number }];
        ContactKeys::of(&ContactCard { phones, ..ContactCard::default() }).shared
    }

    fn emails(address: &str) -> Vec<SharedKey> {
        let address = ContactEmail::parse(address).unwrap();
        let emails = vec![LabeledEmail { label: None, address }];
        ContactKeys::of(&ContactCard { emails, ..ContactCard::default() }).shared
    }

    #[test]
    fn names_agree_in_any_order_and_spelling() {
        let lesia = person("Леся", "Українка");
        for same in [person("УКРАЇНКА", "леся"), person("Леся Українка", ""), person("", "")] {
            assert!(agree(&lesia, &same), "{same:?}");
        }
        assert!(agree(&person("Anna-Maria", "O’Hara"), &person("O'Hara", "Anna Maria")));
        for other in [person("Леся", ""), person("Олена", "Пчілка"), person("Леся", "Українка Косач")]
        {
            assert!(!agree(&lesia, &other), "{other:?}");
        }
    }

    #[test]
    fn nickname_and_organization_name_a_contact_without_another_name() {
        let office = ContactCard { organization: Some("Плеяда".parse().unwrap()), ..ContactCard::default() };
        let star = ContactCard { nickname: Some("Зірочка".parse().unwrap()), ..office.clone() };
        assert!(agree(&office, &office) && agree(&star, &person("Зірочка", "")));
        assert!(!agree(&office, &person("Леся", "Українка")) && !agree(&office, &star));
    }

    #[test]
    fn contradicting_birthdays_suffixes_and_middle_names_disagree() {
        let born = |day: &str| ContactCard { birthday: Some(day.parse().unwrap()), ..person("John", "Smith") };
        let with = |suffix: &str| ContactCard { suffix: Some(suffix.parse().unwrap()), ..person("John", "Smith") };
        let middle = |name: &str| ContactCard { middle_name: Some(name.parse().unwrap()), ..person("John", "Smith") };
        let plain = person("John", "Smith");
        assert!(agree(&born("1990-02-28"), &born("--02-28")) && agree(&born("1990-02-28"), &plain));
        assert!(!agree(&born("1990-02-28"), &born("1991-02-28")) && !agree(&born("--02-28"), &born("1990-02-27")));
        assert!(agree(&with("Jr."), &with("jr")) && agree(&with("Jr."), &plain) && !agree(&with("Jr."), &with("Sr.")));
        assert!(agree(&middle("П."), &middle("Петрівна")) && !agree(&middle("Іванівна"), &middle("Петрівна")));
        assert!(!agree(&middle("П."), &middle("І.")) && agree(&middle("П."), &plain));
    }

    #[test]
    fn spellings_of_one_phone_have_one_key() {
        let international = [SharedKey::Phone("+380671112233".to_owned())];
        for spelling in ["+380 (67) 111-22-33", "00380671112233", "tel:+380671112233", "+380671112233 ext. 12"] {
            assert_eq!(phones(spelling), international, "{spelling}");
        }
        assert_eq!(phones("067 111 22 33"), [SharedKey::Phone("0671112233".to_owned())], "no country is assumed");
        assert_eq!(phones("111-22-33"), [SharedKey::Phone("1112233".to_owned())]);
        assert_eq!(phones("111-22-3 ext 4567"), [], "fewer than seven digits");
    }

    #[test]
    fn spellings_of_one_email_have_one_key() {
        assert_eq!(emails("Ann@Käse.example"), emails("ann@xn--kse-qla.example"));
        assert_ne!(emails("ann@example.com"), emails("ann@example.org"));
    }

    proptest! {
        #[test]
        fn keys_have_the_properties_of_a_comparison(
            [first, second] in prop::array::uniform2(any_person()),
            numbers in prop::collection::vec("\\+[1-9][0-9]{5,12}", 0..4),
            addresses in prop::collection::vec("[a-c]{1,2}@[a-c]\\.example", 0..4),
        ) {
            prop_assert!(agree(&first, &first) && agree(&first, &ContactCard::default()));
            agree(&first, &second);
            let swapped =
                ContactCard { first_name: first.last_name.clone(), last_name: first.first_name.clone(), ..first.clone() };
            prop_assert!(agree(&first, &swapped));

            let phones = numbers.iter().map(|number| LabeledPhone { label: None, number: number.parse().unwrap() });
            let emails = addresses.iter().map(|address| LabeledEmail { label: None, address: address.parse().unwrap() });
            let card = ContactCard { phones: phones.collect(), emails: emails.collect(), ..first };
            let mut reversed = card.clone();
            reversed.phones.reverse();
            reversed.emails.reverse();
            let keys = ContactKeys::of(&card);
            prop_assert_eq!(&keys.shared, &ContactKeys::of(&reversed).shared);
            // A zero or another digit that is dialled within the country only does not count.
            let numbers: BTreeSet<_> = numbers.iter().filter_map(|number| phone_key(&number.parse().unwrap())).collect();
            let addresses: BTreeSet<_> = addresses.into_iter().collect();
            prop_assert_eq!(keys.shared.len(), numbers.len() + addresses.len(), "{:?}", keys.shared);
        }
    }

    #[test]
    fn card_digest_ignores_tags_and_favorite() {
        let plain = person("Леся", "Українка");
        let tagged = ContactCard { tags: vec!["друзі".parse().unwrap()], favorite: true, ..plain.clone() };
        let other = ContactCard { notes: Some("інша".parse().unwrap()), ..plain.clone() };
        let digest = |card: &ContactCard| ContactKeys::of(card).card;
        assert_eq!(digest(&plain), digest(&tagged));
        assert_ne!(digest(&plain), digest(&other));
    }
}
