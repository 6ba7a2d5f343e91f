//! The state before two operations: an account with everything that they can change.

use std::sync::{Arc, LazyLock};

use domain::{
    Ports,
    account::{Email, OneTimeToken, Password, PasswordHasher as _, Purpose, User, Username},
    app_password::{AppPassword, AppPasswordSecret},
    client::ClientInfo,
    contact::{
        ChangeNumber, Contact, ContactCard, Expected,
        card_resource::{CardName, CardPrecondition},
        received::{CardUid, CardVersion, ReceivedCard, ReceivedText},
    },
    ids::{AppPasswordId, ContactId, SessionId, UserId},
    picture::{Picture, PictureKey, PictureStore as _},
    session::{DeviceDigest, RefreshToken, Session, SignedInUser},
    store::UnitOfWork,
};
use testkit::{TestEnvironment, environment::PASSWORD, samples};

use super::names::{Source, mail_tag};

/// Number of contacts that an account of a trial may have: one more than it has.
pub(super) const CONTACT_LIMIT: u64 = 3;

/// The avatar, and the photo of the contact.
pub(super) const PICTURE: &[u8] = b"picture";

/// The password of every account. Its strength is computed once, since that takes a millisecond.
static PARSED_PASSWORD: LazyLock<Password> = LazyLock::new(|| Password::parse(PASSWORD).unwrap());

/// Parts of an account that a list of operations needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parts {
    Contacts,
    All,
}

/// An account: its profile has an avatar and a pending e-mail.
pub(super) struct Scene {
    /// The signed-in user of all operations.
    pub(super) principal: SignedInUser,
    pub(super) owner: UserId,
    pub(super) client: ClientInfo,
    /// Refresh token of the session of the principal.
    pub(super) refresh_token: String,
    pub(super) other_session: SessionId,
    pub(super) app_password: AppPasswordId,
    pub(super) app_password_secret: AppPasswordSecret,
    /// E-mails: the current one, the pending one, and the one before.
    pub(super) email: Email,
    pub(super) pending: Email,
    pub(super) former: Email,
    /// Tokens of the mails to reset the password, to verify, to confirm and to revert the e-mail.
    pub(super) reset: String,
    pub(super) verify: String,
    pub(super) confirm: String,
    pub(super) revert: String,
    /// A contact with photo, name and text.
    pub(super) contact: ContactId,
    pub(super) known: ChangeNumber,
    /// A second contact.
    pub(super) other: ContactId,
    /// A contact in the trash.
    pub(super) trashed: ContactId,
    pub(super) known_in_trash: ChangeNumber,
}

impl Scene {
    /// Stores an account, with ids and secrets of a source.
    pub(super) async fn new(env: &TestEnvironment, source: &Source, trial: u32, parts: Parts) -> Self {
        let client = TestEnvironment::client();
        let email = |name: &str| Email::parse(&format!("{name}.{}@example.com", mail_tag(trial))).unwrap();
        let (current, pending, former) = (email("olena"), email("new"), email("former"));
        let picture = |kind: fn(uuid::Uuid) -> PictureKey| kind(PictureKey::unguessable_id(&source.secret()));
        let (avatar, photo) = (picture(PictureKey::avatar), picture(PictureKey::photo));
        for key in [&avatar, &photo] {
            env.pictures.put(key, Picture { jpeg: PICTURE.to_vec() }).await.unwrap();
        }
        let mut user = User { id: UserId(source.id()), email: current.clone(), ..samples::user() };
        user.username = Username::parse("Olena").unwrap();
        let owner = user.id;
        let mut unit = env.ports.store.begin().await.unwrap();
        let hash = env.passwords.hash(&PARSED_PASSWORD, client.largest_network()).await.unwrap();
        unit.insert_user(&user, &hash).await.unwrap();
        let is_whole = parts == Parts::All;
        if is_whole {
            unit.set_avatar(owner, Some(&avatar)).await.unwrap();
            unit.set_pending_email(owner, Some((&pending, samples::now()))).await.unwrap();
            user = User { avatar: Some(avatar), pending_email: Some(pending.clone()), ..user };
            unit.record_device(owner, &DeviceDigest::of(&client), samples::now()).await.unwrap();
        }

        let sessions =
            [(); 2].map(|()| Session { id: SessionId(source.id()), client: client.clone(), ..samples::session(owner) });
        let secrets = [source.secret(), source.secret()];
        for (session, secret) in sessions.iter().zip(&secrets).filter(|_| is_whole) {
            unit.insert_session(session, &secret.digest()).await.unwrap();
        }
        let [session, other_session] = sessions;
        let [secret, _] = secrets;
        let app_password = AppPassword { id: AppPasswordId(source.id()), ..samples::app_password(owner) };
        let app_password_secret = AppPasswordSecret::from_random(&source.secret());
        if is_whole {
            unit.insert_app_password(&app_password, &app_password_secret.digest()).await.unwrap();
        }

        let mut tokens = Vec::new();
        for (purpose, email) in [
            (Purpose::ResetPassword, &current),
            (Purpose::VerifyEmail, &current),
            (Purpose::ChangeEmail, &pending),
            (Purpose::RevertEmail, &former),
        ] {
            let secret = source.secret();
            let (digest, expires_at) = (secret.digest(), samples::now() + purpose.lifetime());
            let token = OneTimeToken { digest, purpose, user: owner, email: email.clone(), expires_at };
            if is_whole {
                unit.insert_one_time_token(&token).await.unwrap();
            }
            tokens.push(secret.reveal());
        }
        let [reset, verify, confirm, revert] = tokens.try_into().unwrap();

        let contacts = contacts(&mut *unit, source, owner, photo).await;
        unit.commit().await.unwrap();
        Self {
            refresh_token: RefreshToken { session: session.id, secret }.reveal(),
            principal: SignedInUser { user, session, client: client.clone() },
            owner,
            client,
            other_session: other_session.id,
            app_password: app_password.id,
            app_password_secret,
            email: current,
            pending,
            former,
            reset,
            verify,
            confirm,
            revert,
            contact: contacts[0].id,
            known: contacts[0].change,
            other: contacts[1].id,
            trashed: contacts[2].id,
            known_in_trash: contacts[2].change,
        }
    }

