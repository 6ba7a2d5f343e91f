//! Properties of every value type that is made of text: parsing never panics, an accepted value is within its bounds, and
//! parsing it again gives the same value. Stability of phones, links and e-mails under pasted text is in `pasted_text.rs`.

use std::fmt::Debug;

use chrono::{Datelike as _, Days, NaiveDate};
use domain::{
    account::{Email, Locale, Password, PasswordAttempt, Timezone, Username},
    app_password::{AppPasswordName, Scope, Scopes},
    client::{Block, ClientInfo, ClientNetwork, LargestNetwork, Site},
    contact::{
        AddressLine, Birthday, BirthdayWindow, ChangeNumber, Contact, ContactEmail, DaysAhead, Direction, Expected,
        Filter, JobTitle, Label, Link, MonthDay, Nickname, Notes, Organization, PersonName, PhoneNumber, Sort, SortKey,
        Tag,
        card_resource::{CardContent, CardName, CardPrecondition, CardResource},
        received::CardUid,
    },
    folding::fold,
    text::Invalid,
};
use proptest::prelude::*;
use testkit::samples;

/// Texts of all planes, of what the parsers know, and of characters that normalization changes.
pub(crate) fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => "\\PC{0,6}",
        2 => any::<char>().prop_map(String::from),
        4 => prop::sample::select(vec![
            "a", "é", "e\u{301}", "Ї", "ﷺ", "ŉ", "İ", "ß", "ﬁ", "´", "¨", "ͺ", "㌀", "①", "𝟘", "가", "\u{1100}\u{1161}",
            "\u{345}", "\u{301}", "\u{200d}", "\u{200c}", "\u{200b}", "\u{202e}", "\u{feff}", "\u{fe0f}", "\u{e0001}",
            "👨", "\u{1f3fd}", "葛", "\u{e0100}", "\u{ad}", "\u{61c}", "\u{a0}", "\u{2028}", "\u{3000}", "\u{85}", " ",
            "\t", "\n", "\r\n", "\0", "\u{7f}", "\u{fdd0}", "\u{10ffff}", "@", ".", "\"", "\\", "-", "--", "/", ":", "://",
            "xn--", "example.com", "https:", "mailto:", "tel:", "urn:uuid:", ";ext=", "+", "#", "1", "02", "28", "29",
            "1990", "0000", "9999", "。", "％", "[::1]", "%00", "api:read", "en", "uk_UA", "Europe/Kyiv", "birthday", ",",
        ]).prop_map(str::to_owned),
    ];
    prop_oneof![
        20 => prop::collection::vec(piece, 0..10).prop_map(|pieces| pieces.concat()),
        // Texts near every bound.
        1 => (prop::sample::select(vec!["a", "ї", "👨", "e\u{301}", "\u{200b}a", " a", "1", "ﷺ"]), 1usize..6_000)
            .prop_map(|(piece, times)| piece.repeat(times)),
    ]
}

