//! Photos of the entries of a part. They are converted and stored before the unit of work that references them.

use std::collections::HashMap;

use super::{
    Import, Stop,
    entries::Part,
    plan::{Plan, Step},
};
use crate::{
    contact::import::{ItemError, address_book::AddressBook},
    picture::{PictureKey, limits::MAX_UPLOAD_BYTES},
    use_cases::steps::{StoreUploadError, store_uploads},
};

/// Stored photos, or why a photo is not stored, by the position of the entry.
pub(super) type Photos = HashMap<usize, Result<PictureKey, ItemError>>;

/// Returns true when the photo of an entry is used. A known contact with a photo retains it: whether the photo of the
/// entry is another one cannot be seen, because stored photos are converted.
pub(super) fn needs_photo(book: &AddressBook, step: &Step) -> bool {
    match step {
        Step::Create(..) => true,
        Step::Unite(id) => book.contact(*id).is_some_and(|contact| !contact.has_photo),
        Step::Leave(_) | Step::Full => false,
    }
}

impl Import<'_> {
    /// Stores the photos of the entries that need one, except those that are stored already.
    pub(super) async fn store_photos(&self, part: &mut Part, plan: &Plan, photos: &mut Photos) -> Result<(), Stop> {
        let (mut positions, mut uploads) = (Vec::new(), Vec::new());
        for (position, (entry, step)) in part.entries.iter_mut().zip(&plan.steps).enumerate() {
            let is_needed = needs_photo(&self.book, step);
            let Some(upload) = entry.contact.photo.take_if(|_| is_needed) else { continue };
            if upload.len() > MAX_UPLOAD_BYTES {
                let reason = format!("it has more than {} MiB", MAX_UPLOAD_BYTES / (1024 * 1024));
                photos.insert(position, Err(ItemError::Photo(reason)));
            } else {
                positions.push(position);
                uploads.push(upload);
            }
        }
        let stored = store_uploads(self.ports, PictureKey::photo, uploads).await?;
        for (position, stored) in positions.into_iter().zip(stored) {
            let photo = match stored {
                Ok(key) => Ok(key),
                Err(StoreUploadError::Store(error)) => return Err(error.into()),
                Err(error) => Err(ItemError::Photo(error.to_string())),
            };
            photos.insert(position, photo);
        }
        Ok(())
    }
}
