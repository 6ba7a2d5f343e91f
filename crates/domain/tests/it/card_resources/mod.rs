//! Cards that CardDAV clients put, move and delete.

mod lists;
mod restores;
mod sent_photos;

use chrono::Duration;
use domain::{
    Ports,
    account::User,
    contact::{
        ChangeNumber, Contact, Expected,
        card_resource::{CardContent, CardName, CardPrecondition, CardResource, GroupCard, PutContact, PutContent},
        received::{CardUid, CardVersion, ReceivedCard, ReceivedText},
    },
    ids::ContactId,
    session::SignedInUser,
    use_cases::{
        card_resource::{
            CardReading, CardSync, DeleteCardError, MoveCardError, PutCardError, Stored, delete_card, move_card,
            put_card,
        },
        contact::{change_photo, create_contact, get_contact, patch_contact},
    },
};
use serde_json::json;
use testkit::{TestEnvironment, samples, whole::export};
use uuid::Uuid;

use self::lists::changes;
use crate::pictures::{left, olena, upload};

const ANY: CardPrecondition = CardPrecondition::Any;

fn name(text: &str) -> CardName {
    CardName::parse(text).unwrap()
}

fn text(of: &str) -> ReceivedText {
    ReceivedText::new(CardVersion::V3_0, format!("the text of {of}")).unwrap()
}

fn sent(first_name: &str) -> PutContact {
    PutContact {
        card: samples::valid_card(first_name, "Українка"),
        favorite: None,
        uid: None,
        text: text(first_name),
        photo: None,
        text_with_photo: None,
    }
}

fn with_uid(first_name: &str, uid: &str) -> PutContact {
    PutContact { uid: Some(CardUid::parse(uid).unwrap()), ..sent(first_name) }
}

/// Writes the first name as former text.
fn former(contact: &Contact, _: Option<&ReceivedCard>) -> Option<ReceivedText> {
    Some(text(contact.parsed_card().ok()?.first_name?.as_str()))
}

async fn put(
    ports: &Ports,
    owner: &User,
    of: &str,
    precondition: &CardPrecondition,
    contact: PutContact,
) -> Result<Stored, PutCardError> {
    put_card(ports, owner.id, &name(of), precondition, PutContent::Contact(Box::new(contact)), &former).await
}

async fn put_group(ports: &Ports, owner: &User, of: &str, of_text: &str) -> Result<Stored, PutCardError> {
    put_card(ports, owner.id, &name(of), &ANY, PutContent::Group { uid: None, text: text(of_text) }, &former).await
}

fn contact_of(stored: &Stored) -> &Contact {
    contact_in(&stored.resource)
}

fn contact_in(resource: &CardResource) -> &Contact {
    match &resource.content {
        CardContent::Contact(contact) => &contact.0,
        CardContent::Group(_) => panic!("a group"),
    }
}

async fn found(ports: &Ports, owner: &User, of: &str) -> Option<CardResource> {
    let mut cards = Vec::new();
    let mut reading = Some(CardReading::new(owner.id, vec![name(of)], false));
    while let Some(next) = reading {
        let part = next.read(ports).await.unwrap();
        cards.extend(part.cards);
        reading = part.rest;
    }
    assert_eq!(cards.len(), 1);
    cards.remove(0).1.map(|card| card.resource)
}