/// Parses a text. Checks that an accepted value passes the parser unchanged, and returns it.
fn stable<T: Debug + PartialEq>(
    raw: &str,
    parse: impl Fn(&str) -> Result<T, Invalid>,
    text: impl Fn(&T) -> String,
) -> Result<Option<T>, TestCaseError> {
    match parse(raw) {
        Ok(value) => {
            let again = parse(&text(&value));
            prop_assert_eq!(again.as_ref(), Ok(&value), "{:?} becomes {:?}", raw, text(&value));
            Ok(Some(value))
        }
        Err(invalid) => {
            let (code, sentence) = (invalid.code(), invalid.to_string());
            prop_assert!(!code.is_empty() && code.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{}", code);
            prop_assert!(!sentence.is_empty() && !sentence.contains("  "), "{}", sentence);
            Ok(None)
        }
    }
}

const SORT_KEYS: [(&str, SortKey); 5] = [
    ("first_name", SortKey::FirstName),
    ("last_name", SortKey::LastName),
    ("created_at", SortKey::CreatedAt),
    ("updated_at", SortKey::UpdatedAt),
    ("birthday", SortKey::Birthday),
];

/// Returns the text of a sort order.
fn sort_text(sort: &Sort) -> String {
    let word = |(key, direction): &(SortKey, Direction)| {
        let (name, _) = SORT_KEYS.iter().find(|(_, known)| known == key).unwrap();
        if *direction == Direction::Descending { format!("-{name}") } else { (*name).to_owned() }
    };
    sort.keys().iter().map(word).collect::<Vec<_>>().join(",")
}

/// Checks a bounded text.
macro_rules! check_texts {
    ($raw:expr, $lines:expr, $($type:ident),+) => { $(
        if let Some(value) = stable($raw, $type::parse, |value| value.as_str().to_owned())? {
            let text = value.as_str();
            prop_assert!((1..=$type::MAX).contains(&text.chars().count()), "{:?}", text);
            prop_assert_eq!(text.trim(), text);
            let is_allowed = |c: char| !c.is_control() || ($lines && matches!(c, '\n' | '\r' | '\t'));
            prop_assert!(text.chars().all(is_allowed), "{:?}", text);
            prop_assert_eq!($type::from_stored(text.to_owned()), value);
        }
    )+ };
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]

    #[test]
    fn accepted_text_is_bounded_and_parsed_again_unchanged(raw in any_text()) {
        check_texts!(
            &raw, false, Username, AppPasswordName, PersonName, Nickname, Organization, JobTitle, Label, AddressLine, Tag
        );
        check_texts!(&raw, true, Notes);
    }

    #[test]
    fn accepted_contact_value_is_bounded_and_parsed_again_unchanged(
        raw in prop_oneof![
            any_text(),
            (any_text(), any_text()).prop_map(|(local, domain)| format!("{local}@{domain}")),
            (any_text(), "[a-zї]{1,8}(\\.[a-zä]{1,5}){1,2}").prop_map(|(local, domain)| format!("{local}@{domain}")),
            any_text().prop_map(|local| format!("\"{local}\"@example.com")),
            (prop::sample::select(vec!["https://", "mailto:", "tel:", "tg://", "https:", ""]), any_text())
                .prop_map(|(scheme, rest)| format!("{scheme}{rest}")),
        ],
    ) {
        if let Some(email) = stable(&raw, ContactEmail::parse, |email| email.as_str().to_owned())? {
            prop_assert!(email.as_str().len() <= ContactEmail::MAX && email.as_str().contains('@'));
        }
        if let Some(email) = stable(&raw, Email::parse, |email| email.as_str().to_owned())? {
            let (local, domain) = email.as_str().rsplit_once('@').unwrap();
            prop_assert!(email.as_str().len() <= Email::MAX_BYTES);
            prop_assert!(domain.is_ascii() && domain.contains('.') && !local.is_empty(), "{:?}", email);
            prop_assert_eq!(local, email.local_part());
        }
        if let Some(link) = stable(&raw, Link::parse, |link| link.as_str().to_owned())? {
            prop_assert!(link.as_str().chars().count() <= Link::MAX);
            let scheme = link.as_str().split(':').next().unwrap().to_ascii_lowercase();
            prop_assert!(!["javascript", "data", "vbscript", "file", "blob"].contains(&scheme.as_str()), "{:?}", link);
        }
        if let Some(phone) = stable(&raw, PhoneNumber::parse, |phone| phone.as_str().to_owned())? {
            prop_assert!(phone.as_str().chars().count() <= PhoneNumber::MAX);
        }
        if let Some(birthday) = stable(&raw, str::parse::<Birthday>, Birthday::to_string)? {
            prop_assert!(birthday.year().is_none_or(|year| (1..=9999).contains(&year)));
        }
        if let Some(name) = stable(&raw, CardName::parse, |name| name.as_str().to_owned())? {
            prop_assert_eq!(name.as_str(), &*raw, "a name is never changed");
            prop_assert!(name.as_str().chars().count() <= CardName::MAX && !name.as_str().contains('/'));
            if let Some(id) = name.contact() {
                prop_assert_eq!(CardName::of_contact(id), name);
            }
        }
        if let Some(uid) = stable(&raw, CardUid::parse, |uid| uid.as_str().to_owned())? {
            prop_assert!((1..=CardUid::MAX).contains(&uid.as_str().chars().count()));
        }
    }

    #[test]
    fn accepted_account_value_is_parsed_again_unchanged(raw in any_text()) {
        stable(&raw, str::parse::<Locale>, |locale| locale.as_str().to_owned())?;
        stable(&raw, str::parse::<Timezone>, |zone| zone.as_str().to_owned())?;
        stable(&raw, str::parse::<Scope>, Scope::to_string)?;
        if let Some(scopes) = Scopes::from_stored(&raw) {
            prop_assert_eq!(Scopes::from_stored(&scopes.to_string()), Some(scopes));
        }
        stable(&raw, str::parse::<Sort>, sort_text)?;
    }

    /// Keys in any number and order, some of them twice, and now and then a text that is no key.
    #[test]
    fn sort_has_exactly_the_keys_of_its_text_in_their_order(
        words in prop::collection::vec((0..SORT_KEYS.len(), any::<bool>(), "[ \t]{0,2}", "[ \t]{0,2}"), 1..7),
        unknown in prop::option::weighted(0.2, (any::<prop::sample::Index>(), prop::sample::select(vec![
            "", " ", "-", "--birthday", "- birthday", "+birthday", "birthday-", "Birthday", "birth day", "birthdays",
            "first name", "firstname", "id", "created_at;updated_at", "ｂirthday",
        ]))),
    ) {
        let mut texts: Vec<String> = words
            .iter()
            .map(|(key, is_descending, before, after)| {
                format!("{before}{}{}{after}", if *is_descending { "-" } else { "" }, SORT_KEYS[*key].0)
            })
            .collect();
        if let Some((at, text)) = &unknown {
            texts.insert(at.index(texts.len() + 1), (*text).to_owned());
        }
        let keys: Vec<SortKey> = words.iter().map(|(key, ..)| SORT_KEYS[*key].1).collect();
        let has_duplicate = (1..keys.len()).any(|at| keys[..at].contains(&keys[at]));
        match stable(&texts.join(","), str::parse::<Sort>, sort_text)? {
            Some(sort) => {
                prop_assert!(unknown.is_none() && !has_duplicate, "{:?}", texts);
                let directions = words.iter().map(|(_, is_descending, ..)| {
                    if *is_descending { Direction::Descending } else { Direction::Ascending }
                });
                prop_assert_eq!(sort.keys(), keys.into_iter().zip(directions).collect::<Vec<_>>());
            }
            None => {
                prop_assert!(unknown.is_some() || has_duplicate, "{:?}", texts);
                prop_assert_eq!(texts.join(",").parse::<Sort>().unwrap_err().code(), "unknown-sort");
            }
        }
    }

    #[test]
    fn scopes_are_stored_and_read_unchanged(chosen in prop::collection::vec(prop::sample::select(Scope::ALL.to_vec()), 0..6)) {
        match Scopes::new(chosen.clone()) {
            Ok(scopes) => {
                prop_assert!(Scope::ALL.iter().all(|scope| scopes.contains(*scope) == chosen.contains(scope)));
                prop_assert!(scopes.iter().is_sorted());
                prop_assert_eq!(Scopes::from_stored(&scopes.to_string()), Some(scopes));
            }
            Err(invalid) => prop_assert!(chosen.is_empty() && invalid == Invalid::NoScope),
        }
    }

    #[test]
    fn number_of_days_is_accepted_up_to_its_maximum(days in prop_oneof![0..=2 * DaysAhead::MAX, any::<u64>()], today: u16) {
        let today = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap() + Days::new(today.into());
        let accepted = DaysAhead::new(days);
        prop_assert_eq!(accepted.is_some(), days <= DaysAhead::MAX);
        if let Some(accepted) = accepted {
            let window = BirthdayWindow::new(today, accepted);
            let last = today + Days::new(days);
            prop_assert_eq!(window.next(MonthDay::of(today)), MonthDay::of(today).observed_in(today.year()));
            prop_assert!(window.next(MonthDay::of(last)).is_some());
            prop_assert_eq!(window.days_until(last), i64::try_from(days).unwrap());
        }
    }

    /// RFC 9110, 13.1: `If-Match` with a list, or `*`, and `If-None-Match: *`.
    #[test]
    fn precondition_admits_exactly_the_listed_states(
        listed in prop::collection::vec(0_i64..8, 0..4),
        current in prop::option::of(0_i64..8),
    ) {
        let user = samples::user();
        let card = current.map(|change| CardResource {
            name: CardName::parse("card.vcf").unwrap(),
            content: CardContent::Contact(Box::new((
                Contact { change: ChangeNumber(change), ..samples::contact(user.id, samples::card("Олена", "Коваль")) },
                None,
            ))),
        });
        let is_listed = current.is_some_and(|change| listed.contains(&change));
        let changes: Vec<_> = listed.into_iter().map(ChangeNumber).collect();
        if let Some(change) = current {
            prop_assert!(Expected::Any.admits(ChangeNumber(change)));
            prop_assert_eq!(Expected::OneOf(changes.clone()).admits(ChangeNumber(change)), is_listed);
            prop_assert_eq!(Expected::NoneOf(changes.clone()).admits(ChangeNumber(change)), !is_listed);
        }
        prop_assert!(CardPrecondition::Any.admits(card.as_ref()));
        prop_assert_eq!(CardPrecondition::Present.admits(card.as_ref()), current.is_some());
        prop_assert_eq!(CardPrecondition::Absent.admits(card.as_ref()), current.is_none());
        prop_assert_eq!(CardPrecondition::OneOf(changes.clone()).admits(card.as_ref()), is_listed);
        prop_assert_eq!(CardPrecondition::NoneOf(changes).admits(card.as_ref()), !is_listed);
    }

    #[test]
    fn search_text_is_bounded_and_never_panics(raw in any_text()) {
        if let Ok(words) = Filter::words(&raw) {
            prop_assert!(words.len() <= Filter::MAX_WORDS);
            let characters: usize = words.iter().flat_map(|needle| &needle.words).map(|word| word.chars().count()).sum();
            prop_assert!(characters <= Filter::MAX_FOLDED);
        }
        if let Ok(part) = Filter::part(&raw) {
            prop_assert!(!part.trim().is_empty() && part.chars().count() <= Filter::MAX_FOLDED);
            prop_assert_eq!(fold(&part), part, "what is searched is folded");
        }
        drop((Filter::phone(&raw), Filter::tag(&raw)));
    }

    #[test]
    fn user_agent_is_shortened_and_free_of_control_characters(raw in any_text()) {
        let agent = ClientInfo::new(None, Some(&raw)).user_agent.unwrap();
        prop_assert!(agent.chars().count() <= ClientInfo::MAX_USER_AGENT && !agent.contains(char::is_control));
        prop_assert_eq!(ClientInfo::new(None, Some(&agent)).user_agent, Some(agent));
    }

    /// A larger network contains the smaller one, and each contains the address. The block is that of its first address.
    #[test]
    fn networks_of_an_address_contain_each_other(ip in any::<std::net::IpAddr>(), other in any::<u128>(), shift in 0u32..129) {
        use std::net::IpAddr;

        let near = match ip {
            IpAddr::V4(ip) => IpAddr::from((ip.to_bits() ^ u32::try_from(other.checked_shr(shift).unwrap_or_default() & 0xFFFF_FFFF).unwrap()).to_be_bytes()),
            IpAddr::V6(ip) => IpAddr::from((ip.to_bits() ^ other.checked_shr(shift).unwrap_or_default()).to_be_bytes()),
        };
        let (network, largest, site) = (ClientNetwork::of(Some(ip)), LargestNetwork::of(Some(ip)), Site::of(Some(ip)));
        if ClientNetwork::of(Some(near)) == network {
            prop_assert_eq!(LargestNetwork::of(Some(near)), largest, "{} {}", ip, near);
            prop_assert_eq!(Site::of(Some(near)), site, "{} {}", ip, near);
        }
        let first = |text: String| text.parse::<IpAddr>().ok();
        prop_assert_eq!(ClientNetwork::of(first(network.to_string())), network);
        prop_assert_eq!(LargestNetwork::of(first(largest.to_string())), largest);
        prop_assert_eq!(Site::of(first(site.to_string())), site);
        for block in [Block::Slash56, Block::Slash48] {
            let wide = network.within(block);
            prop_assert_eq!(wide.is_some(), ip.to_canonical().is_ipv6());
            if ClientNetwork::of(Some(near)) == network {
                prop_assert_eq!(ClientNetwork::of(Some(near)).within(block), wide);
            }
        }
    }
}

proptest! {
    // Each password costs some milliseconds of zxcvbn.
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn password_is_bounded_hidden_and_equal_to_its_attempt(raw in prop_oneof![any_text(), "\\PC{8,128}"]) {
        let attempt = PasswordAttempt::new(&raw);
        prop_assert_eq!(format!("{attempt:?}"), "PasswordAttempt(…)");
        if let Ok(password) = Password::parse(&raw) {
            let length = password.reveal().chars().count();
            prop_assert!((Password::MIN..=Password::MAX).contains(&length));
            prop_assert_eq!(password.reveal(), attempt.reveal(), "who registers can sign in");
            let again = Password::parse(password.reveal()).unwrap();
            prop_assert_eq!(again.reveal(), password.reveal());
            prop_assert_eq!(format!("{password:?}"), "Password(…)");
            prop_assert!(password.check_not_derived_from(&[]).is_ok());
        }
    }
}
