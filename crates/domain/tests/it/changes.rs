//! The changes of an address book, and their tokens.

use domain::{
    Policy, Ports,
    contact::{
        ChangeNumber, Contact, Expected,
        changes::{Change, SyncEpoch, SyncToken},
    },
    ids::UserId,
    use_cases::{
        background::sweep,
        contact::{ChangesPage, ChangesRest, ListChangesError, delete_contact},
        trash::empty_trash,
    },
};
use testkit::{TestEnvironment, samples};
use uuid::Uuid;

async fn contacts(ports: &Ports, owner: UserId, number: usize) -> Vec<Contact> {
    let mut contacts: Vec<Contact> =
        (0..number).map(|_| samples::contact(owner, samples::card("Олена", "Коваль"))).collect();
    samples::store_contacts(&*ports.store, &mut contacts).await;
    contacts
}

/// Deletes a contact permanently.
async fn purge(ports: &Ports, owner: UserId, contact: &Contact) {
    delete_contact(ports, owner, contact.id, &Expected::Any).await.unwrap();
    empty_trash(ports, owner).await.unwrap();
}

/// Reads a page. Returns its changes, the next token, and true when there are more.
async fn page(
    ports: &Ports,
    owner: UserId,
    since: Option<SyncToken>,
    limit: u64,
) -> Result<(Vec<Change>, SyncToken, bool), ListChangesError> {
    let (mut page, mut changes) = (ChangesPage::new(owner, since, limit), Vec::new());
    loop {
        let part = page.read(ports).await?;
        changes.extend(part.changes);
        page = match part.rest {
            ChangesRest::Parts(rest) => rest,
            ChangesRest::End { next, has_more } => return Ok((changes, next, has_more)),
        };
    }
}

#[test]
fn sync_token_is_read_as_it_was_written() {
    let epoch = SyncEpoch(Uuid::from_u128(0xABC));
    let began_at = Some(ChangeNumber(i64::MAX));
    for (token, text) in [
        (SyncToken { epoch, after: ChangeNumber(0), began_at: None }, "00000000000000000000000000000abc-0"),
        (
            SyncToken { epoch, after: ChangeNumber(7), began_at },
            "00000000000000000000000000000abc-7-9223372036854775807",
        ),
    ] {
        assert_eq!(token.to_string(), text);
        assert_eq!(text.parse(), Ok(token));
        assert!(text.len() <= SyncToken::MAX_LENGTH);
    }
}

#[tokio::test]
async fn page_of_many_changes_is_read_in_parts() {
    let env = TestEnvironment::default();
    let (ports, owner) = (&env.ports, env.verified("olena@example.com").await.id);
    let contacts = contacts(ports, owner, 300).await;
    let numbers = |changes: &[Change]| changes.iter().map(|change| change.number.0).collect::<Vec<_>>();
    for limit in [1, 99, 100, 101, 299] {
        let (changes, next, has_more) = page(ports, owner, None, limit).await.unwrap();
        assert_eq!((numbers(&changes), has_more), ((1..=i64::try_from(limit).unwrap()).collect(), true), "{limit}");
        assert_eq!(next.began_at, Some(ChangeNumber(300)), "{limit}");
        let (rest, next, has_more) = page(ports, owner, Some(next), 1000).await.unwrap();
        assert_eq!((changes.len() + rest.len(), has_more), (300, false), "{limit}");
        assert_eq!((next.after, next.began_at), (ChangeNumber(300), None), "{limit}");
    }
    let (changes, next, has_more) = page(ports, owner, None, 300).await.unwrap();
    assert_eq!((changes.len(), has_more, next.began_at), (300, false, None));
    let found: Vec<&Contact> = changes.iter().filter_map(|change| change.contact.as_ref()).collect();
    assert_eq!(found, contacts.iter().collect::<Vec<_>>());
}

#[tokio::test]
async fn token_that_expires_between_two_parts_is_reported_by_the_next_request() {
    let env = TestEnvironment::default();
    let (ports, owner) = (&env.ports, env.verified("olena@example.com").await.id);
    let (_, token, _) = page(ports, owner, None, 1000).await.unwrap();
    let contacts = contacts(ports, owner, 60).await;
    let first = ChangesPage::new(owner, Some(token), 1000).read(ports).await.unwrap();
    let ChangesRest::Parts(rest) = first.rest else { panic!("{first:?}") };
    purge(ports, owner, &contacts[59]).await;
    let policy = Policy { contact_limit: 0, ..ports.policy };
    assert_eq!(sweep(&Ports { policy, ..ports.clone() }).await.unwrap().deletions, 1);

    let second = rest.read(ports).await.unwrap();
    let ChangesRest::End { next, has_more: true } = second.rest else { panic!("{second:?}") };
    assert_eq!((second.changes.len(), next.after), (0, first.changes.last().unwrap().number));
    let expired = page(ports, owner, Some(next), 1000).await;
    assert!(matches!(expired, Err(ListChangesError::TokenExpired)), "{expired:?}");
    page(ports, owner, None, 10).await.expect("it can begin again");
}

#[tokio::test]
async fn sweep_forgets_the_earliest_deletions_beyond_ten_times_the_limit() {
    let env = TestEnvironment::default();
    let ports = &Ports { policy: Policy { contact_limit: 1, ..env.ports.policy }, ..env.ports.clone() };
    let owner = env.verified("olena@example.com").await.id;
    let (_, token, _) = page(ports, owner, None, 10).await.unwrap();
    for number in 1..=11 {
        let contact = contacts(ports, owner, 1).await.remove(0);
        purge(ports, owner, &contact).await;
        assert_eq!(sweep(ports).await.unwrap().deletions, u64::from(number == 11), "{number}");
    }
    let expired = page(ports, owner, Some(token), 10).await;
    assert!(matches!(expired, Err(ListChangesError::TokenExpired)), "{expired:?}");
    let retained = page(ports, owner, Some(token.advanced_to(ChangeNumber(2))), 100).await.unwrap();
    assert_eq!(retained.0.len(), 10, "a client that has read the forgotten one continues");
}

#[tokio::test]
async fn changes_of_a_deleted_user_are_rejected() {
    let env = TestEnvironment::default();
    let missing = page(&env.ports, samples::user().id, None, 10).await;
    assert!(matches!(missing, Err(ListChangesError::OwnerNotFound)), "{missing:?}");
}

#[tokio::test]
async fn first_part_of_changes_has_a_fixed_number_of_contacts() {
    let env = TestEnvironment::default();
    let owner = env.verified("olena@example.com").await.id;
    let page = |limit| ChangesPage::new(owner, None, limit).next_contacts();
    assert_eq!([1, 100, 1_000].map(page), [2, 101, 25]);
}
