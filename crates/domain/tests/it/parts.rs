//! Long lists are read in parts: none too large, no contact twice, none missing, also during changes.

use std::collections::BTreeSet;

use domain::{
    Policy, Ports,
    contact::{
        Birthday, Contact, ContactCard, ContactQuery, Cursor, DaysAhead, Expected, Filter, MonthDay, Notes, PageStart,
        Sort, SortKey, SortValue, trash::TrashedContact,
    },
    ids::{ContactId, UserId},
    session::SignedInUser,
    use_cases::{
        AccountExport, ExportedData,
        contact::{ContactPage, ContactPageRest, UpcomingBirthday, create_contact, delete_contact},
        export_account,
        session::authenticate,
        trash::{empty_trash, purge_trashed_contact, restore_contact},
    },
};
use testkit::{
    TestEnvironment, samples,
    whole::{birthdays, contact_page, export, trash_page},
};

use crate::sessions::login_as;

const PART: usize = 96 * 1024;
const ANY: Expected = Expected::Any;

/// Room for many contacts.
fn ports(env: &TestEnvironment) -> Ports {
    Ports { policy: Policy { contact_limit: 10_000, ..Policy::default() }, ..env.ports.clone() }
}

/// A number of contacts. Every hundred are small, the others are large.
async fn address_book(ports: &Ports, owner: UserId, count: usize) -> Vec<Contact> {
    let contact = |number: usize| {
        let length = if (number / 100).is_multiple_of(2) { 1 } else { 4_000 };
        let notes = Some(Notes::parse(&"і".repeat(length)).unwrap());
        // Ten people of each name.
        let card = ContactCard { notes, ..samples::card(&format!("Олена {:03}", number / 10), "Коваль") };
        samples::contact(owner, card)
    };
    let mut contacts: Vec<Contact> = (0..count).map(contact).collect();
    samples::store_contacts(&*ports.store, &mut contacts).await;
    contacts
}

fn ids(contacts: &[Contact]) -> Vec<ContactId> {
    contacts.iter().map(|contact| contact.id).collect()
}

fn query(sort: &str, start: PageStart, limit: u64) -> ContactQuery {
    ContactQuery { filter: Filter::default(), sort: sort.parse().unwrap(), start, limit }
}

#[tokio::test]
async fn page_in_parts_is_the_same_as_a_page_at_once() {
    let env = TestEnvironment::default();
    let ports = ports(&env);
    let owner = samples::stored_user(&env.store).await.id;
    address_book(&ports, owner, 250).await;
    let sort = "-first_name";
    let whole = ports.store.list_contacts(owner, &query(sort, PageStart::Skip(0), 1000)).await.unwrap();
    for (skip, limit) in [(0, 1), (0, 100), (0, 249), (0, 250), (0, 251), (7, 200), (7, 1000), (249, 5), (250, 5)] {
        let page = contact_page(&ports, owner, query(sort, PageStart::Skip(skip), limit)).await;
        let [from, to] = [skip, skip + limit].map(|end| usize::try_from(end).unwrap().min(whole.len()));
        assert_eq!(page.contacts, whole[from..to], "{sort} {skip} {limit}");
        assert_eq!(page.total, 250);
        let last = page.contacts.last().filter(|_| to < whole.len());
        assert_eq!(page.next, last.map(|last| Cursor::at(last, &sort.parse().unwrap())), "{sort} {skip} {limit}");
    }
}

