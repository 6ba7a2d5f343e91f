//! Loading of the settings of each command. Commands other than `serve` read only their own variables, so an error in
//! another variable does not stop them. A migration needs no secret.

use std::collections::HashMap;

use super::{
    DatabaseCommandSettings, ListenSettings, Settings, SettingsError, Traces, parse, sources::Sources,
    unknown::find_unknown, variables::raw,
};

impl Settings {
    /// Reads `.env` in the current folder, if it exists, and the environment. The environment wins.
    ///
    /// # Errors
    /// Returns every invalid setting, each with its variable and a fix.
    pub fn load() -> Result<Self, SettingsError> {
        let sources = Sources::read()?;
        Ok(Self { unknown: find_unknown(&sources), ..Self::from_variables(sources.merged())? })
    }

    /// Parses the given variables. An empty variable counts as absent.
    ///
    /// # Errors
    /// Returns every invalid setting, each with its variable and a fix.
    pub fn from_variables(variables: HashMap<String, String>) -> Result<Self, SettingsError> {
        let traces = Traces::from_variables(&variables);
        Ok(Self { traces, ..parse::settings(raw(variables)?)? })
    }
}

impl DatabaseCommandSettings {
    /// Reads the settings from the sources of [`Settings::load`].
    ///
    /// # Errors
    /// Returns every invalid setting, each with its variable and a fix.
    pub fn load() -> Result<Self, SettingsError> {
        parse::database_settings(raw(Sources::read()?.merged())?)
    }
}

impl ListenSettings {
    /// Reads the settings from the sources of [`Settings::load`].
    ///
    /// # Errors
    /// Returns every invalid setting, each with its variable and a fix.
    pub fn load() -> Result<Self, SettingsError> {
        parse::listen_settings(&raw(Sources::read()?.merged())?)
    }
}
