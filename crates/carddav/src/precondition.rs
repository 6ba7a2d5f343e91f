//! Conditions that a request must fulfil, as elements of an error document.

/// A condition that a request does not fulfil.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    /// The depth `infinity` is not served (RFC 4918, 9.1.1).
    PropfindFiniteDepth,
    /// The server computes this property (RFC 4918, 16).
    CannotModifyProtectedProperty,
    /// The server has no such report (RFC 3253, 3.6).
    SupportedReport,
    /// The token is unknown or has expired (RFC 6578, 3.2).
    ValidSyncToken,
    /// Only `sync-level` 1 is served (RFC 6578, 3.3).
    SyncTraversalSupported,
    /// There are more results than the answer may have (RFC 5323, 5.17.2).
    NumberOfMatchesWithinLimits,
    /// The user lacks a privilege on a resource (RFC 3744, 7.1.1).
    NeedPrivileges {
        /// Path of the resource.
        href: String,
        /// Missing privilege, such as `write`.
        privilege: Privilege,
    },
    /// Cards have this media type or version only in other answers (RFC 6352, 6.3.2.1).
    SupportedAddressData,
    /// The body is not exactly one vCard (RFC 6352, 6.3.2.1).
    ValidAddressData,
    /// Another card has the same UID (RFC 6352, 6.3.2.1).
    NoUidConflict {
        /// Path of the other card.
        href: String,
    },
    /// The address book takes no resource at this path (RFC 6352, 6.3.2.1).
    AddressbookCollectionLocationOk,
    /// The card is too large (RFC 6352, 6.3.2.1).
    MaxResourceSize,
    /// The filter has more conditions than the server checks, or unknown ones (RFC 6352, 8.6).
    SupportedFilter,
    /// The server does not know the collation (RFC 6352, 8.3).
    SupportedCollation,
}

/// A privilege of RFC 3744.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Privilege {
    /// Reads properties and content.
    Read,
    /// All privileges that change something.
    Write,
    /// Changes properties.
    WriteProperties,
    /// Changes content.
    WriteContent,
    /// Adds members to a collection.
    Bind,
    /// Removes members from a collection.
    Unbind,
    /// Reads the own privileges.
    ReadCurrentUserPrivilegeSet,
}

impl Privilege {
    /// Returns the element of the privilege.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::Read => "d:read",
            Self::Write => "d:write",
            Self::WriteProperties => "d:write-properties",
            Self::WriteContent => "d:write-content",
            Self::Bind => "d:bind",
            Self::Unbind => "d:unbind",
            Self::ReadCurrentUserPrivilegeSet => "d:read-current-user-privilege-set",
        }
    }
}

impl Precondition {
    /// Returns the element of the condition.
    pub(crate) fn tag(&self) -> &'static str {
        match self {
            Self::PropfindFiniteDepth => "d:propfind-finite-depth",
            Self::CannotModifyProtectedProperty => "d:cannot-modify-protected-property",
            Self::SupportedReport => "d:supported-report",
            Self::ValidSyncToken => "d:valid-sync-token",
            Self::SyncTraversalSupported => "d:sync-traversal-supported",
            Self::NumberOfMatchesWithinLimits => "d:number-of-matches-within-limits",
            Self::NeedPrivileges { .. } => "d:need-privileges",
            Self::SupportedAddressData => "card:supported-address-data",
            Self::ValidAddressData => "card:valid-address-data",
            Self::NoUidConflict { .. } => "card:no-uid-conflict",
            Self::AddressbookCollectionLocationOk => "card:addressbook-collection-location-ok",
            Self::MaxResourceSize => "card:max-resource-size",
            Self::SupportedFilter => "card:supported-filter",
            Self::SupportedCollation => "card:supported-collation",
        }
    }
}
