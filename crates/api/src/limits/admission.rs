//! Admission of a request by the counters of some limits.

use actix_web::{HttpMessage as _, HttpRequest, web};
use domain::{
    Ports,
    account::Email,
    error::with_causes,
    ids::SessionId,
    limit::{self, Admission, Counted, Limit, LimitCheck, Requester},
    use_cases,
};

use crate::{
    caller::{client_of, principal_of},
    problem::{Problem, limit_fields},
};

/// Account or session in a body, for the limits that count by them.
#[derive(Clone, Copy, Default)]
pub(crate) struct Named<'a> {
    pub(crate) account: Option<&'a Email>,
    pub(crate) session: Option<SessionId>,
}

/// Counters that have admitted a request so far.
#[derive(Default)]
struct Admitted(Admission);

/// Counts the request under all of the limits, or under none.
pub(super) async fn check(request: &HttpRequest, limits: &[Limit], named: Named<'_>) -> Result<(), Problem> {
    let Some(ports) = request.app_data::<web::Data<Ports>>().filter(|_| !limits.is_empty()).cloned() else {
        return Ok(());
    };
    let client = client_of(request);
    let authenticated = principal_of(request).map(|principal| (principal.credential.id(), principal.user.id));
    let requester = Requester { client: &client, authenticated, account: named.account, renewed: named.session };
    let admission = match use_cases::admit_request(&ports, limits, &requester).await {
        Ok(admission) => admission,
        Err(error) => {
            // An unavailable counter is no reason to reject a request.
            tracing::error!(cause = with_causes(&error), "rate limit check failed; request admitted");
            return Ok(());
        }
    };
    if !limit::is_admitted(&admission.counted) {
        return Err(limit_fields::rejection(&admission.counted));
    }
    let mut extensions = request.extensions_mut();
    let mut admitted = extensions.remove::<Admitted>().unwrap_or_default();
    admitted.0.counted.extend(admission.counted);
    admitted.0.attempt.extend(admission.attempt);
    extensions.insert(admitted);
    Ok(())
}

/// Returns the counters that have admitted the request, and forgets them.
pub(super) fn take_counted(request: &HttpRequest) -> Vec<Counted> {
    request.extensions_mut().remove::<Admitted>().unwrap_or_default().0.counted
}

/// Returns the counts of the request to reverse unless its password was wrong.
pub(crate) fn attempt_of(request: &HttpRequest) -> Vec<LimitCheck> {
    request.extensions().get::<Admitted>().map_or_else(Vec::new, |admitted| admitted.0.attempt.clone())
}