#[tokio::test]
async fn parts_are_small_and_follow_the_size_of_the_contacts() {
    let env = TestEnvironment::default();
    let ports = ports(&env);
    let owner = samples::stored_user(&env.store).await.id;
    address_book(&ports, owner, 300).await;
    let mut page = ContactPage::new(owner, query("created_at", PageStart::Skip(0), 1000));
    assert_eq!(page.next_contacts(), 25, "their size is not known");
    let mut found = Vec::new();
    loop {
        let limit = page.next_contacts();
        let part = page.read(&ports).await.unwrap();
        let largest = 4_000 * 2 + 1_000;
        let bytes: usize = part.contacts.iter().map(|contact| contact.card.as_str().len()).sum();
        assert!(bytes < PART + largest, "{bytes}");
        assert!(!part.contacts.is_empty() && part.contacts.len() as u64 <= limit.min(200));
        found.push(part.contacts.len());
        match part.rest {
            ContactPageRest::Parts(rest) => page = *rest,
            ContactPageRest::End { .. } => break,
        }
    }
    assert_eq!(found.iter().sum::<usize>(), 300);
    assert!((8..40).contains(&found.len()), "{found:?}");
}

#[tokio::test]
async fn changes_between_parts_neither_repeat_nor_skip_the_others() {
    let env = TestEnvironment::default();
    let ports = ports(&env);
    let owner = samples::stored_user(&env.store).await.id;
    let contacts = address_book(&ports, owner, 350).await;
    let mut page = ContactPage::new(owner, query("first_name", PageStart::Skip(3), 340));
    let (mut found, mut removed, mut total) = (Vec::new(), BTreeSet::new(), None);
    while total.is_none() {
        let part = page.read(&ports).await.unwrap();
        found.extend(ids(&part.contacts));
        // One before and one after the position, and the contact at the position itself.
        let position = contacts.iter().position(|contact| Some(&contact.id) == found.last()).unwrap();
        for gone in [position - 20, position, position + 20] {
            if let Some(contact) = contacts.get(gone).filter(|contact| removed.insert(contact.id)) {
                delete_contact(&ports, owner, contact.id, &ANY).await.unwrap();
            }
        }
        create_contact(&ports, owner, &samples::valid_card("Олена 000", "Коваль"), None).await.unwrap();
        page = match part.rest {
            ContactPageRest::Parts(rest) => *rest,
            ContactPageRest::End { total: counted, .. } => {
                total = Some(counted);
                break;
            }
        };
    }
    assert_eq!(total, Some(350), "counted with the first part");
    let distinct: BTreeSet<_> = found.iter().collect();
    assert_eq!(distinct.len(), found.len(), "nothing twice");
    let last = contacts.iter().position(|contact| Some(&contact.id) == found.last()).unwrap();
    let others = contacts[3..=last].iter().filter(|contact| !removed.contains(&contact.id));
    assert!(others.clone().count() > 250 && others.into_iter().all(|contact| distinct.contains(&contact.id)));
}

#[tokio::test]
async fn page_of_the_trash_is_read_in_parts() {
    let env = TestEnvironment::default();
    let ports = ports(&env);
    let owner = samples::stored_user(&env.store).await.id;
    let contacts = address_book(&ports, owner, 180).await;
    for contact in &contacts {
        delete_contact(&ports, owner, contact.id, &ANY).await.unwrap();
        env.clock.advance(chrono::Duration::seconds(1));
    }
    let latest_first: Vec<_> = ids(&contacts).into_iter().rev().collect();
    let (first, total, next) = trash_page(&ports, owner, None, 100).await;
    assert_eq!((total, next), (180, first.last().map(TrashedContact::position)));
    let (second, total, end) = trash_page(&ports, owner, next, 100).await;
    assert_eq!((total, end), (180, None));
    let found: Vec<_> = first.iter().chain(&second).map(|trashed| trashed.contact.id).collect();
    assert_eq!(found, latest_first);
}

