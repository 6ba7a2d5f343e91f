//! Names of pictures. They are secret: a client that knows the name of a picture may fetch it, without signing in.

use uuid::Uuid;

use crate::secret::Secret;

/// Name of a stored picture: a folder and an id that cannot be guessed, never chosen by a client.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PictureKey(String);

impl PictureKey {
    /// Returns the id of a new name. It has 128 random bits: ids that contain the time are guessable.
    #[must_use]
    pub fn unguessable_id(random: &Secret) -> Uuid {
        let digest = random.digest();
        Uuid::from_u128(digest.0.iter().take(16).fold(0, |id, byte| id * 256 + u128::from(*byte)))
    }

    /// Creates the name of a user's avatar. Each upload gets a new name, so that a name always identifies the same
    /// bytes and can be cached forever.
    #[must_use]
    pub fn avatar(id: Uuid) -> Self {
        Self(format!("avatars/{}", id.simple()))
    }

    /// Creates the name of a contact's photo, also new for each upload.
    #[must_use]
    pub fn photo(id: Uuid) -> Self {
        Self(format!("photos/{}", id.simple()))
    }

    /// Creates the value from a stored name.
    #[must_use]
    pub fn from_stored(key: String) -> Self {
        Self(key)
    }

    /// Returns the name, without an extension.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
