//! Properties that have a field in [`Card`](crate::Card).

use crate::version::Version;

/// A property with a field in [`Card`](crate::Card).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Property {
    Uid,
    Kind,
    Member,
    FormattedName,
    Name,
    PhoneticFirstName,
    PhoneticLastName,
    Nickname,
    Organization,
    JobTitle,
    Pronouns,
    Email,
    Phone,
    Address,
    Url,
    Birthday,
    Note,
    Categories,
    Favorite,
    Photo,
    Revision,
}

impl Property {
    /// Names of the properties. Apple has names of its own for groups in vCard 3.0.
    const NAMES: [(&str, Self); 23] = [
        ("UID", Self::Uid),
        ("KIND", Self::Kind),
        ("X-ADDRESSBOOKSERVER-KIND", Self::Kind),
        ("MEMBER", Self::Member),
        ("X-ADDRESSBOOKSERVER-MEMBER", Self::Member),
        ("FN", Self::FormattedName),
        ("N", Self::Name),
        ("X-PHONETIC-FIRST-NAME", Self::PhoneticFirstName),
        ("X-PHONETIC-LAST-NAME", Self::PhoneticLastName),
        ("NICKNAME", Self::Nickname),
        ("ORG", Self::Organization),
        ("TITLE", Self::JobTitle),
        ("PRONOUNS", Self::Pronouns),
        ("EMAIL", Self::Email),
        ("TEL", Self::Phone),
        ("ADR", Self::Address),
        ("URL", Self::Url),
        ("BDAY", Self::Birthday),
        ("NOTE", Self::Note),
        ("CATEGORIES", Self::Categories),
        ("X-FAVORITE", Self::Favorite),
        ("PHOTO", Self::Photo),
        ("REV", Self::Revision),
    ];

    /// Names that are read, and never written.
    const ALIASES: [(&str, Self); 1] = [("X-ANDROID-STARRED", Self::Favorite)];

    /// Returns the property with this name, in any case.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let mut names = Self::NAMES.iter().chain(&Self::ALIASES);
        names.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, property)| *property)
    }

    /// Returns the name in a version.
    pub(crate) fn name(self, version: Version) -> &'static str {
        let mut names = Self::NAMES.iter().filter(|(_, property)| *property == self).map(|(name, _)| *name);
        let name = names.next().unwrap_or_default();
        if version == Version::V4_0 { name } else { names.next().unwrap_or(name) }
    }
}
