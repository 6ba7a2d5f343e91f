//! Groups of a file.

use domain::contact::{
    ContactCard, Tag,
    import::{EntryContent, ImportOptions, ItemAction, ItemError},
};
use testkit::import_file::{ImportFile, group, imported, with_uid};

use super::{Olena, SKIP, counts, person};

fn contact(uid: &str, number: usize) -> Result<EntryContent, domain::contact::import::EntryError> {
    Ok(EntryContent::Contact(Box::new(with_uid(uid, person(number)))))
}

fn tags(card: &ContactCard) -> Vec<&str> {
    card.tags.iter().map(Tag::as_str).collect()
}

#[tokio::test]
async fn members_of_a_group_get_its_tag() {
    let olena = Olena::new().await;
    let known = olena.import(&ImportFile::new([contact("uid-0", 0)]), SKIP).await.items[0].contact.unwrap();
    let file = ImportFile::new([
        group("Друзі", &["uid-0", "uid-1", "unknown"]),
        contact("uid-1", 1),
        contact("uid-2", 2),
        group("Робота", &["uid-1"]),
        group("Нікого", &["unknown"]),
    ]);
    let report = olena.import(&file, SKIP).await;
    let actions: Vec<ItemAction> = report.items.iter().map(|item| item.action).collect();
    use ItemAction::{Created, Skipped, Updated};
    assert_eq!(actions, [Updated, Created, Created, Updated, Skipped]);
    assert_eq!((report.items[0].name.as_deref(), report.items[0].contact), (Some("Друзі"), None));
    assert_eq!(tags(&olena.card(known).await), ["Друзі"]);
    assert_eq!(tags(&olena.card(report.items[1].contact.unwrap()).await), ["Друзі", "Робота"]);
    assert_eq!(tags(&olena.card(report.items[2].contact.unwrap()).await), Vec::<&str>::new());
    let before = olena.contacts().await;
    assert_eq!(counts(&olena.import(&file, SKIP).await), [0, 0, 5, 0]);
    assert_eq!(olena.contacts().await, before);
}

#[tokio::test]
async fn member_that_was_recognized_by_its_email_gets_the_tag() {
    let olena = Olena::new().await;
    let known = olena.stored(person(1)).await;
    olena.import(&ImportFile::new([contact("uid-1", 1), group("Друзі", &["uid-1"])]), SKIP).await;
    assert_eq!(tags(&olena.card(known.id).await), ["Друзі"]);
}

#[tokio::test]
async fn group_of_many_members_is_tagged_in_parts() {
    let olena = Olena::new().await;
    let uids: Vec<String> = (0..450).map(|number| format!("uid-{number}")).collect();
    let members: Vec<&str> = uids.iter().map(String::as_str).collect();
    let contacts = uids.iter().enumerate().map(|(number, uid)| contact(uid, number));
    let report = olena.import(&ImportFile::new(contacts.chain([group("Усі", &members)])), SKIP).await;
    assert_eq!(counts(&report), [450, 1, 0, 0]);
    assert!(olena.cards().await.iter().all(|card| tags(card) == ["Усі"]));
}

#[tokio::test]
async fn member_with_the_maximum_of_tags_is_reported() {
    let olena = Olena::new().await;
    let full: Vec<Tag> = (0..50).map(|number| Tag::parse(&format!("tag {number}")).unwrap()).collect();
    let entries = [("uid-1", full), ("uid-2", Vec::new())].map(|(uid, tags)| {
        Ok(EntryContent::Contact(Box::new(with_uid(uid, ContactCard { tags, ..person(uid.len()) }))))
    });
    let [first, second] = entries;
    let second = second.map(|_: EntryContent| EntryContent::Contact(Box::new(with_uid("uid-2", person(2)))));
    let report = olena.import(&ImportFile::new([first, second, group("Друзі", &["uid-1", "uid-2"])]), SKIP).await;
    assert_eq!(report.items[2].action, ItemAction::Updated, "the other member has the tag");
    assert!(matches!(&report.items[2].errors[..], [ItemError::Value(error)] if error.pointer == "/tags"));
}

#[tokio::test]
async fn groups_with_too_many_members_are_reported() {
    let olena = Olena::new().await;
    let members = vec!["uid-1"; 50_000];
    let file = ImportFile::new([
        group("A", &members),
        group("B", &members),
        group("C", &["uid-1"]),
        Ok(EntryContent::Contact(Box::new(imported(person(1))))),
    ]);
    let report = olena.import(&file, SKIP).await;
    assert_eq!(counts(&report), [1, 0, 2, 1]);
    assert_eq!(report.items[2].errors, [ItemError::TooManyMembers]);
}

#[tokio::test]
async fn dry_run_does_not_count_members_that_have_the_tag() {
    let olena = Olena::new().await;
    let file = ImportFile::new([contact("uid-1", 1), group("Друзі", &["uid-1"])]);
    assert_eq!(counts(&olena.import(&file, SKIP).await), [1, 1, 0, 0]);
    let dry = ImportOptions { is_dry_run: true, ..SKIP };
    assert_eq!(counts(&olena.import(&file, dry).await), [0, 0, 2, 0]);
}
