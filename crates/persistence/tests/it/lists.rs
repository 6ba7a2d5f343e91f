//! Lists are the same on SQLite, on PostgreSQL and in memory.

use std::sync::Arc;

use domain::{
    contact::{
        Contact, ContactCard, ContactQueries, ContactQuery, Cursor, Filter, LabeledEmail, LabeledPhone, MonthDay,
        PageStart, Sort,
    },
    ids::{ContactId, UserId},
    store::Store,
};
use sea_orm::ConnectionTrait as _;
use testkit::{memory::MemoryStore, samples};

use crate::{
    databases::{Kind, TestDatabase, with},
    migrations::write_as_an_earlier_version,
};

on_both!(
    search_wildcards_match_literally,
    contact_pages_agree_with_the_memory_store,
    pages_of_contacts_of_an_earlier_version_show_each_once,
);

/// A small generator of numbers (xorshift64*), the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33).unwrap() % end
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> Option<&'a str> {
        of.get(self.below(of.len() + 1)).copied()
    }
}

const NAMES: [&str; 14] = [
    "Їжакевич",
    "Іваненко",
    "Ґалаґан",
    "Гончар",
    "Єва",
    "Ева",
    "éva",
    "Eva",
    "EVA",
    "Zoë",
    "Öz",
    "Straße",
    "100%",
    "李",
];
const EMAILS: [&str; 3] = ["eva@example.com", "Zoe_Z@example.org", "її@приклад.укр"];
const PHONES: [&str; 3] = ["+380 44 123-45-67", "(044) 765 43 21", "101"];
const TAGS: [&str; 4] = ["friends", "Друзі", "friend", "a_b"];
const BIRTHDAYS: [&str; 5] = ["1990-02-28", "--02-29", "2000-12-31", "--01-01", "1985-06-15"];
const NOTES: [&str; 3] = ["met at 100% café", "дзвонити після 18:00", "back\\slash under_score"];
const SORTS: [&str; 9] = [
    "last_name,first_name",
    "-last_name,first_name",
    "first_name",
    "-first_name,-last_name",
    "created_at",
    "-created_at",
    "-updated_at,last_name",
    "birthday,-created_at",
    "-birthday,last_name,first_name,created_at,updated_at",
];

fn card(random: &mut Random) -> ContactCard {
    let email = |address: &str| LabeledEmail { label: None, address: address.parse().unwrap() };
    let phone = |number: &str| LabeledPhone { label: None, number: number.parse().unwrap() };
    let emails = random.pick(&EMAILS).map(email).into_iter().collect();
    let phones = random.pick(&PHONES).map(phone).into_iter().collect();
    ContactCard {
        first_name: random.pick(&NAMES).map(|name| name.parse().unwrap()),
        last_name: random.pick(&NAMES).map(|name| name.parse().unwrap()),
        nickname: Some("x".parse().unwrap()),
        emails,
        phones,
        birthday: random.pick(&BIRTHDAYS).map(|day| day.parse().unwrap()),
        notes: random.pick(&NOTES).map(|notes| notes.parse().unwrap()),
        tags: random.pick(&TAGS).map(|tag| tag.parse().unwrap()).into_iter().collect(),
        favorite: random.below(3) == 0,
        ..ContactCard::default()
    }
}

fn contacts(owner: UserId, random: &mut Random) -> Vec<Contact> {
    // From none to six digits after the second, several contacts at each moment.
    const MICROSECONDS: [i64; 6] = [0, 1, 10, 100_000, 123_456, 1_000_000];
    let moment = |random: &mut Random| {
        samples::now() + chrono::Duration::microseconds(MICROSECONDS[random.below(MICROSECONDS.len())])
    };
    (0..50)
        .map(|_| {
            let contact = samples::contact(owner, card(random));
            Contact { created_at: moment(random), updated_at: moment(random), ..contact }
        })
        .collect()
}

