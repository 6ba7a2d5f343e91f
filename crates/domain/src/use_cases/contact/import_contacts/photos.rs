//! Photos of the entries of a part. They are converted and stored before the unit of work that references them.

use super::{
    entries::Part,
    import::Import,
    plan::{Photos, Plan},
    stop::Stop,
};
use crate::{
    contact::import::ItemError,
    picture::{PictureKey, limits::MAX_UPLOAD_BYTES},
    use_cases::steps::{StoreUploadError, store_uploads},
};

impl Import<'_> {
    /// Stores the photos of the entries that need one, except those that are stored already.
    pub(super) async fn store_photos(&self, part: &mut Part, plan: &Plan, photos: &mut Photos) -> Result<(), Stop> {
        let (mut positions, mut uploads) = (Vec::new(), Vec::new());
        for (position, (entry, step)) in part.entries.iter_mut().zip(&plan.steps).enumerate() {
            let is_needed = step.needs_photo(&self.book);
            let Some(upload) = entry.contact.photo.take_if(|_| is_needed) else { continue };
            if upload.len() > MAX_UPLOAD_BYTES {
                let reason = format!("it has more than {} MiB", MAX_UPLOAD_BYTES / (1024 * 1024));
                photos.insert(position, Err(ItemError::Photo(reason)));
            } else {
                positions.push(position);
                uploads.push(upload);
            }
        }
        let stored = store_uploads(self.ports, self.owner, PictureKey::photo, uploads).await?;
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
