//! Single contacts.

use std::{ops::RangeInclusive, time::Duration as StdDuration};

use chrono::Duration;
use domain::{
    contact::{
        AddressLine, Birthday, ChangeNumber, Contact, ContactCard, ContactQuery, Creation, Cursor, Filter, JobTitle,
        Label, LabeledAddress, LabeledLink, Link, MonthDay, Nickname, Notes, Organization, PageStart, PersonName, Sort,
        Tag,
    },
    ids::{ContactId, UserId},
    picture::PictureKey,
    store::UnitOfWork,
};

use super::{Backend, at_once};
use crate::samples;

fn complete() -> ContactCard {
    let line = |text: &str| Some(AddressLine::parse(text).unwrap());
    let mut card = samples::full_card("Їжак", "Ґудзь", "Yizhak@Example.com", "+380 (67) 111-22-33");
    card.emails[0].label = Some(Label::parse("дім").unwrap());
    ContactCard {
        middle_name: Some(PersonName::parse("Іванович").unwrap()),
        nickname: Some(Nickname::parse("O'Brien \"%_\\\"").unwrap()),
        organization: Some(Organization::parse("ТОВ «Калина»").unwrap()),
        job_title: Some(JobTitle::parse("садівник").unwrap()),
        addresses: vec![LabeledAddress {
            street: line("вул. Хрещатик, 1"),
            city: line("Київ"),
            postal_code: line("01001"),
            ..LabeledAddress::default()
        }],
        urls: vec![LabeledLink { label: None, url: Link::parse("https://example.com/їжак?a=b").unwrap() }],
        birthday: Some("--02-29".parse().unwrap()),
        notes: Some(Notes::parse("перший рядок\nдругий").unwrap()),
        tags: vec![Tag::parse("Родина").unwrap(), Tag::parse("work").unwrap()],
        favorite: true,
        ..card
    }
}

pub async fn every_field_of_a_contact_is_stored(backend: &dyn Backend) {
    let store = backend.open().await;
    let owner = samples::stored_user(&*store).await.id;
    let photo = Some(PictureKey::avatar(samples::id()));
    let born: Birthday = "0001-01-01".parse().unwrap();
    let mut contacts = [
        Contact { photo, ..samples::contact(owner, complete()) },
        samples::contact(owner, ContactCard { birthday: Some(born), ..samples::card("Леся", "Українка") }),
        samples::contact(
            owner,
            ContactCard { first_name: Some(PersonName::parse("Сам").unwrap()), ..ContactCard::default() },
        ),
    ];
    samples::store_contacts(&*store, &mut contacts).await;
    for contact in contacts {
        assert_eq!(store.find_contact(owner, contact.id).await.unwrap(), Some(contact.clone()));
        let mut unit = store.begin().await.unwrap();
        assert_eq!(unit.lock_contact(owner, contact.id).await.unwrap(), Some(contact));
    }
}

pub async fn contacts_of_other_users_are_not_found(backend: &dyn Backend) {
    let store = backend.open().await;
    let (owner, other_user) = (samples::stored_user(&*store).await.id, samples::stored_user(&*store).await.id);
    let mut contact = samples::contact(owner, complete());
    samples::store_contacts(&*store, std::slice::from_mut(&mut contact)).await;
    assert_eq!(store.find_contact(other_user, contact.id).await.unwrap(), None);
    for birthday in [None, Some(MonthDay::FIRST..=MonthDay::LAST)] {
        let (filter, start) = (Filter { birthday, ..Filter::default() }, PageStart::Skip(0));
        let query = ContactQuery { filter, sort: Sort::default(), start, limit: 10 };
        assert_eq!(store.list_contacts(other_user, &query).await.unwrap(), []);
        assert_eq!(store.count_contacts(other_user, &query.filter, None).await.unwrap(), 0);
    }
    let mut unit = store.begin().await.unwrap();
    let taken = unit.take_change_numbers(other_user, 1, 0).await.unwrap().unwrap();
    assert_eq!(taken.contacts, 0);
    assert_eq!(unit.lock_contact(other_user, contact.id).await.unwrap(), None);
    let card = samples::valid_card("Stolen", "Card").to_json();
    let renamed = Contact { owner: other_user, card, change: taken.first, ..contact.clone() };
    assert!(unit.update_contact(&renamed).await.is_err(), "a contact of another user");
    unit.commit().await.unwrap();
    assert_eq!(store.find_contact(owner, contact.id).await.unwrap(), Some(contact));
}