fn filter(random: &mut Random) -> Filter {
    const QUERIES: [&str; 9] = ["ева", "іва", "eva", "example.com", "12345", "%", "_", "\\", "100 e"];
    let some = |random: &mut Random| random.below(4) == 0;
    Filter {
        words: if some(random) { Filter::words(QUERIES[random.below(QUERIES.len())]).unwrap() } else { Vec::new() },
        first_name: some(random).then(|| Filter::part(NAMES[random.below(NAMES.len())]).unwrap()),
        last_name: some(random).then(|| Filter::part(["а", "e", "%"][random.below(3)]).unwrap()),
        email: some(random).then(|| Filter::part(["EXAMPLE", "_"][random.below(2)]).unwrap()),
        phone: some(random).then(|| Filter::phone(["044", "38044", "1-0-1"][random.below(3)]).unwrap()),
        tag: some(random).then(|| Filter::tag(["FRIENDS", "друзі", "a_b", "axb"][random.below(4)]).unwrap()),
        favorite: some(random).then(|| random.below(2) == 0),
        birthday: some(random).then(|| MonthDay::FIRST..=[MonthDay::LEAP_DAY, MonthDay::LAST][random.below(2)]),
    }
}

/// Every page from the start to the end, by cursor, each with the number of contacts after it; and the total.
async fn walk(
    store: &dyn Store,
    owner: UserId,
    filter: &Filter,
    sort: &Sort,
    limit: u64,
) -> (Vec<(Vec<Contact>, u64)>, u64) {
    let mut pages = Vec::new();
    let mut start = PageStart::Skip(0);
    loop {
        let query = ContactQuery { filter: filter.clone(), sort: sort.clone(), start, limit };
        let items = store.list_contacts(owner, &query).await.unwrap();
        let Some(last) = items.last() else {
            pages.push((items, 0));
            return (pages, store.count_contacts(owner, filter, None).await.unwrap());
        };
        let position = Cursor::at(last, sort);
        let rest = store.count_contacts(owner, filter, Some((sort, &position))).await.unwrap();
        pages.push((items, rest));
        start = PageStart::After(position);
    }
}

async fn contact_pages_agree_with_the_memory_store(database: Arc<TestDatabase>) {
    let (store, memory) = (database.store().await, MemoryStore::default());
    let mut random = Random(0x5EED);
    let [user, other_user] = [samples::user(), samples::user()];
    let hash = domain::account::PasswordHash("hash".to_owned());
    let mut all: Vec<Contact> =
        [user.id, other_user.id].iter().flat_map(|owner| contacts(*owner, &mut random)).collect();
    for store in [&store as &dyn Store, &memory] {
        let mut unit = store.begin().await.unwrap();
        for user in [&user, &other_user] {
            unit.insert_user(user, &hash).await.unwrap();
        }
        unit.commit().await.unwrap();
        samples::store_contacts(store, &mut all).await;
    }
    let mut found = 0;
    for round in 0..45 {
        let filter = if round < SORTS.len() { Filter::default() } else { filter(&mut random) };
        let sort: Sort = SORTS[round % SORTS.len()].parse().unwrap();
        let limit = [3, 7, 40, 1000][random.below(4)];
        let expected = walk(&memory, user.id, &filter, &sort, limit).await;
        assert_eq!(walk(&store, user.id, &filter, &sort, limit).await, expected, "{filter:?} {sort:?} {limit}");
        found += usize::from(expected.0.len() > 1);

        for skip in [3, 49, 50, u64::MAX] {
            let start = PageStart::Skip(skip);
            let query = ContactQuery { filter: filter.clone(), sort: sort.clone(), start, limit };
            let expected = memory.list_contacts(user.id, &query).await.unwrap();
            assert_eq!(store.list_contacts(user.id, &query).await.unwrap(), expected, "{query:?}");
        }
    }
    assert!(found > 15, "too few of the queries found anything: {found}");
}

