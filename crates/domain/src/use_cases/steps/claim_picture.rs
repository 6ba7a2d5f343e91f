//! Claims an uploaded picture: the second step of every operation that sets one.

use super::{StoreUploadError, release_pictures};
use crate::{
    picture::{PictureKey, PictureStoreError},
    ports::Ports,
    store::UnitOfWork,
};

/// Marks a picture as referenced by this unit. Once the unit commits, the picture is retained.
///
/// # Errors
/// `Unavailable` when the removal of the picture began during a slow upload. The picture may have arrived after that, so
/// it is recorded as orphaned again. The unit has been committed.
pub(crate) async fn claim_picture(
    ports: &Ports,
    mut unit: Box<dyn UnitOfWork>,
    key: &PictureKey,
) -> Result<Box<dyn UnitOfWork>, StoreUploadError> {
    if unit.claim_picture(key).await? {
        return Ok(unit);
    }
    release_pictures(ports, &mut *unit, [key.clone()]).await?;
    unit.commit().await?;
    Err(PictureStoreError::Unavailable("the upload took too long and was abandoned".into()).into())
}