pub async fn contact_update_is_stored(backend: &dyn Backend) {
    let store = backend.open().await;
    let owner = samples::stored_user(&*store).await.id;
    let mut contact = samples::contact(owner, samples::card("Old", "Name"));
    samples::store_contacts(&*store, std::slice::from_mut(&mut contact)).await;
    let mut unit = store.begin().await.unwrap();
    let changed = Contact {
        card: samples::valid(complete()).to_json(),
        change: unit.take_change_numbers(owner, 1, 0).await.unwrap().unwrap().first,
        updated_at: samples::now() + Duration::microseconds(1),
        ..contact
    };
    unit.lock_contact(owner, changed.id).await.unwrap().unwrap();
    unit.update_contact(&changed).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(store.find_contact(owner, changed.id).await.unwrap(), Some(changed));
}

pub async fn several_contacts_are_locked_and_updated_at_once(backend: &dyn Backend) {
    let store = backend.open().await;
    let (owner, other_user) = (samples::stored_user(&*store).await.id, samples::stored_user(&*store).await.id);
    let photo = || Some(PictureKey::photo(samples::id()));
    let contact = |owner| Contact { photo: photo(), ..samples::contact(owner, samples::card("Old", "Name")) };
    // More than fit in one statement.
    let mut own: Vec<Contact> = (0..501).map(|_| contact(owner)).collect();
    let mut foreign = contact(other_user);
    samples::store_contacts(&*store, &mut own).await;
    samples::store_contacts(&*store, std::slice::from_mut(&mut foreign)).await;
    let card = samples::valid(complete()).to_json();
    let updated_at = samples::now() + Duration::microseconds(1);
    let mut unit = store.begin().await.unwrap();
    let taken = unit.take_change_numbers(owner, 500, 0).await.unwrap().unwrap();
    let change = |(index, old): (usize, &Contact)| Contact {
        card: card.clone(),
        change: taken.number(index),
        updated_at,
        ..old.clone()
    };
    assert!(unit.lock_contacts(owner, &[]).await.unwrap().is_empty());
    let ids = [own[1].id, foreign.id, own[0].id, ContactId(samples::id())];
    let mut locked = unit.lock_contacts(owner, &ids).await.unwrap();
    locked.sort_by_key(|contact| contact.id);
    assert_eq!(locked, own[..2]);
    let changed: Vec<Contact> = own[1..].iter().enumerate().map(change).collect();
    unit.update_contacts(&changed).await.unwrap();
    unit.commit().await.unwrap();
    for expected in [&own[0], &changed[0], changed.last().unwrap()] {
        assert_eq!(store.find_contact(owner, expected.id).await.unwrap().as_ref(), Some(expected));
    }
    let mut unit = store.begin().await.unwrap();
    let change = unit.take_change_numbers(other_user, 1, 0).await.unwrap().unwrap().first;
    let stolen = Contact { owner: other_user, change, ..own[0].clone() };
    assert!(unit.update_contacts(&[stolen]).await.is_err(), "a contact of another user");
    let _ = unit.commit().await;
    assert_eq!(store.find_contact(owner, own[0].id).await.unwrap().as_ref(), Some(&own[0]));
    assert_eq!(store.find_contact(other_user, own[0].id).await.unwrap(), None);
}

