//! Lists of contacts: search and pages.

use std::sync::Arc;

use domain::{
    contact::{
        Contact, ContactCard, ContactQuery, Cursor, Filter, Nickname, Notes, Organization, PageStart, PersonName, Tag,
    },
    ids::UserId,
    store::Store,
};

use super::Backend;
use crate::{TestEnvironment, samples, whole::contact_page};

pub(super) fn everything() -> ContactQuery {
    ContactQuery { filter: Filter::default(), sort: Default::default(), start: PageStart::Skip(0), limit: 1000 }
}

fn search(q: &str) -> ContactQuery {
    ContactQuery { filter: Filter { words: Filter::words(q).unwrap(), ..Filter::default() }, ..everything() }
}

pub(super) async fn names(store: &dyn Store, owner: UserId, query: &ContactQuery) -> Vec<String> {
    store.list_contacts(owner, query).await.unwrap().iter().map(name).collect()
}

pub(super) fn name(contact: &Contact) -> String {
    contact.card.parse().unwrap().first_name.as_ref().map_or("-", PersonName::as_str).to_owned()
}

async fn address_book(backend: &dyn Backend) -> (Arc<dyn Store>, UserId) {
    let store = backend.open().await;
    let (owner, other_user) = (samples::stored_user(&*store).await.id, samples::stored_user(&*store).await.id);
    let drafts = [
        ContactCard {
            nickname: Some(Nickname::parse("100% сміх_тут").unwrap()),
            tags: vec![Tag::parse("Друзі").unwrap(), Tag::parse("work").unwrap()],
            ..samples::full_card("Ївга", "Їжакевич", "ivha@example.com", "+380 (67) 111-22-33")
        },
        ContactCard {
            organization: Some(Organization::parse("Straße & Söhne").unwrap()),
            favorite: true,
            ..samples::full_card("Álvaro", "Núñez", "Alvaro.N@Example.org", "0671112244")
        },
        ContactCard {
            notes: Some(Notes::parse("зустріли на каві\nлюбить С\\O 'лапки'").unwrap()),
            tags: vec![Tag::parse("working").unwrap()],
            ..samples::full_card("Bohdan", "Зінченко", "b@sub.example.net", "12-34")
        },
    ];
    let mut contacts: Vec<Contact> = drafts.into_iter().map(|draft| samples::contact(owner, draft)).collect();
    samples::store_contacts(&*store, &mut contacts).await;
    samples::store_contacts(&*store, &mut [samples::contact(other_user, samples::card("Ївга", "Чужа"))]).await;
    (store, owner)
}

pub async fn words_match_in_every_searched_field(backend: &dyn Backend) {
    let (store, owner) = address_book(backend).await;
    let cases: &[(&str, &[&str])] = &[
        ("", &["Álvaro", "Bohdan", "Ївга"]),
        ("їжак", &["Ївга"]),
        ("ЇЖАКЕВИЧ", &["Ївга"]),
        ("жакев", &["Ївга"]),
        ("івга їжак", &["Ївга"]),
        ("івга нунез", &[]),
        ("alvaro", &["Álvaro"]),
        ("NUNEZ álv", &["Álvaro"]),
        ("strasse", &["Álvaro"]),
        ("STRASSE söhne", &["Álvaro"]),
        ("example.ORG", &["Álvaro"]),
        ("каві люб", &["Bohdan"]),
        ("067-111", &["Álvaro", "Ївга"]),
        ("0671112244", &["Álvaro"]),
        ("67111", &["Álvaro", "Ївга"]),
        ("(67) 111", &["Álvaro", "Ївга"]),
        ("+380", &["Ївга"]),
        ("67-111-22-33", &["Ївга"]),
        ("сміх", &["Ївга"]),
    ];
    for (q, expected) in cases {
        assert_eq!(names(&*store, owner, &search(q)).await, *expected, "q={q}");
    }
}

pub async fn list_filters_can_be_combined(backend: &dyn Backend) {
    let (store, owner) = address_book(backend).await;
    let part = |text: &str| Some(Filter::part(text).unwrap());
    let phone = |text: &str| Some(Filter::phone(text).unwrap());
    let tag = |text: &str| Some(Filter::tag(text).unwrap());
    let cases: Vec<(Filter, &[&str])> = vec![
        (Filter { first_name: part("ІВ"), ..Filter::default() }, &["Ївга"]),
        (Filter { last_name: part("нч"), ..Filter::default() }, &["Bohdan"]),
        (Filter { first_name: part("нч"), ..Filter::default() }, &[]),
        (Filter { email: part("EXAMPLE.NET"), ..Filter::default() }, &["Bohdan"]),
        (Filter { phone: phone("11-22"), ..Filter::default() }, &["Álvaro", "Ївга"]),
        (Filter { phone: phone("3312"), ..Filter::default() }, &[]),
        (Filter { tag: tag("друзі"), ..Filter::default() }, &["Ївга"]),
        (Filter { tag: tag("WORK"), ..Filter::default() }, &["Ївга"]),
        (Filter { tag: tag("wor"), ..Filter::default() }, &[]),
        (Filter { favorite: Some(true), ..Filter::default() }, &["Álvaro"]),
        (Filter { favorite: Some(false), ..Filter::default() }, &["Bohdan", "Ївга"]),
        (Filter { favorite: Some(true), email: part("net"), ..Filter::default() }, &[]),
    ];
    for (filter, expected) in cases {
        let query = ContactQuery { filter: filter.clone(), ..everything() };
        assert_eq!(names(&*store, owner, &query).await, expected, "{filter:?}");
    }
}

