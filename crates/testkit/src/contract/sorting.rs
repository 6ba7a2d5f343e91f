//! Order of a list of contacts, in one page and in many.

use chrono::Duration;
use domain::contact::{Contact, ContactCard, ContactQuery, Cursor, Nickname, PageStart, PersonName};

use super::{
    Backend,
    listing::{everything, names},
};
use crate::samples;

pub async fn names_are_sorted_alphabetically(backend: &dyn Backend) {
    let store = backend.open().await;
    let owner = samples::stored_user(&*store).await.id;
    let shuffled = [
        "Яна",
        "Іван",
        "ірина",
        "Ґанна",
        "Галина",
        "Їжак",
        "Єва",
        "Емма",
        "zoe",
        "Adam",
        "Жанна",
        "Юлія",
        "йосип",
        "Ивга",
    ];
    let mut contacts: Vec<Contact> =
        shuffled.iter().map(|name| samples::contact(owner, samples::card(name, "Same"))).collect();
    samples::store_contacts(&*store, &mut contacts).await;
    let expected = [
        "Adam",
        "zoe",
        "Галина",
        "Ґанна",
        "Емма",
        "Єва",
        "Жанна",
        "Ивга",
        "Іван",
        "ірина",
        "Їжак",
        "йосип",
        "Юлія",
        "Яна",
    ];
    assert_eq!(names(&*store, owner, &everything()).await, expected);
    let descending = ContactQuery { sort: "-first_name".parse().unwrap(), ..everything() };
    assert_eq!(names(&*store, owner, &descending).await, expected.into_iter().rev().collect::<Vec<_>>());
}

pub async fn every_sort_order_pages_without_gaps_or_duplicates(backend: &dyn Backend) {
    let store = backend.open().await;
    let owner = samples::stored_user(&*store).await.id;
    let mut contacts: Vec<Contact> = (0..40)
        .map(|number: u32| {
            let birthday = (!number.is_multiple_of(3)).then(|| format!("--{:02}-10", 1 + number % 4).parse().unwrap());
            let draft = ContactCard {
                last_name: (!number.is_multiple_of(4))
                    .then(|| PersonName::parse(["Бук", "Дуб", "Oak"][number as usize % 3]).unwrap()),
                birthday,
                ..samples::card(["Оля", "Ян", "Zoe", "áda"][number as usize % 4], "X")
            };
            Contact {
                created_at: samples::now() + Duration::seconds(i64::from(number % 5)),
                updated_at: samples::now() + Duration::milliseconds(i64::from(number % 7)),
                ..samples::contact(owner, draft)
            }
        })
        .collect();
    samples::store_contacts(&*store, &mut contacts).await;
    let sorts = [
        "last_name,first_name",
        "-last_name,first_name",
        "last_name,-first_name",
        "-last_name,-first_name",
        "first_name",
        "-first_name",
        "created_at",
        "-created_at",
        "updated_at,last_name",
        "-updated_at,birthday",
        "birthday",
        "-birthday,-created_at,first_name",
    ];
    for sort in sorts {
        let query = ContactQuery { sort: sort.parse().unwrap(), ..everything() };
        let whole: Vec<Contact> = store.list_contacts(owner, &query).await.unwrap();
        assert_eq!(whole.len(), contacts.len(), "{sort}");
        let mut paged: Vec<Contact> = Vec::new();
        let mut start = PageStart::Skip(0);
        while paged.len() < whole.len() {
            let page = ContactQuery { start: start.clone(), limit: 7, ..query.clone() };
            let items = store.list_contacts(owner, &page).await.unwrap();
            assert!(!items.is_empty(), "{sort}: a page in the middle is empty");
            let position = Cursor::at(items.last().unwrap(), &query.sort);
            paged.extend(items);
            let rest = store.count_contacts(owner, &query.filter, Some((&query.sort, &position))).await.unwrap();
            assert_eq!(rest, (whole.len() - paged.len()) as u64, "{sort}");
            start = PageStart::After(position);
        }
        assert_eq!(paged, whole, "{sort}");
        let after_all = ContactQuery { start, limit: 7, ..query };
        assert!(store.list_contacts(owner, &after_all).await.unwrap().is_empty(), "{sort}");
    }
}

pub async fn missing_values_come_last(backend: &dyn Backend) {
    let store = backend.open().await;
    let owner = samples::stored_user(&*store).await.id;
    let nameless = ContactCard {
        nickname: Some(Nickname::parse("Кіт").unwrap()),
        birthday: Some("--03-01".parse().unwrap()),
        ..ContactCard::default()
    };
    let mut contacts =
        [nameless, samples::card("Яна", "Я"), samples::card("Adam", "A")].map(|draft| samples::contact(owner, draft));
    samples::store_contacts(&*store, &mut contacts).await;
    for (sort, expected) in [
        ("last_name", ["Adam", "Яна", "-"]),
        ("-last_name", ["-", "Яна", "Adam"]),
        ("birthday,first_name", ["-", "Adam", "Яна"]),
    ] {
        let query = ContactQuery { sort: sort.parse().unwrap(), ..everything() };
        assert_eq!(names(&*store, owner, &query).await, expected, "{sort}");
    }
}
