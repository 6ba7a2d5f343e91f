//! Cards of contacts that are restored from the trash.

use domain::{
    contact::Expected,
    use_cases::{card_resource::delete_card, trash::restore_contact},
};
use testkit::{TestEnvironment, samples};

use super::{ANY, contact_in, contact_of, found, name, put, sent, with_uid};
use crate::pictures::olena;

#[tokio::test]
async fn restored_contact_has_its_name_again() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await;
    let stored = put(&env.ports, &owner, "a.vcf", &ANY, sent("Леся")).await.unwrap();
    delete_card(&env.ports, owner.id, &name("a.vcf"), &ANY).await.unwrap();
    assert_eq!(found(&env.ports, &owner, "a.vcf").await, None);
    let restored = restore_contact(&env.ports, owner.id, contact_of(&stored).id, &Expected::Any).await.unwrap();
    assert_eq!(contact_in(&found(&env.ports, &owner, "a.vcf").await.unwrap()), &restored);
}

#[tokio::test]
async fn restored_contact_has_another_uid_if_its_own_was_taken() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await;
    let first = put(&env.ports, &owner, "a.vcf", &ANY, with_uid("Леся", "u-1")).await.unwrap();
    let restore = async || restore_contact(&env.ports, owner.id, contact_of(&first).id, &Expected::Any).await.unwrap();
    delete_card(&env.ports, owner.id, &name("a.vcf"), &ANY).await.unwrap();
    restore().await;
    assert_eq!(found(&env.ports, &owner, "a.vcf").await.unwrap().uid().as_str(), "u-1");
    delete_card(&env.ports, owner.id, &name("a.vcf"), &ANY).await.unwrap();
    put(&env.ports, &owner, "b.vcf", &ANY, with_uid("Леся", "u-1")).await.unwrap();
    restore().await;
    let uid = async |of| found(&env.ports, &owner, of).await.unwrap().uid();
    assert_eq!(
        [uid("a.vcf").await, uid("b.vcf").await].map(|uid| uid.as_str().to_owned()),
        [contact_of(&first).id.0.to_string(), "u-1".to_owned()]
    );
}

#[tokio::test]
async fn restored_contact_with_its_id_as_uid_has_another_one_if_that_was_taken() {
    for has_received in [false, true] {
        let env = TestEnvironment::default();
        let owner = olena(&env).await;
        let mut first = samples::contact(owner.id, samples::card("Леся", "Українка"));
        samples::store_contacts(&*env.ports.store, std::slice::from_mut(&mut first)).await;
        let (own, id) = (format!("{}.vcf", first.id.0), first.id.0.to_string());
        if has_received {
            put(&env.ports, &owner, &own, &ANY, with_uid("Леся", &id)).await.unwrap();
        }
        delete_card(&env.ports, owner.id, &name(&own), &ANY).await.unwrap();
        put(&env.ports, &owner, "b.vcf", &ANY, with_uid("Лариса", &id)).await.unwrap();
        restore_contact(&env.ports, owner.id, first.id, &Expected::Any).await.unwrap();
        let restored = found(&env.ports, &owner, &own).await.unwrap();
        assert_ne!(restored.uid().as_str(), id, "{has_received}");
        assert_eq!(found(&env.ports, &owner, "b.vcf").await.unwrap().uid().as_str(), id);
        assert_eq!(contact_in(&restored).parsed_card().unwrap().first_name.unwrap().as_str(), "Леся");
    }
}

#[tokio::test]
async fn restored_contact_has_a_fresh_uid_if_its_own_and_its_id_were_taken() {
    let env = TestEnvironment::default();
    let owner = olena(&env).await;
    let first = put(&env.ports, &owner, "a.vcf", &ANY, with_uid("Леся", "u-1")).await.unwrap();
    let id = contact_of(&first).id;
    delete_card(&env.ports, owner.id, &name("a.vcf"), &ANY).await.unwrap();
    put(&env.ports, &owner, "b.vcf", &ANY, with_uid("Лариса", "u-1")).await.unwrap();
    put(&env.ports, &owner, "c.vcf", &ANY, with_uid("Лідія", &id.0.to_string())).await.unwrap();
    restore_contact(&env.ports, owner.id, id, &Expected::Any).await.unwrap();
    let restored = found(&env.ports, &owner, "a.vcf").await.unwrap();
    assert_eq!(contact_in(&restored).id, id);
    assert!(!["u-1", &id.0.to_string()].contains(&restored.uid().as_str()), "{:?}", restored.uid());
}
