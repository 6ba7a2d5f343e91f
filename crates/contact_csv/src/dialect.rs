//! Programs whose files differ in more than the names of their columns.

use std::collections::HashSet;

use crate::field::Field;

/// Dialect of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// Our own export: Google's columns, with pronouns and UID.
    Own,
    /// Google since 2024 (`First Name`, `Labels`).
    Google,
    /// Google before 2024 (`Given Name`, `Group Membership`).
    GoogleBefore2024,
    /// outlook.com.
    OutlookCom,
    /// Outlook on the desktop, in any language.
    Outlook,
    /// Thunderbird, in any language.
    Thunderbird,
    /// Another program, or a table that a person made.
    Other,
}

impl Dialect {
    /// Returns the name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Google => "google",
            Self::GoogleBefore2024 => "google-before-2024",
            Self::OutlookCom => "outlook-com",
            Self::Outlook => "outlook",
            Self::Thunderbird => "thunderbird",
            Self::Other => "other",
        }
    }

    /// Finds the dialect by the folded names of the columns, and their fields.
    pub(crate) fn of(names: &HashSet<&str>, fields: &[Option<Field>]) -> Self {
        const THUNDERBIRD: [&str; 8] = [
            "primaryemail",
            "primareemailadresse",
            "premiereadresseelectronique",
            "emailprimaria",
            "correoelectronicoprincipal",
            "podstawowyadresemail",
            "首要電子郵件",
            "別のメールアドレス",
        ];
        let has = |name: &str| names.contains(name);
        let has_label = ["emaillabel", "phonelabel", "addresslabel"].iter().any(|name| has(name));
        let is_google = has("firstname") && (has_label || (has("labels") && has("organizationname")));
        if is_google {
            return if has("pronouns") && has("uid") { Self::Own } else { Self::Google };
        }
        if has("groupmembership") || (has("givenname") && (has("emailtype") || has("phonetype"))) {
            return Self::GoogleBefore2024;
        }
        if THUNDERBIRD.iter().any(|name| has(name)) {
            return Self::Thunderbird;
        }
        if has("givenyomi") || has("personalwebpage") {
            return Self::OutlookCom;
        }
        // Outlook has a column for each kind of phone and address.
        let is_labeled =
            |field: &&Option<Field>| matches!(field, Some(Field::Phone(Some(_)) | Field::Address(Some(_), _)));
        if fields.iter().filter(is_labeled).count() >= 4 { Self::Outlook } else { Self::Other }
    }

    /// Returns true for files of Google, where a cell has several values with ` ::: ` between them.
    pub(crate) fn is_google(self) -> bool {
        matches!(self, Self::Own | Self::Google | Self::GoogleBefore2024)
    }
}
