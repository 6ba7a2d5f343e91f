//! Change or remove the photo of a contact.

use super::{Contact, ContactId, Expected};
use crate::{
    Ports,
    account::UserId,
    picture::{KeepPictureError, PictureKey, adopt, keep_upload, let_go},
    store::{StoreError, UnitOfWork},
};

/// Why the photo is as it was.
#[derive(Debug, thiserror::Error)]
pub enum ChangePhotoError {
    /// The owner has no such contact.
    #[error("no such contact")]
    NotFound,
    /// It was changed since the writer read it.
    #[error("the contact was changed meanwhile")]
    Stale,
    /// The upload could not be kept.
    #[error(transparent)]
    Picture(#[from] KeepPictureError),
    /// No storage.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes the upload the contact's photo, in the same steps as an avatar.
///
/// # Errors
/// See [`ChangePhotoError`].
pub async fn change_photo(
    ports: &Ports,
    owner: UserId,
    id: ContactId,
    expected: &Expected,
    upload: Vec<u8>,
) -> Result<Contact, ChangePhotoError> {
    // Asked twice: here so that no picture is worked on in vain, below because only a lock makes it hold.
    admitted(ports.store.find_contact(owner, id).await?, expected)?;
    let key = keep_upload(ports, PictureKey::photo, upload).await?;
    let mut unit = ports.store.begin().await?;
    let contact = match admitted(unit.lock_contact(owner, id).await?, expected) {
        Ok(contact) => contact,
        Err(refusal) => {
            // Known to be in vain, so the lease need not run out.
            let_go(ports, &mut *unit, [key]).await?;
            unit.commit().await?;
            return Err(refusal);
        }
    };
    let mut unit = adopt(ports, unit, &key).await?;
    let contact = point_to(ports, &mut *unit, contact, Some(key)).await?;
    unit.commit().await?;
    Ok(contact)
}

/// Removes the photo; nothing happens where there is none.
///
/// # Errors
/// See [`ChangePhotoError`].
pub async fn remove_photo(
    ports: &Ports,
    owner: UserId,
    id: ContactId,
    expected: &Expected,
) -> Result<(), ChangePhotoError> {
    let mut unit = ports.store.begin().await?;
    let contact = admitted(unit.lock_contact(owner, id).await?, expected)?;
    if contact.photo.is_some() {
        point_to(ports, &mut *unit, contact, None).await?;
        unit.commit().await?;
    }
    Ok(())
}

fn admitted(found: Option<Contact>, expected: &Expected) -> Result<Contact, ChangePhotoError> {
    let contact = found.ok_or(ChangePhotoError::NotFound)?;
    if expected.admits(contact.version) { Ok(contact) } else { Err(ChangePhotoError::Stale) }
}

async fn point_to(
    ports: &Ports,
    unit: &mut dyn UnitOfWork,
    mut contact: Contact,
    photo: Option<PictureKey>,
) -> Result<Contact, StoreError> {
    let old = std::mem::replace(&mut contact.photo, photo);
    contact.version = contact.version.next();
    contact.updated_at = ports.clock.now();
    unit.update_contact(&contact).await?;
    let_go(ports, unit, old).await?;
    Ok(contact)
}
