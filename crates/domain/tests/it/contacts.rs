//! Ownership and the contact limit.

use domain::{
    Policy, Ports,
    contact::{
        CardPatch, ChangeNumber, Contact, ContactCard, ContactQuery, Expected, Filter, PageStart, PersonName, Sort,
    },
    ids::UserId,
    use_cases::contact::{
        CreateContactError, DeleteContactError, EditContactError, GetContactError, create_contact, delete_contact,
        get_contact, list_tags, patch_contact, replace_contact,
    },
};
use serde_json::json;
use testkit::{TestEnvironment, samples, whole::contact_page};

async fn two_people(env: &TestEnvironment) -> (UserId, UserId) {
    (env.verified("olena@example.com").await.id, env.verified("petro@example.com").await.id)
}

async fn created(ports: &Ports, owner: UserId) -> Contact {
    create_contact(ports, owner, &samples::valid_card("Леся", "Українка"), None).await.unwrap().contact
}

#[tokio::test]
async fn contact_of_another_user_is_not_found() {
    let env = TestEnvironment::default();
    let ports = &env.ports;
    let (olena, petro) = two_people(&env).await;
    let contact = created(ports, olena).await;
    assert_eq!(get_contact(ports, olena, contact.id).await.unwrap(), contact);

    let card = samples::valid_card("Not", "Yours");
    assert!(matches!(get_contact(ports, petro, contact.id).await, Err(GetContactError::NotFound)));
    let replaced = replace_contact(ports, petro, contact.id, &Expected::Any, card).await;
    assert!(matches!(replaced, Err(EditContactError::NotFound)));
    let patched = patch_contact(ports, petro, contact.id, &Expected::Any, CardPatch::default()).await;
    assert!(matches!(patched, Err(EditContactError::NotFound)));
    let deleted = delete_contact(ports, petro, contact.id, &Expected::Any).await;
    assert!(matches!(deleted, Err(DeleteContactError::NotFound)));
    assert_eq!(get_contact(ports, olena, contact.id).await.unwrap(), contact, "nothing happened to it");
}

#[tokio::test]
async fn full_address_book_rejects_contacts_until_one_is_deleted() {
    let env = TestEnvironment::default();
    let ports = &env.ports;
    let (olena, petro) = two_people(&env).await;
    let mut last = created(ports, olena).await;
    for _ in 1..100 {
        last = created(ports, olena).await;
    }
    let rejected = create_contact(ports, olena, &samples::valid_card("One", "Toomany"), None).await;
    assert!(matches!(rejected, Err(CreateContactError::LimitReached { limit: 100 })), "{rejected:?}");
    created(ports, petro).await;
    delete_contact(ports, olena, last.id, &Expected::Any).await.unwrap();
    created(ports, olena).await;
}

#[tokio::test]
async fn contact_limit_is_configurable() {
    let env = TestEnvironment::default();
    let ports = Ports { policy: Policy { contact_limit: 1, ..Policy::default() }, ..env.ports.clone() };
    let (olena, _) = two_people(&env).await;
    created(&ports, olena).await;
    let rejected = create_contact(&ports, olena, &samples::valid_card("One", "Toomany"), None).await;
    assert!(matches!(rejected, Err(CreateContactError::LimitReached { limit: 1 })));
    let gone = create_contact(&ports, samples::user().id, &samples::valid_card("No", "Body"), None).await;
    assert!(matches!(gone, Err(CreateContactError::OwnerNotFound)));
}

#[tokio::test]
async fn edit_increments_the_version_and_rejects_a_stale_one() {
    let env = TestEnvironment::default();
    let ports = &env.ports;
    let (olena, _) = two_people(&env).await;
    let first = created(ports, olena).await;
    env.clock.advance(chrono::Duration::seconds(1));
    let second = replace_contact(
        ports,
        olena,
        first.id,
        &Expected::OneOf(vec![ChangeNumber(7), first.change]),
        samples::valid_card("A", "B"),
    )
    .await
    .unwrap();
    assert_eq!((second.change, second.created_at), (ChangeNumber(2), first.created_at));
    assert!(second.updated_at > first.updated_at);

    let stale = Expected::OneOf(vec![first.change]);
    let replaced = replace_contact(ports, olena, first.id, &stale, samples::valid_card("C", "D")).await;
    assert!(matches!(replaced, Err(EditContactError::Stale)));
    assert!(matches!(delete_contact(ports, olena, first.id, &stale).await, Err(DeleteContactError::Stale)));
    assert_eq!(get_contact(ports, olena, first.id).await.unwrap(), second);
    delete_contact(ports, olena, first.id, &Expected::OneOf(vec![second.change])).await.unwrap();
}

