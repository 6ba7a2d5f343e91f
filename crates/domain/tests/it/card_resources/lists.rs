//! Lists of the cards of an address book, and of what changed since a token.

use domain::{
    Ports,
    account::User,
    contact::{
        ChangeNumber, Expected,
        card_resource::PutContact,
        changes::SyncToken,
        received::{CardVersion, ReceivedText},
    },
    use_cases::{
        card_resource::{CardReading, CardSync, CardSyncError, CardSyncRest, current_sync_token, delete_card},
        contact::create_contact,
        trash::{empty_trash, restore_contact},
    },
};
use testkit::{TestEnvironment, samples};

use super::{ANY, contact_in, found, name, put, put_group, sent};
use crate::pictures::olena;

/// Reads the changes after a token. Returns the names, those that were removed with a minus, and the next token.
pub(super) async fn changes(
    ports: &Ports,
    owner: &User,
    since: Option<SyncToken>,
    limit: Option<u64>,
) -> (Vec<String>, SyncToken, bool) {
    read_all(ports, CardSync::new(owner.id, since, limit).in_parts_of(2)).await
}

/// Reads all parts of a list.
async fn read_all(ports: &Ports, mut sync: CardSync) -> (Vec<String>, SyncToken, bool) {
    let mut names = Vec::new();
    loop {
        let part = sync.read(ports).await.unwrap();
        names.extend(part.changes.into_iter().map(|change| {
            let sign = if change.target.is_none() { "-" } else { "" };
            format!("{sign}{}", change.name.as_str())
        }));
        sync = match part.rest {
            CardSyncRest::Parts(rest) => rest,
            CardSyncRest::End { next, is_truncated } => return (names, next, is_truncated),
        };
    }
}

#[tokio::test]
async fn card_deleted_while_a_list_is_read_is_removed_by_the_next_answer() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await;
    for name in ["a.vcf", "b.vcf", "c.vcf"] {
        put(&env.ports, &owner, name, &ANY, sent("Леся")).await.unwrap();
    }
    let part = CardSync::new(owner.id, None, None).in_parts_of(1).read(&env.ports).await.unwrap();
    assert_eq!(part.changes.len(), 1);
    delete_card(&env.ports, owner.id, &name("a.vcf"), &ANY).await.unwrap();
    put(&env.ports, &owner, "b.vcf", &ANY, sent("Змінена")).await.unwrap();
    let (mut rest, mut names) = (part.rest, Vec::new());
    let token = loop {
        match rest {
            CardSyncRest::Parts(next) => {
                let part = next.read(&env.ports).await.unwrap();
                names.extend(part.changes.into_iter().map(|change| change.name));
                rest = part.rest;
            }
            CardSyncRest::End { next, .. } => break next,
        }
    };
    assert_eq!(names, [name("c.vcf")], "the list has what did not change meanwhile");
    let (names, _, _) = changes(&env.ports, &owner, Some(token), None).await;
    assert_eq!(names, ["-a.vcf", "b.vcf"]);
}

#[tokio::test]
async fn list_without_a_token_has_each_card_once_even_if_it_changes_meanwhile() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await;
    for name in ["a.vcf", "b.vcf", "c.vcf"] {
        put(&env.ports, &owner, name, &ANY, sent("Леся")).await.unwrap();
    }
    let (mut reading, mut names) = (Some(CardSync::listing(owner.id).in_parts_of(1)), Vec::new());
    while let Some(next) = reading {
        let part = next.read(&env.ports).await.unwrap();
        names.extend(part.changes.into_iter().map(|change| change.name));
        reading = match part.rest {
            CardSyncRest::Parts(rest) => Some(rest),
            CardSyncRest::End { .. } => None,
        };
        if names.len() == 1 {
            for changed in ["a.vcf", "b.vcf"] {
                put(&env.ports, &owner, changed, &ANY, sent("Змінена")).await.unwrap();
            }
            put(&env.ports, &owner, "d.vcf", &ANY, sent("Нова")).await.unwrap();
        }
    }
    assert_eq!(names, ["a.vcf", "c.vcf", "b.vcf", "d.vcf"].map(name));
}

#[tokio::test]
async fn name_that_is_given_again_is_not_reported_as_removed() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await;
    let created = create_contact(&env.ports, owner.id, &samples::valid_card("Леся", "У."), None).await.unwrap().contact;
    let derived = format!("{}.vcf", created.id.0);
    put(&env.ports, &owner, "a.vcf", &ANY, sent("Леся")).await.unwrap();
    let (_, token, _) = changes(&env.ports, &owner, None, None).await;
    for of in ["a.vcf", &derived] {
        delete_card(&env.ports, owner.id, &name(of), &ANY).await.unwrap();
    }
    assert_eq!(changes(&env.ports, &owner, Some(token), None).await.0, ["-a.vcf".to_owned(), format!("-{derived}")]);
    for of in ["a.vcf", &derived] {
        put(&env.ports, &owner, of, &ANY, sent("Лариса")).await.unwrap();
    }
    assert_eq!(changes(&env.ports, &owner, Some(token), None).await.0, ["a.vcf", &derived]);
    let restored = restore_contact(&env.ports, owner.id, created.id, &Expected::Any).await.unwrap();
    let (names, ..) = changes(&env.ports, &owner, Some(token), None).await;
    assert_eq!(names.len(), 3, "{names:?}");
    assert_eq!(names[..2], ["a.vcf", &derived]);
    let with_new_name = found(&env.ports, &owner, &names[2]).await.unwrap();
    assert_eq!(contact_in(&with_new_name), &restored, "the restored contact has a name of its own");
    empty_trash(&env.ports, owner.id).await.unwrap();
    assert_eq!(changes(&env.ports, &owner, Some(token), None).await.0, names);
}

