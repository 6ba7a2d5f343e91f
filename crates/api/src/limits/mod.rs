//! Rate limits of requests.
//!
//! [`flood`] guards this replica before a request costs much. A route lists its own limits in `routes`. The middleware
//! [`enforce`] checks the limits that depend only on the sender, before the body is read. Limits that count by the account
//! or session in the body are checked by the extractor of the body, which calls [`admit_body`].

mod fields;
pub(crate) mod flood;

use actix_web::{
    Error, HttpMessage as _, HttpRequest, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web,
};
use domain::{
    Ports,
    account::Email,
    ids::SessionId,
    limit::{self, Admission, Limit, LimitCheck, Requester},
    use_cases,
};

pub(crate) use self::fields::{RATE_LIMIT, RATE_LIMIT_POLICY};
use crate::{
    caller::{client_of, principal_of},
    problem::{Problem, cause_of},
};

/// Limits of a request that are checked after its body is read.
struct BodyLimits(Vec<Limit>);

/// Account or session in a body, for the limits that count by them.
#[derive(Clone, Copy, Default)]
pub(crate) struct Named<'a> {
    pub(crate) account: Option<&'a Email>,
    pub(crate) session: Option<SessionId>,
}

/// Counters that have admitted a request so far.
#[derive(Default)]
struct Admitted(Admission);

/// Middleware of a route: checks its limits, and adds their headers to the response.
pub(crate) async fn enforce(
    limits: &'static [Limit],
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let (of_body, of_sender): (Vec<Limit>, Vec<Limit>) = limits.iter().partition(|limit| limit.needs_body());
    request.extensions_mut().insert(BodyLimits(of_body));
    if let Err(problem) = check(request.request(), &of_sender, Named::default()).await {
        return Ok(request.into_response(HttpResponse::from_error(problem)));
    }
    let mut response = next.call(request).await?.map_into_boxed_body();
    let admitted = response.request().extensions_mut().remove::<Admitted>().unwrap_or_default();
    for (name, value) in fields::of(&admitted.0.counted) {
        response.headers_mut().insert(name, value);
    }
    Ok(response)
}

/// Checks the limits that depend on the account or session in the body.
pub(crate) async fn admit_body(request: &HttpRequest, named: Named<'_>) -> Result<(), Problem> {
    let of_body = request.extensions_mut().remove::<BodyLimits>();
    match of_body {
        Some(BodyLimits(limits)) => check(request, &limits, named).await,
        None => Ok(()),
    }
}

/// Returns the counts of the request that stay only when its password is wrong.
pub(crate) fn attempt_of(request: &HttpRequest) -> Vec<LimitCheck> {
    request.extensions().get::<Admitted>().map_or_else(Vec::new, |admitted| admitted.0.attempt.clone())
}

/// Counts the request under all of the limits, or under none.
async fn check(request: &HttpRequest, limits: &[Limit], named: Named<'_>) -> Result<(), Problem> {
    let Some(ports) = request.app_data::<web::Data<Ports>>().filter(|_| !limits.is_empty()).cloned() else {
        return Ok(());
    };
    let client = client_of(request);
    let signed_in = principal_of(request).map(|principal| (principal.session.id, principal.user.id));
    let requester = Requester { client: &client, signed_in, account: named.account, renewed: named.session };
    let admission = match use_cases::admit_request(&ports, limits, &requester).await {
        Ok(admission) => admission,
        Err(error) => {
            // An unavailable counter is no reason to reject a request.
            tracing::error!(cause = cause_of(&error), "rate limit check failed; request admitted");
            return Ok(());
        }
    };
    if !limit::is_admitted(&admission.counted) {
        return Err(fields::rejection(&admission.counted));
    }
    let mut extensions = request.extensions_mut();
    let mut admitted = extensions.remove::<Admitted>().unwrap_or_default();
    admitted.0.counted.extend(admission.counted);
    admitted.0.attempt.extend(admission.attempt);
    extensions.insert(admitted);
    Ok(())
}