#[tokio::test]
async fn put_card_is_a_contact_of_the_address_book() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await;
    let stored = put(&env.ports, &owner, "a.vcf", &CardPrecondition::Absent, with_uid("Леся", "u-1")).await.unwrap();
    assert!(stored.is_new);
    let contact = contact_of(&stored).clone();
    assert_eq!(get_contact(&env.ports, owner.id, contact.id).await.unwrap(), contact);
    assert_eq!(contact.card, samples::valid_card("Леся", "Українка").to_json());
    assert_eq!(found(&env.ports, &owner, "a.vcf").await, Some(stored.resource.clone()));
    assert_eq!(stored.resource.uid().as_str(), "u-1");
    let received = env.ports.store.received_cards(owner.id, &[contact.id]).await.unwrap();
    assert_eq!((received[0].change, &received[0].text), (contact.change, &text("Леся")));

    let replaced = put(&env.ports, &owner, "a.vcf", &ANY, with_uid("Лариса", "u-1")).await.unwrap();
    assert!(!replaced.is_new);
    let after = contact_of(&replaced);
    assert_eq!((after.id, after.created_at), (contact.id, contact.created_at));
    assert!(after.change > contact.change);
    // The same card again changes nothing.
    let again = put(&env.ports, &owner, "a.vcf", &ANY, with_uid("Лариса", "u-1")).await.unwrap();
    assert_eq!(again, replaced);
}

#[tokio::test]
async fn contact_without_a_given_name_is_put_under_its_id() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await;
    let created = create_contact(&env.ports, owner.id, &samples::valid_card("Леся", "У."), None).await.unwrap().contact;
    let of = format!("{}.vcf", created.id.0);
    assert_eq!(found(&env.ports, &owner, &of).await.unwrap().uid(), CardUid::of_contact(created.id));
    let replaced = put(&env.ports, &owner, &of, &CardPrecondition::OneOf(vec![created.change]), sent("Лариса")).await;
    let replaced = replaced.unwrap();
    assert_eq!((contact_of(&replaced).id, replaced.is_new), (created.id, false));
    assert_eq!(replaced.resource.uid(), CardUid::of_contact(created.id), "a card without UID retains it");
}

#[tokio::test]
async fn precondition_of_a_card_is_checked() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await;
    let of = |changes: &[i64]| CardPrecondition::OneOf(changes.iter().copied().map(ChangeNumber).collect());
    for precondition in [CardPrecondition::Present, of(&[1])] {
        let rejected = put(&env.ports, &owner, "a.vcf", &precondition, sent("Леся")).await;
        assert!(matches!(rejected, Err(PutCardError::PreconditionFailed)), "{precondition:?}");
    }
    let change = contact_of(&put(&env.ports, &owner, "a.vcf", &ANY, sent("Леся")).await.unwrap()).change.0;
    for precondition in [CardPrecondition::Absent, of(&[]), of(&[change + 1])] {
        let with_photo = PutContact { photo: Some(upload("one")), ..sent("Лариса") };
        for contact in [sent("Лариса"), with_photo] {
            let rejected = put(&env.ports, &owner, "a.vcf", &precondition, contact).await;
            assert!(matches!(rejected, Err(PutCardError::PreconditionFailed)), "{precondition:?}");
        }
        if precondition != CardPrecondition::Absent {
            let rejected = delete_card(&env.ports, owner.id, &name("a.vcf"), &precondition).await;
            assert!(matches!(rejected, Err(DeleteCardError::PreconditionFailed)));
            let rejected = move_card(&env.ports, owner.id, &name("a.vcf"), &name("b.vcf"), &precondition, true).await;
            assert!(matches!(rejected, Err(MoveCardError::PreconditionFailed)));
        }
    }
    put(&env.ports, &owner, "a.vcf", &CardPrecondition::Present, sent("Лариса")).await.unwrap();
    delete_card(&env.ports, owner.id, &name("a.vcf"), &of(&[change, change + 1])).await.unwrap();
    let again = delete_card(&env.ports, owner.id, &name("a.vcf"), &ANY).await;
    assert!(matches!(again, Err(DeleteCardError::NotFound)));
}