pub async fn second_lock_of_several_contacts_waits(backend: &dyn Backend) {
    let store = backend.open().await;
    let owner = samples::stored_user(&*store).await.id;
    let mut contacts = [(); 3].map(|()| samples::contact(owner, samples::card("A", "B")));
    samples::store_contacts(&*store, &mut contacts).await;
    let mut first = store.begin().await.unwrap();
    let change = first.take_change_numbers(owner, 1, -1).await.unwrap().unwrap().first;
    let held = first.lock_contacts(owner, &[contacts[0].id, contacts[1].id]).await.unwrap();
    assert_eq!(held.len(), 2);
    let other = backend.open().await;
    let ids = [contacts[2].id, contacts[1].id];
    let second = tokio::spawn(async move {
        let mut unit = other.begin().await.unwrap();
        unit.lock_contacts(owner, &ids).await.unwrap().len()
    });
    tokio::time::sleep(StdDuration::from_millis(200)).await;
    assert!(!second.is_finished(), "the second locker must wait");
    first.trash_contacts(owner, &[(contacts[1].id, change)], samples::now()).await.unwrap();
    first.commit().await.unwrap();
    assert_eq!(second.await.unwrap(), 1, "it reads what the first wrote");
}

async fn insert(unit: &mut dyn UnitOfWork, owner: UserId, change: ChangeNumber) {
    let contact = samples::contact(owner, samples::card("One", "More"));
    unit.insert_contacts(&[Contact { change, ..contact }]).await.unwrap();
}

/// A second counter waits, and a race of counters does not exceed the limit.
pub async fn contact_count_is_changed_and_locked(backend: &dyn Backend) {
    const LIMIT: u64 = 20;
    let store = backend.open().await;
    let (owner, other_user) = (samples::stored_user(&*store).await.id, samples::stored_user(&*store).await.id);
    let mut first = store.begin().await.unwrap();
    assert_eq!(first.take_change_numbers(samples::user().id, 1, 1).await.unwrap(), None, "no such owner");
    for (added, contacts) in [(0, 0), (3, 3), (-2, 1)] {
        assert_eq!(first.take_change_numbers(owner, 1, added).await.unwrap().unwrap().contacts, contacts);
    }
    let other = backend.open().await;
    let second =
        tokio::spawn(async move { other.begin().await.unwrap().take_change_numbers(owner, 1, 1).await.unwrap() });
    tokio::time::sleep(StdDuration::from_millis(200)).await;
    assert!(!second.is_finished(), "the second counter must wait");
    insert(&mut *first, owner, ChangeNumber(1)).await;
    first.commit().await.unwrap();
    assert_eq!(second.await.unwrap().map(|found| found.contacts), Some(2));

    let outcomes = at_once(backend, 64, |store, _| async move {
        let mut unit = store.begin().await.unwrap();
        // The dropped unit of the second counter counts nothing.
        let taken = unit.take_change_numbers(owner, 1, 1).await.unwrap().unwrap();
        let has_room = taken.contacts <= LIMIT;
        if has_room {
            insert(&mut *unit, owner, taken.first).await;
            unit.commit().await.unwrap();
        }
        has_room
    })
    .await;
    assert_eq!(outcomes.into_iter().filter(|let_in| *let_in).count(), 19);
    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.take_change_numbers(owner, 1, 0).await.unwrap().map(|found| found.contacts), Some(LIMIT));
    assert_eq!(
        unit.take_change_numbers(other_user, 1, 0).await.unwrap().map(|found| found.contacts),
        Some(0),
        "each owner has a count"
    );
}