/// Every day of the year, and both days that are observed on 28 February by several people.
#[tokio::test]
async fn birthdays_in_parts_are_sorted_by_date_and_name() {
    let env = TestEnvironment::default();
    let ports = ports(&env);
    let owner = samples::stored_user(&env.store).await.id;
    let days = (101..=1231).filter_map(MonthDay::from_ordinal);
    let leap = ["--02-28", "--02-29"].repeat(3).into_iter().map(|day| day.parse().unwrap());
    let all = days.map(Birthday::without_year).chain(leap);
    let notes = Notes::parse(&"і".repeat(1_000)).ok();
    let contact = |(number, birthday): (usize, Birthday)| {
        // The names are not in the order of the days.
        let card = samples::card(&format!("{}", number * 7919 % 1000), "Коваль");
        samples::contact(owner, ContactCard { birthday: Some(birthday), notes: notes.clone(), ..card })
    };
    let mut contacts: Vec<Contact> = all.enumerate().map(contact).collect();
    samples::store_contacts(&*ports.store, &mut contacts).await;
    for now in ["2026-02-10", "2027-02-28", "2028-02-29", "2027-01-01"] {
        env.clock.set(format!("{now}T12:00:00Z").parse().unwrap());
        let found = birthdays(&ports, owner, "UTC".parse().unwrap(), DaysAhead::new(366).unwrap()).await;
        let distinct: BTreeSet<_> = found.iter().map(|next| next.contact.id).collect();
        assert_eq!((found.len(), distinct.len()), (contacts.len(), contacts.len()), "{now}");
        let key = |next: &UpcomingBirthday| {
            let members = next.contact.card.sorted_members();
            let names = [SortKey::LastName, SortKey::FirstName].map(|key| SortValue::of(&next.contact, &members, key));
            (next.date, names, next.contact.id)
        };
        assert!(found.iter().map(key).is_sorted(), "{now}");
    }
}

async fn signed_in(env: &TestEnvironment) -> SignedInUser {
    env.verified("olena@example.com").await;
    let pair = login_as(env, "olena@example.com").await.unwrap();
    authenticate(&env.ports, &pair.access_token, TestEnvironment::client()).await.unwrap()
}

/// The ids of the contacts and of the trash in the rest of an export; `meanwhile` happens before each part.
async fn exported<F: Future<Output = ()>>(
    ports: &Ports,
    principal: &SignedInUser,
    mut meanwhile: impl FnMut(usize) -> F,
) -> (Vec<ContactId>, Vec<ContactId>) {
    let (_, _, export) = export_account(ports, principal).await.unwrap();
    let (mut contacts, mut trash, mut rest, mut parts): (_, _, Option<AccountExport>, _) =
        (Vec::new(), Vec::new(), Some(export), 0);
    while let Some(export) = rest {
        meanwhile(parts).await;
        let part = export.read(ports).await.unwrap();
        match part.data {
            ExportedData::Contacts(part) => contacts.extend(ids(&part)),
            ExportedData::Trash(part) => trash.extend(part.iter().map(|trashed| trashed.contact.id)),
            ExportedData::ReceivedCards(_)
            | ExportedData::Groups(_)
            | ExportedData::Account { .. }
            | ExportedData::Events(_) => {}
        }
        (rest, parts) = (part.rest, parts + 1);
    }
    (contacts, trash)
}

#[tokio::test]
async fn export_in_parts_is_complete() {
    let env = TestEnvironment::default();
    let ports = ports(&env);
    let olena = signed_in(&env).await;
    let contacts = address_book(&ports, olena.user.id, 700).await;
    for contact in contacts.iter().step_by(50) {
        delete_contact(&ports, olena.user.id, contact.id, &ANY).await.unwrap();
        env.clock.advance(chrono::Duration::seconds(1));
    }
    let whole = export(&ports, &olena).await.unwrap();
    let others = contacts.iter().enumerate().filter(|(number, _)| number % 50 != 0).map(|(_, contact)| contact.clone());
    assert_eq!(whole.contacts, others.collect::<Vec<_>>(), "oldest first");
    let trash: Vec<_> = whole.trash.iter().map(|trashed| trashed.contact.clone()).collect();
    assert_eq!(trash, contacts.iter().step_by(50).rev().cloned().collect::<Vec<_>>(), "the latest deleted first");
}