#[tokio::test]
async fn patch_clears_and_sets_only_the_given_fields() {
    let env = TestEnvironment::default();
    let ports = &env.ports;
    let (olena, _) = two_people(&env).await;
    let card = samples::valid(samples::full_card("Леся", "Українка", "lesia@example.com", "112"));
    let contact = create_contact(ports, olena, &card, None).await.unwrap().contact;
    let patch = samples::patch(json!({"last_name": null, "notes": "поетка", "phones": [], "favorite": true}));
    let patched = patch_contact(ports, olena, contact.id, &Expected::Any, patch).await.unwrap();
    let new = patched.card.parse().unwrap();
    assert_eq!(new.first_name, card.card().first_name);
    assert_eq!(new.emails, card.card().emails);
    assert_eq!((new.last_name.as_ref(), new.phones.len()), (None, 0));
    assert!(new.favorite && new.notes.is_some());

    let hollow = samples::patch(json!({"first_name": null, "emails": null}));
    let rejected = patch_contact(ports, olena, contact.id, &Expected::Any, hollow).await;
    assert!(matches!(rejected, Err(EditContactError::Invalid(_))), "the rule holds for what comes out");
    assert_eq!(get_contact(ports, olena, contact.id).await.unwrap(), patched);
}

#[tokio::test]
async fn edit_without_a_change_leaves_version_and_time() {
    let env = TestEnvironment::default();
    let ports = &env.ports;
    let (olena, _) = two_people(&env).await;
    let json = json!({"first_name": "Леся", "tags": ["друзі"], "phones": [{"number": "112"}], "favorite": true});
    let card = samples::patch(json.clone()).apply(&samples::valid_card("A", "B").to_json()).unwrap();
    let contact = create_contact(ports, olena, &card, None).await.unwrap().contact;
    env.clock.advance(chrono::Duration::seconds(1));
    let same = [json!({}), json!({"favorite": true}), json!({"first_name": " Ле\u{200b}ся", "notes": null}), json];
    for patch in same {
        let shown = patch.to_string();
        let patched = patch_contact(ports, olena, contact.id, &Expected::Any, samples::patch(patch)).await.unwrap();
        assert_eq!(patched, contact, "{shown}");
    }
    assert_eq!(replace_contact(ports, olena, contact.id, &Expected::Any, card.clone()).await.unwrap(), contact);
    let stale = Expected::OneOf(vec![ChangeNumber(7)]);
    let rejected = replace_contact(ports, olena, contact.id, &stale, card).await;
    assert!(matches!(rejected, Err(EditContactError::Stale)), "the precondition comes first");
    assert_eq!(get_contact(ports, olena, contact.id).await.unwrap(), contact);
}

#[tokio::test]
async fn contact_list_is_paged_by_cursor() {
    let env = TestEnvironment::default();
    let ports = &env.ports;
    let (olena, _) = two_people(&env).await;
    for name in ["Б", "А", "В"] {
        create_contact(ports, olena, &samples::valid_card(name, "Х"), None).await.unwrap();
    }
    let sort: Sort = "first_name".parse().unwrap();
    let mut query = ContactQuery { filter: Filter::default(), sort, start: PageStart::Skip(0), limit: 2 };
    let page = contact_page(ports, olena, query.clone()).await;
    assert_eq!((page.contacts.len(), page.total), (2, 3));
    query.start = PageStart::After(page.next.unwrap());
    let page = contact_page(ports, olena, query).await;
    assert_eq!(page.contacts[0].card.parse().unwrap().first_name.as_ref().map(PersonName::as_str), Some("В"));
    assert_eq!((page.contacts.len(), page.total, page.next), (1, 3, None));
}

#[tokio::test]
async fn tags_are_listed_once_in_alphabetical_order() {
    let env = TestEnvironment::default();
    let ports = &env.ports;
    let (olena, petro) = two_people(&env).await;
    assert_eq!(list_tags(ports, olena).await.unwrap(), []);
    let books: [(UserId, &[&str]); 7] = [
        (olena, &["друзі", "Work", "їжа"]),
        (olena, &["Друзі", "work"]),
        (olena, &["ДРУЗІ", "гай", "Їжа"]),
        (olena, &["Друзі", "гаї", "straße"]),
        (olena, &["STRASSE", "ґанок"]),
        (olena, &[]),
        (petro, &["work", "чуже"]),
    ];
    for (owner, tags) in books {
        let tags = tags.iter().map(|tag| tag.parse().unwrap()).collect();
        create_contact(ports, owner, &samples::valid(ContactCard { tags, ..samples::card("A", "B") }), None)
            .await
            .unwrap();
    }
    let found = list_tags(ports, olena).await.unwrap();
    let found: Vec<(&str, u64)> = found.iter().map(|counted| (counted.tag.as_str(), counted.count)).collect();
    let expected = [("STRASSE", 2), ("work", 2), ("гаї", 1), ("гай", 1), ("ґанок", 1), ("Друзі", 4), ("їжа", 2)];
    assert_eq!(found, expected);
}