/// An own limit precedes the general one. A rejected contact takes no number.
pub async fn new_contact_takes_a_number_within_the_limit(backend: &dyn Backend) {
    const LIMIT: u64 = 12;
    let store = backend.open().await;
    let (owner, other_user) = (samples::stored_user(&*store).await.id, samples::stored_user(&*store).await.id);
    let new = |owner| samples::contact(owner, samples::card("One", "More"));
    let (first, second) = (new(owner), new(owner));
    for (number, contact) in [(1, &first), (2, &second)] {
        let expected = Contact { change: ChangeNumber(number), ..contact.clone() };
        assert_eq!(store.create_contact(contact.clone(), LIMIT).await.unwrap(), Creation::Created(expected.clone()));
        assert_eq!(store.find_contact(owner, contact.id).await.unwrap(), Some(expected));
    }
    let unknown = new(samples::user().id);
    assert_eq!(store.create_contact(unknown.clone(), LIMIT).await.unwrap(), Creation::OwnerNotFound);
    assert_eq!(store.find_contact(unknown.owner, unknown.id).await.unwrap(), None);

    let outcomes =
        at_once(backend, 48, |store, _| async move { store.create_contact(new(owner), LIMIT).await.unwrap() });
    let mut numbers = vec![1, 2];
    for outcome in outcomes.await {
        match outcome {
            Creation::Created(contact) => numbers.push(contact.change.0),
            rejected => assert_eq!(rejected, Creation::LimitReached(LIMIT)),
        }
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=12).collect::<Vec<i64>>());

    for (own, expected) in [(Some(12), Some(12)), (Some(13), None), (Some(2), Some(2)), (None, Some(1))] {
        let mut unit = store.begin().await.unwrap();
        unit.set_contact_limit(owner, own).await.unwrap();
        unit.commit().await.unwrap();
        match (store.create_contact(new(owner), 1).await.unwrap(), expected) {
            (Creation::Created(contact), None) => assert_eq!(contact.change, ChangeNumber(13)),
            (created, expected) => assert_eq!(created, Creation::LimitReached(expected.unwrap()), "{own:?}"),
        }
    }
    let mut unit = store.begin().await.unwrap();
    let taken = unit.take_change_numbers(owner, 1, 0).await.unwrap().unwrap();
    assert_eq!((taken.first, taken.contacts), (ChangeNumber(14), 13), "rejected contacts took no number");
    drop(unit);
    assert!(matches!(store.create_contact(new(other_user), 1).await.unwrap(), Creation::Created(_)));
}

pub async fn birthdays_are_found_in_ranges(backend: &dyn Backend) {
    let store = backend.open().await;
    let owner = samples::stored_user(&*store).await.id;
    let born = |birthday: &str| {
        let birthday: Option<Birthday> = (!birthday.is_empty()).then(|| birthday.parse().unwrap());
        samples::contact(owner, ContactCard { birthday, ..samples::card("Born", "Then") })
    };
    let mut contacts: Vec<Contact> =
        ["2000-02-29", "--02-28", "1990-12-31", "--01-01", "1985-06-15", ""].into_iter().map(born).collect();
    samples::store_contacts(&*store, &mut contacts).await;
    let day = |ordinal: u32| MonthDay::from_ordinal(ordinal).unwrap();
    let cases: [(RangeInclusive<MonthDay>, &[usize]); 6] = [
        (day(228)..=day(228), &[1]),
        (day(228)..=day(229), &[0, 1]),
        (day(1231)..=day(1231), &[2]),
        (day(101)..=day(101), &[3]),
        (day(102)..=day(227), &[]),
        (MonthDay::FIRST..=MonthDay::LAST, &[0, 1, 2, 3, 4]),
    ];
    for (days, expected) in cases {
        let filter = Filter { birthday: Some(days.clone()), ..Filter::default() };
        let query = ContactQuery { filter, sort: Sort::by_creation(), start: PageStart::Skip(0), limit: 10 };
        let found = store.list_contacts(owner, &query).await.unwrap();
        let expected: Vec<Contact> = expected.iter().map(|index| contacts[*index].clone()).collect();
        assert_eq!(found, expected, "{days:?}");
        assert_eq!(store.count_contacts(owner, &query.filter, None).await.unwrap(), expected.len() as u64, "{days:?}");
    }
}

