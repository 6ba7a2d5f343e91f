//! Scopes: the operations that an app password allows.

use std::{collections::BTreeSet, fmt, str::FromStr};

use crate::text::Invalid;

/// Group of operations that an app password can allow. No scope includes another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Synchronize contacts over CardDAV.
    CardDav,
    /// Read contacts over the API.
    ApiRead,
    /// Change contacts over the API.
    ApiWrite,
}

impl Scope {
    /// All values.
    pub const ALL: [Self; 3] = [Self::CardDav, Self::ApiRead, Self::ApiWrite];

    /// Returns the name that clients send, and that is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CardDav => "carddav",
            Self::ApiRead => "api:read",
            Self::ApiWrite => "api:write",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = Invalid;

    fn from_str(name: &str) -> Result<Self, Invalid> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name).ok_or(Invalid::UnknownScope)
    }
}

/// Scopes of an app password: at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// Collects scopes. A repeated one counts once.
    ///
    /// # Errors
    /// `NoScope` when there is none.
    pub fn new(scopes: impl IntoIterator<Item = Scope>) -> Result<Self, Invalid> {
        let scopes: BTreeSet<Scope> = scopes.into_iter().collect();
        if scopes.is_empty() { Err(Invalid::NoScope) } else { Ok(Self(scopes)) }
    }

    /// Parses the displayed form. Returns `None` for an unknown scope, or when there is none.
    #[must_use]
    pub fn from_stored(names: &str) -> Option<Self> {
        let scopes: Result<Vec<Scope>, Invalid> = names.split(' ').map(str::parse).collect();
        Self::new(scopes.ok()?).ok()
    }

    /// Returns true when this scope is among them.
    #[must_use]
    pub fn contains(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// Returns the scopes, each once, always in the same order.
    pub fn iter(&self) -> impl Iterator<Item = Scope> {
        self.0.iter().copied()
    }
}

/// The scope of a program that synchronizes contacts, for which most app passwords are made.
impl Default for Scopes {
    fn default() -> Self {
        Self(BTreeSet::from([Scope::CardDav]))
    }
}

/// Writes the names with a space between them, as OAuth 2 does (RFC 6749, 3.3).
impl fmt::Display for Scopes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.iter().map(Scope::as_str).collect();
        formatter.write_str(&names.join(" "))
    }
}
