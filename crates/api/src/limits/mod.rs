//! How many requests somebody may send.
//!
//! [`flood`] guards this replica, before anything costs. A route names its own limits in `routes`;
//! [`keep`] stands in front of it and asks those that need to know only who sends the request, before
//! anything is read. Those that count by the account or session that a body names are asked by the extractor of the
//! body, which calls [`admit_body`].

mod fields;
pub(crate) mod flood;

use actix_web::{
    Error, HttpMessage as _, HttpRequest, ResponseError as _,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web,
};
use domain::{
    Ports,
    account::Email,
    limit::{self, Admission, Ask, Limit, Requester},
    session::{Principal, SessionId},
};

pub(crate) use self::fields::{RATE_LIMIT, RATE_LIMIT_POLICY};
use crate::{
    extract::{client_info, identify},
    problem::{Problem, cause_of},
};

/// The limits of a request that wait for its body.
struct Waiting(Vec<Limit>);

/// Whom a body is about, where a limit counts by that.
#[derive(Clone, Copy, Default)]
pub(crate) struct Named<'a> {
    pub(crate) account: Option<&'a Email>,
    pub(crate) session: Option<SessionId>,
}

/// What the counters have said to a request.
#[derive(Default)]
struct Said(Admission);

/// Stands in front of a route: asks its limits, and tells what they said in the answer. Where a limit counts by session,
/// the request is rejected first if it has none that is alive, and is counted nowhere.
pub(crate) async fn keep(
    limits: &'static [Limit],
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let (waiting, at_once): (Vec<Limit>, Vec<Limit>) = limits.iter().partition(|limit| limit.needs_body());
    request.extensions_mut().insert(Waiting(waiting));
    if let Err(problem) = admit_sender(request.request(), &at_once).await {
        return Ok(request.into_response(problem.error_response()));
    }
    let mut response = next.call(request).await?.map_into_boxed_body();
    let said = response.request().extensions_mut().remove::<Said>().unwrap_or_default();
    for (name, value) in fields::of(&said.0.counted) {
        response.headers_mut().insert(name, value);
    }
    Ok(response)
}

async fn admit_sender(request: &HttpRequest, limits: &[Limit]) -> Result<(), Problem> {
    if limits.iter().any(|limit| limit.needs_session()) {
        identify(request).await?;
    }
    ask(request, limits, Named::default()).await
}

/// Asks the limits that wait for the body, now that it says whom it is about.
pub(crate) async fn admit_body(request: &HttpRequest, named: Named<'_>) -> Result<(), Problem> {
    let waiting = request.extensions_mut().remove::<Waiting>();
    match waiting {
        Some(Waiting(limits)) => ask(request, &limits, named).await,
        None => Ok(()),
    }
}

/// What was counted of the request for the case that its password is wrong.
pub(crate) fn attempt_of(request: &HttpRequest) -> Vec<Ask> {
    request.extensions().get::<Said>().map_or_else(Vec::new, |said| said.0.attempt.clone())
}

/// Counts the request under all of these limits, or under none.
async fn ask(request: &HttpRequest, limits: &[Limit], named: Named<'_>) -> Result<(), Problem> {
    let Some(ports) = request.app_data::<web::Data<Ports>>().filter(|_| !limits.is_empty()).cloned() else {
        return Ok(());
    };
    let client = client_info(request);
    let signed_in = request.extensions().get::<Principal>().map(|principal| (principal.session.id, principal.user.id));
    let requester = Requester { client: &client, signed_in, account: named.account, renewed: named.session };
    let admission = match limit::admit(&ports, limits, &requester).await {
        Ok(admission) => admission,
        Err(error) => {
            // Nobody is refused because we cannot count.
            tracing::error!(cause = cause_of(&error), "a request was not counted");
            return Ok(());
        }
    };
    if !limit::is_admitted(&admission.counted) {
        return Err(fields::refusal(&admission.counted));
    }
    let mut extensions = request.extensions_mut();
    let mut said = extensions.remove::<Said>().unwrap_or_default();
    said.0.counted.extend(admission.counted);
    said.0.attempt.extend(admission.attempt);
    extensions.insert(said);
    Ok(())
}