#[tokio::test]
async fn uid_belongs_to_one_card() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await;
    put(&env.ports, &owner, "a.vcf", &ANY, with_uid("Леся", "u-1")).await.unwrap();
    let rejected = put(&env.ports, &owner, "b.vcf", &ANY, with_uid("Леся", "u-1")).await;
    assert!(matches!(&rejected, Err(PutCardError::UidTaken { name }) if name.as_str() == "a.vcf"), "{rejected:?}");
    let group = PutContent::Group { uid: Some(CardUid::parse("u-1").unwrap()), text: text("Friends") };
    let rejected = put_card(&env.ports, owner.id, &name("g"), &ANY, group, &former).await;
    assert!(matches!(rejected, Err(PutCardError::UidTaken { .. })));
    // A contact in the trash has no UID that others could miss.
    delete_card(&env.ports, owner.id, &name("a.vcf"), &ANY).await.unwrap();
    put(&env.ports, &owner, "b.vcf", &ANY, with_uid("Леся", "u-1")).await.unwrap();
}

#[tokio::test]
async fn overwritten_text_stays_for_one_generation() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await;
    let first = put(&env.ports, &owner, "a.vcf", &ANY, sent("Перша")).await.unwrap();
    let id = contact_of(&first).id;
    let retained = async || {
        let texts = env.ports.store.former_texts(owner.id, &[id]).await.unwrap();
        texts.into_iter().next().map(|(_, text)| text)
    };
    assert_eq!(retained().await, None);
    let seen = CardPrecondition::OneOf(vec![first.resource.change()]);
    put(&env.ports, &owner, "a.vcf", &seen, sent("Друга")).await.unwrap();
    assert_eq!(retained().await, None, "the client has seen the text");
    put(&env.ports, &owner, "a.vcf", &ANY, sent("Третя")).await.unwrap();
    assert_eq!(retained().await, Some(text("Друга")));
    put(&env.ports, &owner, "a.vcf", &ANY, sent("Четверта")).await.unwrap();
    assert_eq!(retained().await, Some(text("Третя")));
    for (unseen, overwritten, sent_name) in [
        (CardPrecondition::Present, "Четверта", "Шоста"),
        (CardPrecondition::NoneOf(vec![ChangeNumber(0)]), "Шоста", "Сьома"),
    ] {
        put(&env.ports, &owner, "a.vcf", &unseen, sent(sent_name)).await.unwrap();
        assert_eq!(retained().await, Some(text(overwritten)), "{unseen:?}");
    }
}

#[tokio::test]
async fn favorite_stays_unless_the_card_has_it() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await;
    let stored = put(&env.ports, &owner, "a.vcf", &ANY, sent("Леся")).await.unwrap();
    let id = contact_of(&stored).id;
    patch_contact(&env.ports, owner.id, id, &Expected::Any, samples::patch(json!({"favorite": true}))).await.unwrap();
    let is_favorite = async |contact: PutContact| {
        let stored = put(&env.ports, &owner, "a.vcf", &ANY, contact).await.unwrap();
        contact_of(&stored).parsed_card().unwrap().favorite
    };
    assert!(is_favorite(sent("Лариса")).await);
    assert!(!is_favorite(PutContact { favorite: Some(false), ..sent("Лариса") }).await);
    assert!(!is_favorite(sent("Леся")).await);
    assert!(is_favorite(PutContact { favorite: Some(true), ..sent("Лариса") }).await);
}

#[tokio::test]
async fn photo_follows_the_card() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await;
    let with = |photo: Vec<u8>| PutContact { photo: Some(photo), ..sent("Леся") };
    let first = put(&env.ports, &owner, "a.vcf", &ANY, with(upload("one"))).await.unwrap();
    let photo = contact_of(&first).photo.clone().unwrap();
    assert_eq!(left(&env).await, [photo.as_str()]);
    // The client sends back the photo that it was given.
    let given = env.ports.picture_store.get(&photo).await.unwrap().unwrap();
    let same = put(&env.ports, &owner, "a.vcf", &ANY, PutContact { text: text("x"), ..with(given) }).await.unwrap();
    assert_eq!(contact_of(&same).photo, Some(photo.clone()));
    let second = put(&env.ports, &owner, "a.vcf", &ANY, with(upload("two"))).await.unwrap();
    let newer = contact_of(&second).photo.clone().unwrap();
    assert_ne!(newer, photo);
    assert_eq!(left(&env).await, [newer.as_str()], "the old photo is removed");
    let without = put(&env.ports, &owner, "a.vcf", &ANY, sent("Леся")).await.unwrap();
    assert_eq!(contact_of(&without).photo, None);
    assert!(left(&env).await.is_empty());
}

