//! Releases pictures that are no longer referenced.

use crate::{error::StoreError, picture::PictureKey, ports::Ports, store::UnitOfWork};

/// Releases pictures in the unit that removes their references. They are removed soon after the commit, and not at all
/// without it. Their uploads must be over. Every operation that stops using a picture calls this function.
pub(crate) async fn release_pictures(
    ports: &Ports,
    unit: &mut dyn UnitOfWork,
    pictures: impl IntoIterator<Item = PictureKey> + Send,
) -> Result<(), StoreError> {
    let pictures: Vec<PictureKey> = pictures.into_iter().collect();
    unit.record_orphaned_pictures(&pictures, ports.clock.now(), None).await
}
