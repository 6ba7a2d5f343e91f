//! Request bodies as forms.

use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload};
use domain::account::Email;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    body_bytes::{body_bytes, check_media_type},
    body_size,
    json_body::{Body, Extracted, decode_and_admit, parse},
};
use crate::{
    limits::{Named, admit_body},
    problem::{Code, Problem},
};

const FORM: &str = "application/x-www-form-urlencoded";

/// A body in JSON, or a form whose fields are strings. Unknown fields of the form are ignored: OAuth 2 clients send
/// `grant_type` and `scope`.
pub(crate) enum FormOrJson<F, J> {
    Form(F),
    Json(J),
}

impl<F: Body, J: Body> FromRequest for FormOrJson<F, J> {
    type Error = Problem;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_form = request.content_type().eq_ignore_ascii_case(FORM);
        let accepted = check_media_type(request, &["application/json", FORM]);
        let bytes = body_bytes(request, payload, J::LIMIT);
        let request = request.clone();
        Box::pin(async move {
            accepted?;
            let bytes = bytes.await?;
            if is_form {
                decode_and_admit(&request, form_fields(&bytes)).await.map(Self::Form)
            } else {
                decode_and_admit(&request, parse(&bytes)?).await.map(Self::Json)
            }
        })
    }
}

/// A form of an HTML page.
pub(crate) trait Form: DeserializeOwned + 'static {
    /// Returns the account that the form names, for rate limits by account. `None` when its e-mail address is malformed.
    fn account(&self) -> Option<Email> {
        None
    }
}

/// The extractor of a form of an HTML page. Unknown fields are ignored.
pub(crate) struct FormOf<T>(pub(crate) T);

impl<T: Form> FromRequest for FormOf<T> {
    type Error = Problem;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let accepted = check_media_type(request, &[FORM]);
        let bytes = body_bytes(request, payload, body_size::PAGE_FORM);
        let request = request.clone();
        Box::pin(async move {
            accepted?;
            let fields = form_fields(&bytes.await?);
            let form: T = serde_json::from_value(fields).map_err(|_| Problem::new(Code::BadRequest))?;
            admit_body(&request, Named { account: form.account().as_ref(), session: None }).await?;
            Ok(Self(form))
        })
    }
}

/// Parses the fields of a form. Of a repeated field the last value is used.
fn form_fields(bytes: &[u8]) -> Value {
    let fields = url::form_urlencoded::parse(bytes);
    fields.map(|(name, value)| (name.into_owned(), Value::String(value.into_owned()))).collect()
}
