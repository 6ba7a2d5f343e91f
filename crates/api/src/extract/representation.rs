//! The representation of a contact that a client prefers.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{Accept, Header as _, Quality},
    mime::Mime,
};
use contact_files::OutputVersion;

use crate::problem::Problem;

/// Representation of a contact, by the header `Accept`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Representation {
    Json,
    Vcard(OutputVersion),
}

impl Representation {
    /// Returns the first known one of the ranked types. JSON is the default, also for a header that is malformed: a client
    /// is never rejected for what it accepts.
    fn of(request: &HttpRequest) -> Self {
        let Ok(mut accept) = Accept::parse(request) else { return Self::Json };
        accept.0.retain(|accepted| accepted.quality > Quality::ZERO);
        accept.ranked().iter().find_map(Self::known).unwrap_or(Self::Json)
    }

    fn known(kind: &Mime) -> Option<Self> {
        match kind.essence_str() {
            "application/json" | "application/*" | "*/*" => Some(Self::Json),
            "text/vcard" | "text/x-vcard" => {
                let version = kind.get_param("version").and_then(|version| OutputVersion::from_name(version.as_str()));
                Some(Self::Vcard(version.unwrap_or_default()))
            }
            _ => None,
        }
    }
}

impl FromRequest for Representation {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn representation_is_the_known_type_with_the_highest_rank() {
        let (v3, v4) = (Representation::Vcard(OutputVersion::V3_0), Representation::Vcard(OutputVersion::V4_0));
        let json = Representation::Json;
        for (accept, expected) in [
            ("text/vcard", v3),
            ("Text/VCARD; charset=utf-8", v3),
            ("text/x-vcard", v3),
            ("text/vcard;version=3.0", v3),
            ("text/vcard; version=4.0", v4),
            ("text/vcard;version=\"4.0\"", v4),
            ("text/vcard;q=0.5, application/json", json),
            ("application/json;q=0.5, text/vcard;version=4.0;q=0.9", v4),
            ("text/vcard;q=0, */*", json),
            ("text/vcard;q=0", json),
            ("*/*, text/vcard", v3),
            ("text/html,application/xhtml+xml,*/*;q=0.8", json),
            ("image/png", json),
            (";;;", json),
        ] {
            let request = TestRequest::default().insert_header(("accept", accept)).to_http_request();
            assert_eq!(Representation::of(&request), expected, "{accept}");
        }
        assert_eq!(Representation::of(&TestRequest::default().to_http_request()), json);
    }
}
