//! Groups that Google makes itself, and writes between the tags of a vCard.

/// Group of all contacts. A card with it is from Google.
const EVERYONE: &str = "myContacts";

/// Group of the favorites, in the web and on Android.
const STARRED: [&str; 2] = ["starred", "Starred in Android"];

/// Meaning of the categories of a card. In a card of another program `starred` is a tag like others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GoogleGroups {
    is_google: bool,
}

impl GoogleGroups {
    /// Groups of a card that is not Google's: every category is a tag.
    pub(crate) const NONE: Self = Self { is_google: false };

    /// Finds out if the categories of a card are Google's.
    pub(crate) fn of(categories: &[String]) -> Self {
        Self { is_google: categories.iter().any(|category| category == EVERYONE) }
    }

    /// Returns true for the group of all contacts.
    pub(crate) fn is_everyone(self, category: &str) -> bool {
        self.is_google && category == EVERYONE
    }

    /// Returns true for the group of the favorites.
    pub(crate) fn is_star(self, category: &str) -> bool {
        self.is_google && STARRED.contains(&category)
    }

    /// Returns true for a tag of the user.
    pub(crate) fn is_tag(self, category: &str) -> bool {
        !self.is_everyone(category) && !self.is_star(category)
    }
}