#[tokio::test]
async fn picture_that_cannot_be_converted_stays_in_the_text() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await;
    let unusable = |whole: Option<ReceivedText>| PutContact {
        photo: Some(b"no picture".to_vec()),
        text_with_photo: whole,
        ..sent("Леся")
    };
    let stored = put(&env.ports, &owner, "a.vcf", &ANY, unusable(Some(text("whole")))).await.unwrap();
    let contact = contact_of(&stored).clone();
    let received = env.ports.store.received_cards(owner.id, &[contact.id]).await.unwrap();
    assert_eq!((contact.photo, &received[0].text), (None, &text("whole")));
    let shown = change_photo(&env.ports, owner.id, contact.id, &Expected::Any, upload("one")).await.unwrap();
    let stored = put(&env.ports, &owner, "a.vcf", &ANY, unusable(None)).await.unwrap();
    assert_eq!(contact_of(&stored).photo, shown.photo, "the photo is not lost");
    let received = env.ports.store.received_cards(owner.id, &[contact.id]).await.unwrap();
    assert_eq!(received[0].text, text("Леся"));
}

#[tokio::test]
async fn full_address_book_takes_no_card() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await;
    let limit = env.ports.policy.contact_limit;
    for number in 0..limit {
        put(&env.ports, &owner, &number.to_string(), &ANY, sent("Леся")).await.unwrap();
    }
    let rejected = put(&env.ports, &owner, "one more", &ANY, sent("Леся")).await;
    assert!(matches!(rejected, Err(PutCardError::LimitReached { limit: found }) if found == limit));
    put(&env.ports, &owner, "0", &ANY, sent("Лариса")).await.unwrap();
    put_group(&env.ports, &owner, "Friends", "Friends").await.expect("a group does not count");
    delete_card(&env.ports, owner.id, &name("0"), &ANY).await.unwrap();
    put(&env.ports, &owner, "one more", &ANY, sent("Леся")).await.unwrap();
}

#[tokio::test]
async fn group_is_stored_apart_from_contacts() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await;
    let group = put_group(&env.ports, &owner, "Friends", "Friends").await.unwrap();
    assert!(group.is_new);
    assert_eq!(env.ports.store.count_contacts(owner.id, &domain::contact::Filter::default(), None).await.unwrap(), 0);
    assert_eq!(found(&env.ports, &owner, "Friends").await, Some(group.resource.clone()));
    assert_eq!(put_group(&env.ports, &owner, "Friends", "Friends").await.unwrap().resource, group.resource);
    let changed = put_group(&env.ports, &owner, "Friends", "Family").await.unwrap();
    assert!(!changed.is_new && changed.resource.change() > group.resource.change());
    assert_eq!(changed.resource.uid(), group.resource.uid());
    let (_, token, _) = changes(&env.ports, &owner, None, None).await;
    delete_card(&env.ports, owner.id, &name("Friends"), &ANY).await.unwrap();
    assert_eq!(changes(&env.ports, &owner, Some(token), None).await.0, ["-Friends"]);
}

#[tokio::test]
async fn number_of_groups_is_limited() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await;
    for number in 0..GroupCard::MAX_PER_USER {
        put_group(&env.ports, &owner, &number.to_string(), "x").await.unwrap();
    }
    let rejected = put_group(&env.ports, &owner, "one more", "x").await;
    assert!(matches!(rejected, Err(PutCardError::LimitReached { limit: GroupCard::MAX_PER_USER })));
    put_group(&env.ports, &owner, "0", "y").await.unwrap();
}

