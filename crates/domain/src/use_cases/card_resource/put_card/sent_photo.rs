//! The picture of a sent card, which is stored before the card is written.

use super::outcome::PutCardError;
use crate::{
    contact::card_resource::{CardContent, CardName, CardPrecondition, CardResource},
    error::StoreError,
    ids::UserId,
    picture::{PictureError, PictureKey},
    ports::Ports,
    use_cases::steps::{StoreUploadError, release_upload, store_upload},
};

/// Picture of a sent card. It was compared with the photo of the contact, which another request may replace before the card
/// is written.
pub(super) enum SentPhoto {
    /// The card has none.
    None,
    /// The contact has it already, under this name.
    Unchanged { key: PictureKey, picture: Vec<u8> },
    /// A new photo, which is stored and not claimed yet. `current` is the photo of the contact.
    New { key: PictureKey, current: Option<PictureKey> },
    /// A picture that cannot be converted. It stays in the text.
    Unusable,
}

impl SentPhoto {
    /// Stores the picture of a card, unless the contact has it already.
    pub(super) async fn of(
        ports: &Ports,
        owner: UserId,
        name: &CardName,
        precondition: &CardPrecondition,
        picture: Option<Vec<u8>>,
    ) -> Result<Self, PutCardError> {
        let Some(picture) = picture else { return Ok(Self::None) };
        let found = found(ports, owner, name).await?;
        // Checked again under the lock. Here it avoids the useless processing of a picture.
        if !precondition.admits(found.as_ref()) {
            return Err(PutCardError::PreconditionFailed);
        }
        Self::compared(ports, owner, photo_of(found), picture).await
    }

    async fn compared(
        ports: &Ports,
        owner: UserId,
        current: Option<PictureKey>,
        picture: Vec<u8>,
    ) -> Result<Self, PutCardError> {
        if let Some(key) = &current
            && ports.picture_store.get(key).await?.is_some_and(|stored| stored == picture)
        {
            return Ok(Self::Unchanged { key: key.clone(), picture });
        }
        match store_upload(ports, owner, PictureKey::photo, picture).await {
            Ok(key) => Ok(Self::New { key, current }),
            Err(StoreUploadError::Picture(error))
                if !matches!(error, PictureError::Overloaded | PictureError::Failed(_)) =>
            {
                Ok(Self::Unusable)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Returns true when the contact still has the photo with which this one was compared.
    pub(super) fn was_compared_with(&self, photo: Option<&PictureKey>) -> bool {
        match self {
            Self::Unchanged { key, .. } => photo == Some(key),
            Self::New { current, .. } => photo == current.as_ref(),
            Self::None | Self::Unusable => true,
        }
    }

    /// Compares the picture with the photo that the contact has now.
    pub(super) async fn compared_again(
        self,
        ports: &Ports,
        owner: UserId,
        name: &CardName,
    ) -> Result<Self, PutCardError> {
        let current = photo_of(found(ports, owner, name).await?);
        match self {
            Self::Unchanged { picture, .. } => Self::compared(ports, owner, current, picture).await,
            Self::New { key, .. } => {
                let picture = ports.picture_store.get(&key).await?;
                if let (Some(other), Some(picture)) = (&current, picture)
                    && ports.picture_store.get(other).await?.as_ref() == Some(&picture)
                {
                    release_upload(ports, key).await?;
                    return Ok(Self::Unchanged { key: other.clone(), picture });
                }
                Ok(Self::New { key, current })
            }
            same @ (Self::None | Self::Unusable) => Ok(same),
        }
    }

    /// Gives up the picture of a rejected card. It is removed soon, before its lease ends.
    pub(super) async fn release(self, ports: &Ports, rejection: &PutCardError) -> Result<(), StoreError> {
        match (self, rejection) {
            // The outcome of a commit may be unknown. A rejected claim has given up the picture.
            (_, PutCardError::Store(_) | PutCardError::Picture(_)) => Ok(()),
            (Self::New { key, .. }, _) => release_upload(ports, key).await,
            _ => Ok(()),
        }
    }
}

async fn found(ports: &Ports, owner: UserId, name: &CardName) -> Result<Option<CardResource>, StoreError> {
    Ok(ports.store.card_resources(owner, std::slice::from_ref(name)).await?.pop())
}

fn photo_of(found: Option<CardResource>) -> Option<PictureKey> {
    match found?.content {
        CardContent::Contact(contact) => contact.0.photo,
        CardContent::Group(_) => None,
    }
}
