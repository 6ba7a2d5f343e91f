//! Name of the service, and templates of the operator.

use std::collections::HashMap;

use domain::account::Locale;

use crate::templates::TEMPLATES;

/// Changes of mails by the operator.
#[derive(Debug, Clone, Default)]
pub struct Branding {
    /// Name of the service. `None`: "Contacts", in the language of the receiver.
    pub app_name: Option<String>,
    /// Templates that replace the built-in ones of the same name. Other names are ignored.
    pub templates: HashMap<String, String>,
}

impl Branding {
    /// Returns the names of the templates that can be replaced, like `mail/en/verify_email.html`.
    pub fn template_names() -> impl Iterator<Item = &'static str> {
        TEMPLATES.iter().map(|(name, _)| *name)
    }

    pub(crate) fn app_name(&self, locale: Locale) -> &str {
        match (&self.app_name, locale) {
            (Some(name), _) => name,
            (None, Locale::En) => "Contacts",
            (None, Locale::Uk) => "Контакти",
        }
    }

    /// Returns name and text of every template.
    pub(crate) fn templates(&self) -> impl Iterator<Item = (&'static str, &str)> {
        TEMPLATES.iter().map(|(name, text)| (*name, self.templates.get(*name).map_or(*text, String::as_str)))
    }
}