#[tokio::test]
async fn card_becomes_a_group_and_a_contact_again() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await;
    let contact = put(&env.ports, &owner, "a.vcf", &ANY, sent("Леся")).await.unwrap();
    let (_, token, _) = changes(&env.ports, &owner, None, None).await;
    assert!(!put_group(&env.ports, &owner, "a.vcf", "Friends").await.unwrap().is_new);
    assert_eq!(env.ports.store.count_trash(owner.id).await.unwrap(), 1);
    assert_eq!(changes(&env.ports, &owner, Some(token), None).await.0, ["a.vcf"]);
    let again = put(&env.ports, &owner, "a.vcf", &ANY, sent("Леся")).await.unwrap();
    assert_ne!(contact_of(&again).id, contact_of(&contact).id);
    assert!(env.ports.store.group_cards_after(owner.id, None, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn moved_card_is_the_same_contact() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await;
    let before = put(&env.ports, &owner, "a.vcf", &ANY, with_uid("Леся", "u-1")).await.unwrap();
    put(&env.ports, &owner, "c.vcf", &ANY, sent("Інша")).await.unwrap();
    put_group(&env.ports, &owner, "Friends", "Friends").await.unwrap();
    let (_, token, _) = changes(&env.ports, &owner, None, None).await;
    let to = async |from: &str, to: &str| move_card(&env.ports, owner.id, &name(from), &name(to), &ANY, false).await;
    to("a.vcf", "b.vcf").await.unwrap();
    to("Friends", "Family").await.unwrap();
    assert!(matches!(to("b.vcf", "c.vcf").await, Err(MoveCardError::NameTaken)));
    assert!(matches!(to("b.vcf", "Family").await, Err(MoveCardError::NameTaken)));
    assert!(matches!(to("a.vcf", "d.vcf").await, Err(MoveCardError::NotFound)));
    let moved = found(&env.ports, &owner, "b.vcf").await.unwrap();
    to("b.vcf", "b.vcf").await.unwrap();
    assert_eq!(found(&env.ports, &owner, "b.vcf").await.unwrap(), moved, "a move to itself changes nothing");
    assert_eq!(contact_in(&moved).id, contact_of(&before).id);
    let CardContent::Contact(content) = &moved.content else { panic!("a group") };
    assert_eq!(content.1.as_ref().unwrap().change, content.0.change, "the text still has all values");
    let (names, ..) = changes(&env.ports, &owner, Some(token), None).await;
    assert_eq!(names, ["-a.vcf", "b.vcf", "-Friends", "Family"]);
}

#[tokio::test]
async fn moved_card_replaces_another_one_if_asked_to() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await;
    let moved = put(&env.ports, &owner, "a.vcf", &ANY, sent("Леся")).await.unwrap();
    put(&env.ports, &owner, "b.vcf", &ANY, sent("Інша")).await.unwrap();
    put_group(&env.ports, &owner, "Friends", "Friends").await.unwrap();
    let (_, token, _) = changes(&env.ports, &owner, None, None).await;
    let to = async |from: &str, to: &str| move_card(&env.ports, owner.id, &name(from), &name(to), &ANY, true).await;
    assert!(to("a.vcf", "b.vcf").await.unwrap());
    assert_eq!(contact_in(&found(&env.ports, &owner, "b.vcf").await.unwrap()).id, contact_of(&moved).id);
    assert_eq!(env.ports.store.count_trash(owner.id).await.unwrap(), 1);
    assert!(to("b.vcf", "Friends").await.unwrap());
    assert!(env.ports.store.group_cards_after(owner.id, None, 10).await.unwrap().is_empty());
    assert!(!to("Friends", "c.vcf").await.unwrap());
    let part = CardSync::new(owner.id, Some(token), None).read(&env.ports).await.unwrap();
    let names: Vec<&str> = part.changes.iter().map(|change| change.name.as_str()).collect();
    assert_eq!(names, ["a.vcf", "b.vcf", "Friends", "c.vcf"], "each name once");
}

