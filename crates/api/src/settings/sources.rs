//! Sources of the settings: the file `.env` in the current folder, and the environment.

use std::{collections::HashMap, fs, io};

use super::SettingsError;

/// File with settings, in the current folder.
const FILE: &str = ".env";

/// Variables of both sources, as they are written.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    /// Variables of `.env`.
    pub(super) file: HashMap<String, String>,
    /// Variables of the environment.
    pub(super) environment: HashMap<String, String>,
}

/// Source of the value of a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    Default,
    File,
    Environment,
}

impl Source {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::File => FILE,
            Self::Environment => "environment",
        }
    }
}

impl Sources {
    /// Reads both sources. Without a file `.env` there is only the environment.
    pub(crate) fn read() -> Result<Self, SettingsError> {
        let file = match fs::read_to_string(FILE) {
            Ok(text) => parse_file(&text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => HashMap::new(),
            Err(error) => return Err(SettingsError::new(vec![format!("{FILE} cannot be read: {error}")])),
        };
        let environment =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Ok(Self { file, environment: environment.collect() })
    }

    /// Returns all variables in upper case: no other name is a setting. The environment wins, also with an empty value.
    pub(super) fn merged(&self) -> HashMap<String, String> {
        let mut all = self.file.clone();
        all.extend(self.environment.clone());
        all.retain(|name, _| !name.bytes().any(|byte| byte.is_ascii_lowercase()));
        all
    }

    /// Returns the value of a variable with its source. `None` when it is absent or empty.
    pub(crate) fn find(&self, name: &str) -> Option<(Source, &str)> {
        let found = match self.environment.get(name) {
            Some(value) => (Source::Environment, value.as_str()),
            None => (Source::File, self.file.get(name)?.as_str()),
        };
        Some(found).filter(|(_, value)| !value.is_empty())
    }
}

/// Parses the text of `.env`. The error names the line. It does not contain the line, which may hold a secret.
fn parse_file(text: &str) -> Result<HashMap<String, String>, SettingsError> {
    // Some editors of Windows begin a file with this mark.
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    parse_lines(text).map_err(|_| {
        let position = invalid_line(text).map_or_else(String::new, |line| format!(", line {line}"));
        let hint = "write NAME=value, and put a value with spaces or $ in single quotes";
        SettingsError::new(vec![format!("{FILE}{position}: cannot be parsed; {hint}")])
    })
}

fn parse_lines(text: &str) -> Result<HashMap<String, String>, dotenvy::Error> {
    dotenvy::from_read_iter(text.as_bytes()).collect()
}

/// Returns the number of the first invalid line: the line after the longest valid beginning.
fn invalid_line(text: &str) -> Option<usize> {
    let ends: Vec<usize> = text
        .split_inclusive('\n')
        .scan(0, |end, line| {
            Some({
                *end += line.len();
                *end
            })
        })
        .collect();
    let valid = ends.iter().rposition(|end| text.get(..*end).is_some_and(|beginning| parse_lines(beginning).is_ok()));
    Some(valid.map_or(1, |last| last + 2)).filter(|line| *line <= ends.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_line_is_reported_by_its_number_without_its_text() {
        for (text, position) in [
            ("HOST=127.0.0.1\n\nhunter2 hunter2\n", ".env, line 3:"),
            ("\u{FEFF}PORT=80\r\nhunter2=a b\r\n", ".env, line 2:"),
            ("# a comment\nA=b\nJWT_SECRET='hunter2\nB=c\n", ".env, line 3:"),
        ] {
            let error = parse_file(text).unwrap_err().to_string();
            assert!(error.starts_with(position) && !error.contains("hunter2"), "{text:?}: {error}");
        }
        let read = parse_file("\u{FEFF}A='b c'\nexport D=\"e\"\n").unwrap();
        assert_eq!(read, HashMap::from([("A".to_owned(), "b c".to_owned()), ("D".to_owned(), "e".to_owned())]));
    }
}
