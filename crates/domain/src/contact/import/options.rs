//! Choices of the user for an import.

/// Treatment of entries whose contact exists already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ImportMode {
    /// The existing contact stays as it is.
    #[default]
    Skip,
    /// The existing contact gets the values of the entry. Values that the entry does not have stay.
    Update,
    /// No contact is looked for: every entry becomes a new contact.
    Add,
}

impl ImportMode {
    /// All values.
    pub const ALL: [Self; 3] = [Self::Skip, Self::Update, Self::Add];

    /// Returns the name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Update => "update",
            Self::Add => "add",
        }
    }
}

/// Choices of the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ImportOptions {
    /// Treatment of existing contacts.
    pub mode: ImportMode,
    /// True to write nothing, and to report what would be done.
    pub is_dry_run: bool,
}