#[tokio::test]
async fn cards_are_read_in_the_order_of_their_names() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await;
    for number in 0..60 {
        let photo = Some(upload(&number.to_string())).filter(|_| number % 7 == 0);
        put(&env.ports, &owner, &number.to_string(), &ANY, PutContact { photo, ..sent("Леся") }).await.unwrap();
    }
    let names: Vec<CardName> = (0..70).rev().map(|number| name(&number.to_string())).collect();
    for with_photos in [false, true] {
        let (mut found, mut parts) = (Vec::new(), 0);
        let mut reading = Some(CardReading::new(owner.id, names.clone(), with_photos));
        while let Some(next) = reading {
            let part = next.read(&env.ports).await.unwrap();
            (found, parts, reading) = ([found, part.cards].concat(), parts + 1, part.rest);
        }
        assert_eq!(found.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>(), names);
        assert_eq!(parts, if with_photos { 3 } else { 2 });
        for (name, card) in found {
            let number: u32 = name.as_str().parse().unwrap();
            assert_eq!(card.is_some(), number < 60, "{name:?}");
            let has_photo = card.is_some_and(|card| card.photo.is_some());
            assert_eq!(has_photo, with_photos && number < 60 && number.is_multiple_of(7), "{name:?}");
        }
    }
}

#[test]
fn name_of_a_card_is_any_text_without_path() {
    for valid in ["a.vcf", "a b", "%2F", "..a", "ї", "a\\b", "?#&"] {
        assert_eq!(name(valid).as_str(), valid);
    }
    for invalid in ["", " ", ".", "..", "a/b", "/", "a\nb", "\u{0}", &"x".repeat(CardName::MAX + 1)] {
        assert!(CardName::parse(invalid).is_err(), "{invalid:?}");
    }
    let id = ContactId(Uuid::from_u128(0xabc));
    assert_eq!(CardName::of_contact(id).contact(), Some(id));
    for other in [id.0.to_string().to_uppercase() + ".vcf", id.0.simple().to_string() + ".vcf", id.0.to_string()] {
        assert_eq!(name(&other).contact(), None, "{other}");
    }
}

#[tokio::test]
async fn export_contains_former_texts_and_groups() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await;
    for first_name in ["Перша", "Друга"] {
        put(&env.ports, &owner, "a.vcf", &ANY, sent(first_name)).await.unwrap();
    }
    for number in 0..120 {
        put_group(&env.ports, &owner, &format!("{number:03}"), "Friends").await.unwrap();
    }
    let session = samples::session(owner.id);
    let signed_in = SignedInUser { user: owner.clone(), session, client: TestEnvironment::client() };
    let whole = export(&env.ports, &signed_in).await.unwrap();
    assert_eq!(whole.former_texts, [text("Перша")]);
    let names: Vec<CardName> = whole.groups.into_iter().map(|group| group.name).collect();
    assert_eq!(names, (0..120).map(|number| name(&format!("{number:03}"))).collect::<Vec<_>>());
}

#[tokio::test]
async fn changed_card_has_the_time_of_its_creation_and_of_its_change() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await;
    let hours = |hours| samples::now() + Duration::hours(hours);
    put(&env.ports, &owner, "a.vcf", &ANY, sent("Леся")).await.unwrap();
    env.clock.advance(Duration::hours(1));
    let changed = put(&env.ports, &owner, "a.vcf", &ANY, sent("Лариса")).await.unwrap();
    assert_eq!((contact_of(&changed).created_at, contact_of(&changed).updated_at), (hours(0), hours(1)));
    env.clock.advance(Duration::hours(1));
    move_card(&env.ports, owner.id, &name("a.vcf"), &name("b.vcf"), &ANY, false).await.unwrap();
    let moved = found(&env.ports, &owner, "b.vcf").await.unwrap();
    assert_eq!((contact_in(&moved).created_at, contact_in(&moved).updated_at), (hours(0), hours(2)));
}
