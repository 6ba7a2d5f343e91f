//! The body of a request, as JSON or as a form.

use std::{future::Future, pin::Pin, time::Duration};

use actix_web::{
    FromRequest, HttpMessage as _, HttpRequest,
    dev::Payload,
    http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue},
    web,
};
use deserr::Deserr;
use domain::{account::Email, session::SessionId};
use futures_util::TryStreamExt as _;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::timeout;

use super::{
    BodyFaults,
    arrival::{Arrival, ArrivalMemory},
};
use crate::{
    limits::{Named, admit_body},
    problem::{Code, Fault, Problem},
    settings::Timeouts,
    shell::Shell,
};

/// The greatest number of bytes of a page's form.
const FORM_LIMIT: usize = 16 * 1024;

/// Bodies that have or declare at most so many bytes arrive without a reservation: each costs less than its connection.
const UNRESERVED: usize = 16 * 1024;
/// Memory for all other bodies while they arrive.
static MEMORY: ArrivalMemory = ArrivalMemory::new(32, 8);

const FORM: &str = "application/x-www-form-urlencoded";

/// A body with a limit of its own.
pub(crate) trait Body: Deserr<BodyFaults> + 'static {
    /// The greatest number of bytes.
    const LIMIT: usize = 16 * 1024;
    /// The media types it may have.
    const MEDIA_TYPES: &'static [&'static str] = &["application/json"];

    /// What is wrong with the body as a whole, told together with the faults of its fields.
    fn faults_of_the_whole(_: &Value) -> Vec<Fault> {
        Vec::new()
    }

    /// Which account it is about, where a limit counts by that.
    fn account(&self) -> Option<&Email> {
        None
    }

    /// Which session it is about, where a limit counts by that.
    fn session(&self) -> Option<SessionId> {
        None
    }
}

/// A body in JSON.
pub(crate) struct JsonBody<T>(pub(crate) T);

/// A body in JSON, or as a form whose fields are strings. Fields of the form that are not known are
/// left out: OAuth 2 clients send some of their own (`grant_type`, `scope`).
pub(crate) enum FormOrJson<F, J> {
    Form(F),
    Json(J),
}

pub(super) type Extracted<T> = Pin<Box<dyn Future<Output = Result<T, Problem>>>>;

impl<T: Body> FromRequest for JsonBody<T> {
    type Error = Problem;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let reading = read_json(request, payload, T::MEDIA_TYPES, T::LIMIT);
        let request = request.clone();
        Box::pin(async move { Ok(Self(body_of(&request, reading.await?).await?)) })
    }
}

/// The body as JSON, whatever it says.
pub(super) fn read_json(
    request: &HttpRequest,
    payload: &mut Payload,
    media_types: &[&str],
    limit: usize,
) -> Extracted<Value> {
    let accepted = check_media_type(request, media_types);
    let payload = web::Payload::from_request(request, payload);
    let request = request.clone();
    Box::pin(async move {
        accepted?;
        parse(&read_payload(&request, payload.await, limit).await?)
    })
}

/// What the body says, once its limits have let it in.
pub(super) async fn body_of<T: Body>(request: &HttpRequest, json: Value) -> Result<T, Problem> {
    let body: T = decode(json)?;
    admit_body(request, named(&body)).await?;
    Ok(body)
}

fn named<T: Body>(body: &T) -> Named<'_> {
    Named { account: body.account(), session: body.session() }
}

impl<F: Body, J: Body> FromRequest for FormOrJson<F, J> {
    type Error = Problem;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_form = request.content_type().eq_ignore_ascii_case(FORM);
        let accepted = if is_form { Ok(()) } else { check_media_type(request, &["application/json", FORM]) };
        let payload = web::Payload::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            accepted?;
            let bytes = read_payload(&request, payload.await, J::LIMIT).await?;
            if is_form {
                let form: F = decode(fields_of(&bytes))?;
                admit_body(&request, named(&form)).await?;
                Ok(Self::Form(form))
            } else {
                let json: J = decode(parse(&bytes)?)?;
                admit_body(&request, named(&json)).await?;
                Ok(Self::Json(json))
            }
        })
    }
}

/// What a page sends.
pub(crate) trait Form: DeserializeOwned + 'static {
    /// Which account it is about, where a limit counts by that; `None` too when it names none.
    fn account(&self) -> Option<Email> {
        None
    }
}

/// A form of a page: fields that are not known are left out.
pub(crate) struct FormOf<T>(pub(crate) T);

