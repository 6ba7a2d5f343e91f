//! Pictures and their names.

use uuid::Uuid;

/// Name of a stored picture: a folder and a random id, never chosen by a client.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PictureKey(String);

impl PictureKey {
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

/// Picture in the stored form: a square JPEG without metadata.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Encoded bytes.
    pub jpeg: Vec<u8>,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Picture({} bytes)", self.jpeg.len())
    }
}