#[tokio::test]
async fn name_that_was_removed_twice_is_reported_once_in_parts_of_any_size() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await;
    let (_, token, _) = changes(&env.ports, &owner, None, None).await;
    for of in ["a.vcf", "b.vcf", "a.vcf", "Friends", "Friends"] {
        if of == "Friends" {
            put_group(&env.ports, &owner, of, "Friends").await.unwrap();
        } else {
            put(&env.ports, &owner, of, &ANY, sent("Леся")).await.unwrap();
        }
        delete_card(&env.ports, owner.id, &name(of), &ANY).await.unwrap();
    }
    put(&env.ports, &owner, "c.vcf", &ANY, sent("Леся")).await.unwrap();
    for size in 1..=7 {
        let sync = CardSync::new(owner.id, Some(token), None).in_parts_of(size);
        let (names, next, is_truncated) = read_all(&env.ports, sync).await;
        assert_eq!((names.join(" "), is_truncated), ("-a.vcf -b.vcf -Friends c.vcf".to_owned(), false), "{size}");
        assert_eq!(current_sync_token(&env.ports, owner.id).await.unwrap(), Some(next));
    }
    // The rest of a truncated answer is another answer.
    let (names, next, is_truncated) = changes(&env.ports, &owner, Some(token), Some(2)).await;
    assert_eq!((names.join(" "), is_truncated), ("-a.vcf -b.vcf".to_owned(), true));
    let (names, ..) = changes(&env.ports, &owner, Some(next), None).await;
    assert_eq!(names.join(" "), "-a.vcf -Friends c.vcf");
}

#[tokio::test]
async fn first_list_has_no_removed_names_and_is_limited() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await;
    for of in ["a", "b", "c", "d", "e"] {
        put(&env.ports, &owner, of, &ANY, sent(of)).await.unwrap();
    }
    delete_card(&env.ports, owner.id, &name("b"), &ANY).await.unwrap();
    let (names, token, is_truncated) = changes(&env.ports, &owner, None, None).await;
    assert_eq!((names.join(" "), is_truncated), ("a c d e".to_owned(), false));
    assert_eq!(changes(&env.ports, &owner, Some(token), None).await, (Vec::new(), token, false));

    let (first, token, is_truncated) = changes(&env.ports, &owner, None, Some(3)).await;
    assert_eq!((first.join(" "), is_truncated), ("a c d".to_owned(), true));
    let (rest, token, is_truncated) = changes(&env.ports, &owner, Some(token), Some(3)).await;
    assert_eq!((rest.join(" "), is_truncated), ("e -b".to_owned(), false));
    let other = SyncToken { after: ChangeNumber(token.after.0 + 1), ..token };
    let rejected = CardSync::new(owner.id, Some(other), None).read(&env.ports).await;
    assert!(matches!(rejected, Err(CardSyncError::TokenExpired)));
}

#[tokio::test]
async fn list_of_exactly_the_accepted_number_is_complete() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await;
    assert_eq!(current_sync_token(&env.ports, samples::user().id).await.unwrap(), None);
    for name in ["a.vcf", "b.vcf", "c.vcf"] {
        put(&env.ports, &owner, name, &ANY, sent("Леся")).await.unwrap();
    }
    for limit in [None, Some(3), Some(4)] {
        let part = CardSync::new(owner.id, None, limit).read(&env.ports).await.unwrap();
        let CardSyncRest::End { next, is_truncated } = part.rest else { panic!("several parts") };
        assert_eq!((part.changes.len(), is_truncated), (3, false), "{limit:?}");
        assert_eq!(current_sync_token(&env.ports, owner.id).await.unwrap(), Some(next));
    }
    let (names, _, is_truncated) = changes(&env.ports, &owner, None, Some(2)).await;
    assert_eq!((names.len(), is_truncated), (2, true));
}

#[tokio::test]
async fn part_of_large_cards_has_96_kib_and_the_rest_of_the_last_card() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await;
    let names = ["a.vcf", "b.vcf", "c.vcf", "d.vcf"];
    for of in names {
        let text = ReceivedText::new(CardVersion::V3_0, "x".repeat(64 * 1024)).unwrap();
        put(&env.ports, &owner, of, &ANY, PutContact { text, ..sent("Леся") }).await.unwrap();
    }
    let reading = CardReading::new(owner.id, names.map(name).to_vec(), false);
    let (mut lengths, mut reading) = (Vec::new(), Some(reading));
    while let Some(next) = reading {
        let part = next.read(&env.ports).await.unwrap();
        lengths.push(part.cards.len());
        reading = part.rest;
    }
    assert_eq!(lengths, [2, 1, 1], "after the first part the size of the cards is known");
}