async fn search_wildcards_match_literally(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let owner = samples::stored_user(&store).await.id;
    let names = ["100%", "1000", "a_b", "axb", "c\\d", "c\\\\d", "O'Neil"];
    let mut contacts: Vec<Contact> =
        names.iter().map(|name| samples::contact(owner, samples::card(name, "Koval"))).collect();
    samples::store_contacts(&store, &mut contacts).await;
    let cases: [(&str, &[&str]); 7] = [
        ("%", &["100%"]),
        ("0%", &["100%"]),
        ("_", &["a_b"]),
        ("a_b", &["a_b"]),
        ("\\", &["c\\d", "c\\\\d"]),
        ("\\\\", &["c\\\\d"]),
        ("o'n", &["O'Neil"]),
    ];
    for (text, expected) in cases {
        let by_word = Filter { words: Filter::words(text).unwrap(), ..Filter::default() };
        let by_part = Filter { first_name: Some(Filter::part(text).unwrap()), ..Filter::default() };
        for filter in [by_word, by_part] {
            let sort = "created_at".parse().unwrap();
            let query = ContactQuery { filter, sort, start: PageStart::Skip(0), limit: 100 };
            let page = store.list_contacts(owner, &query).await.unwrap();
            let found: Vec<String> = page
                .iter()
                .map(|contact| contact.card.parse().unwrap().first_name.unwrap().as_str().to_owned())
                .collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}

/// Walks a list page by page, each of one contact. Returns the ids in their order.
async fn walked(store: &dyn Store, owner: UserId, sort: &Sort, count: usize) -> Vec<ContactId> {
    let (mut start, mut ids) = (PageStart::Skip(0), Vec::new());
    // One page more than there are contacts: the last one is empty.
    for _ in 0..=count {
        let query = ContactQuery { filter: Filter::default(), sort: sort.clone(), start, limit: 1 };
        let page = store.list_contacts(owner, &query).await.unwrap();
        let Some(contact) = page.first() else { return ids };
        ids.push(contact.id);
        let position = Cursor::at(contact, sort);
        let rest = store.count_contacts(owner, &query.filter, Some((sort, &position))).await.unwrap();
        assert_eq!(rest, (count - ids.len()) as u64, "{sort:?} after {ids:?}");
        start = PageStart::After(position);
    }
    panic!("{sort:?} does not end: {ids:?}");
}

/// The store sorts by what it has stored, until the contacts are reindexed.
async fn pages_of_contacts_of_an_earlier_version_show_each_once(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let owner = samples::stored_user(&store).await.id;
    let names = [("F", "A"), ("E", "B"), ("D", "C"), ("C", "D"), ("B", "E"), ("A", "F")];
    let mut contacts = names.map(|(first, last)| samples::contact(owner, samples::card(first, last)));
    samples::store_contacts(&store, &mut contacts).await;
    let ids = contacts.each_ref().map(|contact| contact.id);
    let mut reversed = ids;
    reversed.reverse();
    // The stored order of the last names is that of the first names.
    write_as_an_earlier_version(&database).await;
    let raw = database.raw().await;
    for unreadable in [None, Some(r#"{"first_name":"C","last_name":5}"#)] {
        if let Some(card) = unreadable {
            let of_one = r#"card LIKE '%"first_name":"C"%'"#;
            raw.execute_unprepared(&format!("UPDATE contacts SET card = '{card}' WHERE {of_one}")).await.unwrap();
        }
        for (sort, expected) in [
            ("last_name,first_name", reversed),
            ("-last_name,first_name", ids),
            ("first_name", reversed),
            ("birthday,-last_name", ids),
            ("created_at,last_name", reversed),
        ] {
            let sort: Sort = sort.parse().unwrap();
            assert_eq!(walked(&store, owner, &sort, ids.len()).await, expected, "{sort:?} {unreadable:?}");
            let query = ContactQuery { filter: Filter::default(), sort, start: PageStart::Skip(0), limit: 3 };
            let list = store.list_contacts(owner, &query).await.unwrap();
            let sequence = store.list_in_sequence(owner, &[query.clone(), query], 6).await.unwrap();
            assert_eq!(sequence, [&list[..], &list[..]].concat());
        }
    }
    raw.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cursor_remains_valid_while_contacts_change() {
    with(Kind::Sqlite, async |database: Arc<TestDatabase>| {
        let store = database.store().await;
        let owner = samples::stored_user(&store).await.id;
        let mut contacts: Vec<Contact> =
            ["A", "B", "C", "D"].iter().map(|name| samples::contact(owner, samples::card("X", name))).collect();
        samples::store_contacts(&store, &mut contacts).await;
        let cursor = Cursor::at(&contacts[1], &Sort::default());
        let mut unit = store.begin().await.unwrap();
        let taken = unit.take_change_numbers(owner, 2, 0).await.unwrap().unwrap();
        unit.trash_contacts(owner, &[(contacts[1].id, taken.first)], samples::now()).await.unwrap();
        let new = samples::contact(owner, samples::card("X", "AA"));
        unit.insert_contacts(&[Contact { change: taken.number(1), ..new }]).await.unwrap();
        unit.commit().await.unwrap();
        let (filter, start) = (Filter::default(), PageStart::After(cursor));
        let query = ContactQuery { filter, sort: Sort::default(), start, limit: 10 };
        assert_eq!(store.list_contacts(owner, &query).await.unwrap(), contacts[2..]);
        assert_eq!(store.count_contacts(owner, &query.filter, None).await.unwrap(), 4);
    })
    .await;
}