pub async fn wildcards_match_literally(backend: &dyn Backend) {
    let (store, owner) = address_book(backend).await;
    let cases: &[(&str, &[&str])] = &[
        ("%", &["Ївга"]),
        ("_", &["Ївга"]),
        ("100%", &["Ївга"]),
        ("1%0", &[]),
        ("сміх_т", &["Ївга"]),
        ("с_іх", &[]),
        ("\\", &["Bohdan"]),
        ("с\\o", &["Bohdan"]),
        ("'лапки'", &["Bohdan"]),
        ("\"", &[]),
        ("' OR 1=1 --", &[]),
    ];
    for (q, expected) in cases {
        assert_eq!(names(&*store, owner, &search(q)).await, *expected, "q={q}");
    }
}

pub async fn phones_are_found_in_every_notation(backend: &dyn Backend) {
    let store = backend.open().await;
    let owner = samples::stored_user(&*store).await.id;
    let phones = [
        ("Abroad", "+380 67 111 22 33"),
        ("Dialled", "00380 67 111 22 44"),
        ("German", "+49 671 112233"),
        ("Home", "067 111-22-33"),
        ("Office", "+1 202 555 0173 ext. 89"),
    ];
    let mut contacts = phones.map(|(name, phone)| {
        samples::contact(owner, samples::full_card(name, "Same", &format!("{name}@example.com"), phone))
    });
    samples::store_contacts(&*store, &mut contacts).await;
    let cases: &[(&str, &[&str])] = &[
        // The number is also valid in Germany, so that contact matches too.
        ("0671112233", &["Abroad", "German", "Home"]),
        ("067111224", &["Dialled"]),
        ("67-111", &["Abroad", "Dialled", "German", "Home"]),
        ("+38067", &["Abroad", "Dialled"]),
        ("380671112233", &["Abroad"]),
        ("+380671112233", &["Abroad", "Home"]),
        ("+49671112233", &["German", "Home"]),
        ("111-22", &["Abroad", "Dialled", "German", "Home"]),
        ("+12025550173", &["Office"]),
        ("5550173-89", &["Office"]),
    ];
    for (typed, expected) in cases {
        let by_phone = Filter { phone: Some(Filter::phone(typed).unwrap()), ..Filter::default() };
        let by_phone = ContactQuery { filter: by_phone, ..everything() };
        for query in [by_phone, search(typed)] {
            assert_eq!(names(&*store, owner, &query).await, *expected, "{typed}: {query:?}");
        }
    }
}

pub async fn skip_and_limit_select_a_page(backend: &dyn Backend) {
    let (store, owner) = address_book(backend).await;
    let cases: [(u64, u64, &[&str]); 5] =
        [(0, 2, &["Álvaro", "Bohdan"]), (1, 1, &["Bohdan"]), (2, 100, &["Ївга"]), (3, 10, &[]), (u64::MAX, 1, &[])];
    for (skip, limit, expected) in cases {
        let query = ContactQuery { start: PageStart::Skip(skip), limit, ..everything() };
        assert_eq!(names(&*store, owner, &query).await, expected, "skip {skip} limit {limit}");
    }
}

pub async fn total_counts_all_pages(backend: &dyn Backend) {
    let (store, owner) = address_book(backend).await;
    assert_eq!(store.count_contacts(owner, &everything().filter, None).await.unwrap(), 3);
    assert_eq!(store.count_contacts(owner, &search("67111").filter, None).await.unwrap(), 2);
    assert_eq!(store.count_contacts(owner, &search("nobody").filter, None).await.unwrap(), 0);
    let env = TestEnvironment::over(store);
    let page = async |query: ContactQuery| contact_page(&env.ports, owner, query).await;
    let first = page(ContactQuery { limit: 1, ..everything() }).await;
    let after = PageStart::After(Cursor::at(&first.contacts[0], &everything().sort));
    for (query, total) in [
        (everything(), 3),
        (ContactQuery { limit: 1, ..everything() }, 3),
        (ContactQuery { start: PageStart::Skip(2), limit: 5, ..everything() }, 3),
        (ContactQuery { start: PageStart::Skip(50), ..everything() }, 3),
        (ContactQuery { limit: 1, ..search("67111") }, 2),
        (ContactQuery { start: PageStart::Skip(1), limit: 1, ..search("example") }, 3),
        (ContactQuery { start: after.clone(), limit: 1, ..search("example") }, 3),
        (search("nobody"), 0),
        // A cursor does not change the total.
        (ContactQuery { start: after, ..everything() }, 3),
    ] {
        assert_eq!(page(query.clone()).await.total, total, "{query:?}");
    }
}
