//! All static files of the service: the OpenAPI document, Swagger UI, and the files of the pages.

mod file;

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use actix_web::web::Bytes;
use domain::error::Source;
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::Config;

use self::file::StaticFile;
use crate::pages::{Pages, SMALL_ICON};

/// Files of Swagger UI that the page of the documentation uses.
const SWAGGER_UI: [&str; 5] = [
    "index.css",
    "swagger-initializer.js",
    "swagger-ui-bundle.js",
    "swagger-ui-standalone-preset.js",
    "swagger-ui.css",
];

/// Style sheet that fits Swagger UI to a phone.
const STYLES: &str = include_str!("../../../../templates/pages/docs.css");
/// Script that chooses the colours of Swagger UI.
const THEME: &str = include_str!("../../../../templates/pages/theme.js");

pub(crate) struct StaticFiles {
    pub(crate) openapi: StaticFile,
    pub(crate) style_sheet: StaticFile,
    pub(crate) icon: StaticFile,
    pub(crate) small_icon: StaticFile,
    /// Files below `/docs/`, by name. The page itself has an empty name.
    pub(crate) docs: BTreeMap<String, StaticFile>,
}

impl StaticFiles {
    /// Creates the files of this document and these pages.
    pub(crate) fn new(document: &OpenApi, pages: &Pages) -> Result<Self, Source> {
        let mut docs = BTreeMap::new();
        for name in SWAGGER_UI {
            let file = utoipa_swagger_ui::serve(name, Arc::new(config())).map_err(|error| error.to_string())?;
            let file = file.ok_or_else(|| format!("Swagger UI has no file {name}"))?;
            let bytes = match file.bytes {
                Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                Cow::Owned(bytes) => bytes.into(),
            };
            docs.insert(name.to_owned(), StaticFile::new(file.content_type, bytes));
        }
        docs.insert("docs.css".to_owned(), StaticFile::new("text/css; charset=utf-8", STYLES));
        docs.insert("theme.js".to_owned(), StaticFile::new("text/javascript; charset=utf-8", THEME));
        docs.insert(String::new(), StaticFile::new("text/html; charset=utf-8", pages.docs.clone()));
        Ok(Self {
            openapi: StaticFile::new("application/json", document.to_json()?),
            style_sheet: StaticFile::new("text/css; charset=utf-8", pages.style_sheet.clone()),
            icon: StaticFile::new("image/svg+xml", pages.icon.clone()),
            small_icon: StaticFile::new("image/x-icon", SMALL_ICON),
            docs,
        })
    }
}

fn config() -> Config<'static> {
    Config::new(["/openapi.json"])
        .validator_url("none")
        // Without the bar for the URL of another document.
        .use_base_layout()
        .default_models_expand_depth(0)
        // Tokens stay in the memory of the page: stored tokens would remain after the tab is closed.
        .persist_authorization(false)
        .try_it_out_enabled(true)
}
