//! Templates of the operator, from `TEMPLATES_DIR`.

use std::{collections::HashMap, fs, io, path::Path};

use domain::error::Source;

use super::errors::named;
use crate::{pages, settings::Settings};

/// Reads the templates that replace built-in ones. A file has the name of the template that it replaces, like
/// `mail/en/verify_email.html`. Logs the files that replace nothing.
pub(super) fn read_templates(folder: Option<&Path>) -> Result<HashMap<String, String>, Source> {
    let Some(folder) = folder else { return Ok(HashMap::new()) };
    let mut found = HashMap::new();
    for name in mailer::Branding::template_names().chain(pages::Branding::template_names()) {
        match fs::read_to_string(folder.join(name)) {
            Ok(text) => drop(found.insert(name.to_owned(), text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(named(&format!("TEMPLATES_DIR: {name}"), &error)),
        }
    }
    for name in files_in(folder, folder).map_err(|error| named("TEMPLATES_DIR", &error))? {
        if !found.contains_key(&name) {
            tracing::warn!(file = name, "template ignored: no built-in template has this name");
        }
    }
    Ok(found)
}

/// Returns the names of all files in a folder, relative to `root`, with `/` between the parts.
fn files_in(root: &Path, folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            names.append(&mut files_in(root, &path)?);
        } else {
            let parts = path.strip_prefix(root).unwrap_or(&path).iter().map(|part| part.to_string_lossy());
            names.push(parts.collect::<Vec<_>>().join("/"));
        }
    }
    Ok(names)
}

/// Returns the branding of the pages.
pub(super) fn page_branding(settings: &Settings, templates: HashMap<String, String>) -> pages::Branding {
    pages::Branding { app_name: settings.app_name.clone(), site_url: settings.site_url.clone(), templates }
}