#[tokio::test]
async fn export_contains_each_contact_once_although_it_moves() {
    let env = TestEnvironment::default();
    let ports = &ports(&env);
    let olena = signed_in(&env).await;
    let owner = olena.user.id;
    let contacts = address_book(ports, owner, 300).await;
    let all = &ids(&contacts);
    for id in &all[..150] {
        delete_contact(ports, owner, *id, &ANY).await.unwrap();
    }
    // Before every part some of the trash are restored and some of the others are deleted, at both ends.
    let (contacts, trash) = exported(ports, &olena, async |part| {
        for number in [part * 3, 75 + part * 2, 149 - part * 2] {
            if let Some(id) = all[..150].get(number) {
                restore_contact(ports, owner, *id, &ANY).await.unwrap();
            }
        }
        for number in [150 + part * 3, 225 + part * 2, 299 - part * 2] {
            if let Some(id) = all.get(number).filter(|_| number >= 150) {
                // It may be in the trash already.
                let _ = delete_contact(ports, owner, *id, &ANY).await;
            }
        }
    })
    .await;
    let mut found: Vec<_> = contacts.iter().chain(&trash).copied().collect();
    found.sort_unstable();
    assert_eq!(found, *all);
    assert!(contacts.len() > 50 && trash.len() > 50, "{} {}", contacts.len(), trash.len());
}

#[tokio::test]
async fn export_leaves_out_what_is_deleted_permanently_meanwhile() {
    let env = TestEnvironment::default();
    let ports = &ports(&env);
    let olena = signed_in(&env).await;
    let owner = olena.user.id;
    let all = &ids(&address_book(ports, owner, 10).await);
    for id in &all[..5] {
        delete_contact(ports, owner, *id, &ANY).await.unwrap();
        env.clock.advance(chrono::Duration::seconds(1));
    }
    let purged = exported(ports, &olena, async |part| {
        if part == 1 {
            purge_trashed_contact(ports, owner, all[2]).await.unwrap();
        }
    });
    let (contacts, trash) = purged.await;
    assert_eq!((contacts, trash), (all[5..].to_vec(), [4, 3, 1, 0].map(|number| all[number]).to_vec()));
    let emptied = exported(ports, &olena, async |part| {
        if part == 1 {
            empty_trash(ports, owner).await.unwrap();
        }
    });
    assert_eq!(emptied.await, (all[5..].to_vec(), Vec::new()));
}

#[test]
fn order_by_birthday_ends_with_the_name() {
    assert_eq!(Sort::by_birthday(), "birthday,last_name,first_name".parse().unwrap());
}

#[tokio::test]
async fn first_part_of_a_list_has_a_fixed_number_of_contacts() {
    let env = TestEnvironment::default();
    let ports = ports(&env);
    let owner = samples::stored_user(&env.store).await.id;
    let mut small: Vec<Contact> = (0..120).map(|_| samples::contact(owner, samples::card("A", "B"))).collect();
    samples::store_contacts(&*ports.store, &mut small).await;
    let page = |limit| ContactPage::new(owner, query("created_at", PageStart::Skip(0), limit));
    assert_eq!([1, 50, 100, 101].map(|limit| page(limit).next_contacts()), [2, 51, 101, 25]);
    let ContactPageRest::Parts(rest) = page(120).read(&ports).await.unwrap().rest else { panic!("one part") };
    assert_eq!(rest.next_contacts(), 96, "the rest and one more: small contacts fit into one part");
    let ContactPageRest::Parts(rest) = page(1_000).read(&ports).await.unwrap().rest else { panic!("one part") };
    let size = small[0].card.as_str().len() + 200;
    assert_eq!(
        rest.next_contacts(),
        (96 * 1024 / size) as u64,
        "as many as fit into 96 KiB, with 200 bytes beside each"
    );
}
