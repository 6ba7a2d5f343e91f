//! Sets or removes the photo of a contact.

use crate::{
    contact::{Contact, Expected},
    error::StoreError,
    ids::{ContactId, UserId},
    picture::PictureKey,
    ports::Ports,
    store::UnitOfWork,
    use_cases::steps::{StoreUploadError, claim_picture, discard_upload, release_pictures, store_upload},
};

/// Errors of [`change_photo`] and [`remove_photo`].
#[derive(Debug, thiserror::Error)]
pub enum ChangePhotoError {
    /// The owner has no such contact.
    #[error("no such contact")]
    NotFound,
    /// The contact was changed after the client read it.
    #[error("the contact was changed meanwhile")]
    Stale,
    /// The upload could not be stored.
    #[error(transparent)]
    Picture(#[from] StoreUploadError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Sets the upload as the photo of a contact.
///
/// The new picture is stored under a new name before the database references it. The old picture is released in the
/// same transaction. So no reference is ever dangling, and an error leaves no picture behind.
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
    // The contact is checked twice: here to avoid useless processing of the picture, and below under the lock, where
    // the result is reliable.
    check_version(ports.store.find_contact(owner, id).await?, expected)?;
    let key = store_upload(ports, owner, PictureKey::photo, upload).await?;
    let mut unit = ports.store.begin().await?;
    let contact = match lock_contact(&mut *unit, owner, id, expected).await {
        Ok(contact) => contact,
        Err(rejection) => {
            discard_upload(ports, unit, key).await?;
            return Err(rejection);
        }
    };
    let mut unit = claim_picture(ports, unit, &key).await?;
    let contact = set_photo(ports, &mut *unit, contact, Some(key)).await?;
    unit.commit().await?;
    Ok(contact)
}

/// Removes the photo. Succeeds if there is none.
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
    let contact = lock_contact(&mut *unit, owner, id, expected).await?;
    if contact.photo.is_some() {
        set_photo(ports, &mut *unit, contact, None).await?;
        unit.commit().await?;
    }
    Ok(())
}

/// Takes a change number, and then locks the contact. Returns it with that number.
async fn lock_contact(
    unit: &mut dyn UnitOfWork,
    owner: UserId,
    id: ContactId,
    expected: &Expected,
) -> Result<Contact, ChangePhotoError> {
    let taken = unit.take_change_numbers(owner, 1, 0).await?.ok_or(ChangePhotoError::NotFound)?;
    let contact = check_version(unit.lock_contact(owner, id).await?, expected)?;
    Ok(Contact { change: taken.first, ..contact })
}

fn check_version(found: Option<Contact>, expected: &Expected) -> Result<Contact, ChangePhotoError> {
    let contact = found.ok_or(ChangePhotoError::NotFound)?;
    if expected.admits(contact.change) { Ok(contact) } else { Err(ChangePhotoError::Stale) }
}

/// Sets or removes the photo of a locked contact, and releases the old one.
async fn set_photo(
    ports: &Ports,
    unit: &mut dyn UnitOfWork,
    mut contact: Contact,
    photo: Option<PictureKey>,
) -> Result<Contact, StoreError> {
    let old = std::mem::replace(&mut contact.photo, photo);
    contact.updated_at = ports.clock.now();
    unit.update_contact(&contact).await?;
    release_pictures(ports, unit, old).await?;
    Ok(contact)
}