    /// The contact as it was before both operations.
    pub(super) fn unchanged(&self) -> Expected {
        Expected::OneOf(vec![self.known])
    }

    /// The contact in the trash as it was before both operations.
    pub(super) fn unchanged_in_trash(&self) -> Expected {
        Expected::OneOf(vec![self.known_in_trash])
    }

    /// The card of the contact as it was before both operations.
    pub(super) fn unchanged_card(&self) -> CardPrecondition {
        CardPrecondition::OneOf(vec![self.known])
    }
}

/// Stores three contacts of which the last one is in the trash. The first one has a photo, a name and a text.
async fn contacts(unit: &mut dyn UnitOfWork, source: &Source, owner: UserId, photo: PictureKey) -> Vec<Contact> {
    let taken = unit.take_change_numbers(owner, 4, 3).await.unwrap().unwrap();
    let mut contacts: Vec<Contact> = ["Lesia", "Ivan", "Olha"]
        .into_iter()
        .enumerate()
        .map(|(index, name)| {
            let contact = Contact { id: ContactId(source.id()), ..samples::contact(owner, person(name)) };
            Contact { change: taken.number(index), ..contact }
        })
        .collect();
    contacts[0].photo = Some(photo);
    unit.insert_contacts(&contacts).await.unwrap();
    unit.name_contact(owner, contacts[0].id, &name("card.vcf")).await.unwrap();
    unit.name_contact(owner, contacts[1].id, &name("other.vcf")).await.unwrap();
    let (contact, change) = (contacts[0].id, contacts[0].change);
    let received = ReceivedCard { contact, change, uid: uid("known"), text: text("Lesia") };
    unit.put_received_cards(owner, &[received]).await.unwrap();
    unit.take_change_numbers(owner, 0, -1).await.unwrap();
    contacts[2].change = taken.number(3);
    unit.trash_contacts(owner, &[(contacts[2].id, contacts[2].change)], samples::now()).await.unwrap();
    contacts
}

/// The card of a person whom an e-mail recognizes.
pub(super) fn person(name: &str) -> ContactCard {
    samples::full_card(name, "Українка", &format!("{name}@example.org"), "+380671234567")
}

pub(super) fn name(text: &str) -> CardName {
    CardName::parse(text).unwrap()
}

pub(super) fn uid(text: &str) -> CardUid {
    CardUid::parse(text).unwrap()
}

pub(super) fn text(of: &str) -> ReceivedText {
    ReceivedText::new(CardVersion::V3_0, format!("the text of {of}")).unwrap()
}

/// Ports of one operation: a connection pool, and a source of ids and secrets of its own.
pub(super) fn ports_of(env: &TestEnvironment, store: &persistence::SqlStore, source: Arc<Source>) -> Ports {
    Ports { store: Arc::new(store.clone()), ids: source.clone(), secrets: source, ..env.ports.clone() }
}
