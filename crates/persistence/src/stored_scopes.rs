//! Scopes of app passwords, as they are stored.

use domain::app_password::{Scope, Scopes};

/// Returns true when this version knows all of these scopes.
pub(crate) fn are_known(names: &str) -> bool {
    names.split(' ').all(|name| name.parse::<Scope>().is_ok())
}

/// Returns the known ones of these scopes. After a downgrade there may be unknown names, which allow nothing. Returns `None`
/// when no name is known.
pub(crate) fn known_scopes(names: &str) -> Option<Scopes> {
    Scopes::new(names.split(' ').filter_map(|name| name.parse().ok())).ok()
}
