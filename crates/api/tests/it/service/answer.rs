//! An answer, read whole.

use reqwest::{Response, StatusCode};
use serde_json::Value;

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
    /// The body as JSON; null when it is none.
    pub(crate) json: Value,
}

impl Answer {
    pub(crate) async fn of(response: Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.unwrap();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Self { status, headers, text, json }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Returns the answer, which must have a status.
    #[track_caller]
    pub(crate) fn expect(self, status: StatusCode) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Returns the answer, which must be a problem with a status and a code.
    #[track_caller]
    pub(crate) fn expect_problem(self, status: u16, code: &str) -> Self {
        assert_eq!((self.status.as_u16(), self.json["code"].as_str()), (status, Some(code)), "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.json["status"], status);
        assert_eq!(self.json["request_id"], self.header("x-request-id"));
        for field in ["type", "title", "detail"] {
            assert!(self.json[field].is_string(), "{field}: {}", self.text);
        }
        self
    }

    /// The positions and codes of all errors.
    pub(crate) fn errors(&self) -> Vec<(&str, &str)> {
        let position = |error: &'_ Value| error["pointer"].as_str().or_else(|| error["parameter"].as_str()).is_some();
        let errors = self.json["errors"].as_array().unwrap();
        assert!(errors.iter().all(position), "{}", self.text);
        errors
            .iter()
            .map(|error| {
                let position = error["pointer"].as_str().or_else(|| error["parameter"].as_str());
                (position.unwrap(), error["code"].as_str().unwrap())
            })
            .collect()
    }
}
