//! Pages count contacts only if they cannot know the total otherwise: a count costs a statement, and reads all that it
//! counts.

use domain::{
    contact::{ContactQuery, Cursor, Expected, Filter, PageStart, Sort},
    use_cases::contact::delete_contact,
};
use testkit::{
    TestEnvironment,
    memory::Count,
    samples,
    whole::{contact_page, trash_page},
};

const CONTACTS: usize = 10;

#[tokio::test]
async fn list_counts_what_it_has_not_read() {
    let env = TestEnvironment::default();
    let owner = env.verified("olena@example.com").await.id;
    let contact = |number: usize| samples::contact(owner, samples::card(&format!("Олена {number}"), "Коваль"));
    let mut contacts: Vec<_> = (0..CONTACTS).map(contact).collect();
    samples::store_contacts(&*env.ports.store, &mut contacts).await;
    let third = PageStart::After(Cursor::at(&contacts[2], &Sort::default()));
    for (start, limit, of_all, of_search) in [
        (PageStart::Skip(0), 10, &[][..], &[][..]),
        (PageStart::Skip(0), 9, &[Count::Contacts], &[Count::ContactsAfter]),
        (PageStart::Skip(3), 7, &[], &[]),
        (PageStart::Skip(3), 6, &[Count::Contacts], &[Count::ContactsAfter]),
        (PageStart::Skip(10), 7, &[Count::Contacts], &[Count::Contacts]),
        (third.clone(), 7, &[Count::Contacts], &[Count::Contacts]),
    ] {
        for (q, expected) in [("", of_all), ("олена", of_search)] {
            let filter = Filter { words: Filter::words(q).unwrap(), ..Filter::default() };
            let query = ContactQuery { filter, sort: Sort::default(), start: start.clone(), limit };
            env.store.take_counts();
            assert_eq!(contact_page(&env.ports, owner, query).await.total, 10);
            assert_eq!(env.store.take_counts(), expected, "{q}, {limit} contacts from {start:?}");
        }
    }
}

#[tokio::test]
async fn trash_is_counted_unless_its_first_part_is_the_whole() {
    let env = TestEnvironment::default();
    let owner = env.verified("olena@example.com").await.id;
    let mut contacts = [1, 2, 3].map(|_| samples::contact(owner, samples::card("Олена", "Коваль")));
    samples::store_contacts(&*env.ports.store, &mut contacts).await;
    for contact in &contacts {
        delete_contact(&env.ports, owner, contact.id, &Expected::Any).await.unwrap();
    }
    for (limit, expected) in [(4, &[][..]), (3, &[]), (2, &[Count::Trash])] {
        env.store.take_counts();
        let (contacts, total, next) = trash_page(&env.ports, owner, None, limit).await;
        assert_eq!((total, env.store.take_counts()), (3, expected.to_vec()), "{limit} contacts");
        if let Some(next) = next {
            let (rest, total, _) = trash_page(&env.ports, owner, Some(next), limit).await;
            assert_eq!((contacts.len() + rest.len(), total), (3, 3));
            assert_eq!(env.store.take_counts(), [Count::Trash]);
        }
    }
}
