//! Pictures after an interrupted request.

use std::{collections::BTreeSet, sync::Arc};

use chrono::Duration;
use domain::{
    account::User,
    contact::{Contact, ContactQueries as _, Expected, trash::TrashQueries as _},
    store::Store as _,
    use_cases::{
        account::{change_avatar, remove_avatar},
        background::remove_orphaned_pictures,
        contact::{change_photo, delete_contact, remove_photo},
        trash::empty_trash,
    },
};
use persistence::SqlStore;
use testkit::{TestEnvironment, fakes::StoreBehaviour, samples};

use crate::{
    cancelling::{WHOLE, cancel_after_polls},
    databases::TestDatabase,
};

on_both!(request_cancelled_at_any_point_leaves_no_orphaned_picture, picture_stored_by_a_failed_upload_is_removed);

const ANY: Expected = Expected::Any;

/// A user with a contact, both with a picture.
struct Scene {
    env: TestEnvironment,
    store: SqlStore,
    user: User,
    contact: Contact,
}

impl Scene {
    async fn new(store: SqlStore) -> Self {
        let env = TestEnvironment::over(Arc::new(store.clone()));
        let user = samples::stored_user(&store).await;
        let mut contact = samples::contact(user.id, samples::card("Леся", "Українка"));
        samples::store_contacts(&store, std::slice::from_mut(&mut contact)).await;
        Self { env, store, user, contact }
    }

    /// The pictures that the database refers to.
    async fn referenced_pictures(&self) -> BTreeSet<String> {
        let user = self.store.begin().await.unwrap().lock_user(self.user.id).await.unwrap();
        let contact = self.store.find_contact(self.user.id, self.contact.id).await.unwrap();
        let trash = self.store.list_trash(self.user.id, None, 10).await.unwrap();
        let contacts = contact.into_iter().chain(trash.into_iter().map(|trashed| trashed.contact));
        let keys = user.and_then(|user| user.avatar).into_iter().chain(contacts.filter_map(|contact| contact.photo));
        keys.map(|key| key.as_str().to_owned()).collect()
    }

    fn stored(&self) -> BTreeSet<String> {
        self.env.pictures.stored().into_iter().collect()
    }

    /// Checks that every referenced picture exists at any time, and that the worker removes all others.
    async fn check(&self, when: &str) {
        // A dropped commit may end later, so the database is read until it does not change.
        for _ in 0..100 {
            let before = self.referenced_pictures().await;
            assert!(before.is_subset(&self.stored()), "{when}: a pointer to nothing");
            self.env.clock.advance(Duration::hours(2));
            while remove_orphaned_pictures(&self.env.ports).await.unwrap().handled > 0 {}
            if self.referenced_pictures().await == self.stored() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("{when}: {:?} stored, {:?} referenced", self.stored(), self.referenced_pictures().await);
    }
}

async fn request_cancelled_at_any_point_leaves_no_orphaned_picture(database: Arc<TestDatabase>) {
    let scene = Scene::new(database.store().await).await;
    let (ports, owner, id) = (&scene.env.ports, scene.user.id, scene.contact.id);
    let upload = || b"picture".to_vec();
    let mut ended = 0;
    for polls in (0..40).chain([80, 160, 320, WHOLE]) {
        let photo = async { drop(change_photo(ports, owner, id, &ANY, upload()).await) };
        ended += usize::from(cancel_after_polls(polls, photo).await);
        scene.check(&format!("a photo, {polls}")).await;
        let avatar = async { drop(change_avatar(ports, owner, upload()).await) };
        ended += usize::from(cancel_after_polls(polls, avatar).await);
        scene.check(&format!("an avatar, {polls}")).await;
    }
    assert!((1..80).contains(&ended), "{ended} of 88 ended: some must be cut off, and some not");
    for polls in [1, 3, 5, 8, 12, 20, 40, WHOLE] {
        let removal = async { drop(remove_photo(ports, owner, id, &ANY).await) };
        cancel_after_polls(polls, removal).await;
        scene.check(&format!("no photo, {polls}")).await;
        let removal = async { drop(remove_avatar(ports, owner).await) };
        cancel_after_polls(polls, removal).await;
        scene.check(&format!("no avatar, {polls}")).await;
    }
    change_photo(ports, owner, id, &ANY, upload()).await.unwrap();
    assert_eq!(scene.stored().len(), 1);
    for polls in [1, 4, 8, 16, WHOLE] {
        let deletion = async { drop(delete_contact(ports, owner, id, &ANY).await) };
        cancel_after_polls(polls, deletion).await;
        scene.check(&format!("no contact, {polls}")).await;
    }
    assert_eq!(scene.stored().len(), 1, "a contact in the trash has its photo");
    for polls in [1, 4, 8, 16, WHOLE] {
        let purge = async { drop(empty_trash(ports, owner).await) };
        cancel_after_polls(polls, purge).await;
        scene.check(&format!("no trash, {polls}")).await;
    }
    assert!(scene.stored().is_empty());
}

async fn picture_stored_by_a_failed_upload_is_removed(database: Arc<TestDatabase>) {
    let scene = Scene::new(database.store().await).await;
    let (ports, owner, id) = (&scene.env.ports, scene.user.id, scene.contact.id);
    for behaviour in [StoreBehaviour::StoresAndFails, StoreBehaviour::StoresAndHangs, StoreBehaviour::Hangs] {
        scene.env.pictures.script([behaviour]);
        let photo = async { drop(change_photo(ports, owner, id, &ANY, b"picture".to_vec()).await) };
        cancel_after_polls(400, photo).await;
        scene.check("an upload that never answers").await;
        assert!(scene.stored().is_empty());
    }
}