pub async fn queries_are_listed_in_sequence(backend: &dyn Backend) {
    let store = backend.open().await;
    let (owner, other_user) = (samples::stored_user(&*store).await.id, samples::stored_user(&*store).await.id);
    let born = |owner, birthday: &str, name: &str| {
        let birthday = Some(birthday.parse().unwrap());
        samples::contact(owner, ContactCard { birthday, ..samples::card("Born", name) })
    };
    let mut contacts: Vec<Contact> =
        [("--12-31", "A"), ("--12-30", "B"), ("--12-30", "A"), ("--01-02", "A"), ("--02-29", "A"), ("--02-28", "B")]
            .map(|(birthday, name)| born(owner, birthday, name))
            .to_vec();
    samples::store_contacts(&*store, &mut contacts).await;
    samples::store_contacts(&*store, &mut [born(other_user, "--12-30", "A")]).await;
    let day = |ordinal: u32| MonthDay::from_ordinal(ordinal).unwrap();
    let query = |days, sort, limit| ContactQuery {
        filter: Filter { birthday: Some(days), ..Filter::default() },
        sort,
        start: PageStart::Skip(0),
        limit,
    };
    let queries = |limit| {
        let parts = [day(1201)..=day(1231), day(101)..=day(227)];
        let [december, january] = parts.map(|days| query(days, Sort::by_birthday(), limit));
        [december, january, query(day(228)..=day(229), Sort::default(), limit)]
    };
    let after = |contact: &Contact| {
        let mut queries = queries(10);
        queries[0].start = PageStart::After(Cursor::at(contact, &Sort::by_birthday()));
        queries
    };
    let cases: [(Vec<ContactQuery>, u64, &[usize]); 7] = [
        (queries(10).to_vec(), 10, &[2, 1, 0, 3, 4, 5]),
        (queries(10).to_vec(), 4, &[2, 1, 0, 3]),
        (queries(1).to_vec(), 10, &[2, 3, 4]),
        (queries(10)[1..2].to_vec(), 10, &[3]),
        (queries(10)[..1].to_vec(), 2, &[2, 1]),
        (after(&contacts[1]).to_vec(), 10, &[0, 3, 4, 5]),
        (Vec::new(), 10, &[]),
    ];
    for (queries, limit, expected) in cases {
        let found = store.list_in_sequence(owner, &queries, limit).await.unwrap();
        let expected: Vec<Contact> = expected.iter().map(|index| contacts[*index].clone()).collect();
        assert_eq!(found, expected, "{queries:?} {limit}");
    }
}

pub async fn tags_are_counted_by_spelling(backend: &dyn Backend) {
    let store = backend.open().await;
    let (owner, other_user) = (samples::stored_user(&*store).await.id, samples::stored_user(&*store).await.id);
    let tagged = |owner, tags: &[&str]| {
        let tags = tags.iter().map(|tag| Tag::parse(tag).unwrap()).collect();
        samples::contact(owner, ContactCard { tags, ..samples::card("Леся", "Українка") })
    };
    assert_eq!(store.tag_spellings(owner).await.unwrap(), []);
    let mut contacts = [
        tagged(owner, &["Друзі", "work"]),
        tagged(owner, &["друзі"]),
        tagged(owner, &["work", "a\"b'c\\%", "Друзі"]),
        tagged(owner, &[]),
        tagged(other_user, &["work", "чуже"]),
    ];
    samples::store_contacts(&*store, &mut contacts).await;
    let mut found = store.tag_spellings(owner).await.unwrap();
    found.sort_by(|left, right| left.tag.as_str().cmp(right.tag.as_str()));
    let found: Vec<(&str, u64)> = found.iter().map(|spelling| (spelling.tag.as_str(), spelling.count)).collect();
    assert_eq!(found, [("a\"b'c\\%", 1), ("work", 2), ("Друзі", 2), ("друзі", 1)]);
}