impl<T: Form> FromRequest for FormOf<T> {
    type Error = Problem;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let accepted = check_media_type(request, &[FORM]);
        let payload = web::Payload::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            accepted?;
            let bytes = read_payload(&request, payload.await, FORM_LIMIT).await?;
            let form: T = serde_json::from_value(fields_of(&bytes)).map_err(|_| Problem::new(Code::BadRequest))?;
            admit_body(&request, Named { account: form.account().as_ref(), session: None }).await?;
            Ok(Self(form))
        })
    }
}

/// The fields of a form; of one that comes twice the last one counts.
fn fields_of(bytes: &[u8]) -> Value {
    let fields = url::form_urlencoded::parse(bytes);
    fields.map(|(name, value)| (name.into_owned(), Value::String(value.into_owned()))).collect()
}

/// How long the body of a request may take to arrive.
pub(super) fn body_timeout(request: &HttpRequest) -> Duration {
    let shell = request.app_data::<web::Data<Shell>>();
    shell.map_or(Timeouts::default().body, |shell| shell.settings.timeouts.body)
}

async fn read_payload(
    request: &HttpRequest,
    payload: Result<web::Payload, actix_web::Error>,
    limit: usize,
) -> Result<web::Bytes, Problem> {
    let payload = payload.map_err(|_| Problem::new(Code::BadRequest))?;
    let longest = declared_length(request).map_or(limit, |declared| declared.min(limit));
    let arrived = if longest <= UNRESERVED {
        timeout(body_timeout(request), whole(payload, limit)).await
    } else {
        let mut arrival = MEMORY.admit(longest).await?;
        timeout(body_timeout(request), paced(payload, limit, &mut arrival)).await
    };
    arrived.unwrap_or_else(|_| Err(Problem::new(Code::RequestTimeout)))
}

async fn whole(payload: web::Payload, limit: usize) -> Result<web::Bytes, Problem> {
    payload.to_bytes_limited(limit).await.map_err(|_| too_large(limit))?.map_err(|_| incomplete())
}

/// The same, at the pace that [`Arrival`] asks for.
async fn paced(mut payload: web::Payload, limit: usize, arrival: &mut Arrival<'_>) -> Result<web::Bytes, Problem> {
    let mut body = web::BytesMut::new();
    while let Some(chunk) = arrival.next(async || payload.try_next().await).await?.map_err(|_| incomplete())? {
        if body.len() + chunk.len() > limit {
            return Err(too_large(limit));
        }
        arrival.add(chunk.len())?;
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn too_large(limit: usize) -> Problem {
    Problem::new(Code::BodyTooLarge).with_detail(format!("The body must have at most {limit} bytes."))
}

fn incomplete() -> Problem {
    Problem::new(Code::BadRequest).with_detail("The body did not arrive whole.")
}

/// The length that the request declares, if it does.
pub(super) fn declared_length(request: &HttpRequest) -> Option<usize> {
    request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn check_media_type(request: &HttpRequest, accepted: &[&str]) -> Result<(), Problem> {
    if request.headers().contains_key(CONTENT_ENCODING) {
        let detail = "Send the body without Content-Encoding.";
        return Err(Problem::new(Code::UnsupportedMediaType).with_detail(detail));
    }
    if accepted.iter().any(|accepted| request.content_type().eq_ignore_ascii_case(accepted)) {
        return Ok(());
    }
    let found = request.headers().get(CONTENT_TYPE).map_or("nothing", |_| "another type");
    let detail = format!("Send the body as Content-Type: {}; the request says {found}.", accepted.join(" or "));
    let problem = Problem::new(Code::UnsupportedMediaType).with_detail(detail);
    // RFC 9110, 12.5.1: a 415 may tell what would do.
    Err(match HeaderValue::from_str(&accepted.join(", ")) {
        Ok(value) => problem.with_header(actix_web::http::header::ACCEPT, value),
        Err(_) => problem,
    })
}

fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    serde_json::from_slice(bytes).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        Problem::new(Code::MalformedJson).with_detail(format!("The body is not valid JSON in UTF-8: see {place}."))
    })
}

fn decode<T: Body>(value: Value) -> Result<T, Problem> {
    let mut faults = T::faults_of_the_whole(&value);
    match deserr::deserialize::<T, Value, BodyFaults>(value) {
        Ok(body) if faults.is_empty() => Ok(body),
        Ok(_) => Err(Problem::body(faults)),
        Err(more) => {
            faults.extend(more.into_faults());
            Err(Problem::body(sorted(faults)))
        }
    }
}

/// Two runs of one request name the faults in one order.
fn sorted(mut faults: Vec<Fault>) -> Vec<Fault> {
    faults.sort_by(|left, right| left.pointer.cmp(&right.pointer));
    faults
}
