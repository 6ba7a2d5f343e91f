"""Rates of the limits of the service, and a check of the headers that report them."""

import re

import schemathesis
from schemathesis.core.failures import Failure
from schemathesis.specs.openapi.checks import is_unexpected_http_status_case

from service import Person

# So high that no request is rejected. A counter needs a tenth of a second to forget a request.
HIGH = "1000000/d"
# So low that the second request is rejected, or the eleventh.
LOW = "1/h"
# A counter with the rest of its quota, and the quotas of counters.
RATE_LIMIT = re.compile(r'("[a-z0-9-]+");r=(\d+);t=(\d+)')
POLICY = re.compile(r'"[a-z0-9-]+";q=\d+;w=\d+(, "[a-z0-9-]+";q=\d+;w=\d+)*')


def use_up(person: Person) -> None:
    """Uses up the low limits of a session. Then no request ends it or deletes its user."""
    person.call("GET", "/api/me")
    person.call("GET", "/api/contacts")
    person.app_password("Phone")


def error_of(status: int, headers: dict) -> str | None:
    """Returns what is wrong with the headers of a response that must report limits."""
    limit, policy, wait = (headers.get(name, [""])[0] for name in ("ratelimit", "ratelimit-policy", "retry-after"))
    counter = RATE_LIMIT.fullmatch(limit)
    if not counter or not POLICY.fullmatch(policy) or f"{counter[1]};q=" not in policy:
        return f"{status}: RateLimit: {limit}, RateLimit-Policy: {policy}"
    if status == 429 and (counter[2] != "0" or counter[3] != wait):
        return f"{status}: RateLimit: {limit}, Retry-After: {wait}"
    return None


def register() -> None:
    """Adds the check."""

    @schemathesis.check
    def limits_are_reported(context, response, case):
        documented = case.operation.responses.find_by_status_code(response.status_code)
        if documented is None or is_unexpected_http_status_case(case):
            return
        if "RateLimit" not in documented.definition.get("headers", {}):
            return
        if message := error_of(response.status_code, response.headers):
            title = "A response does not report its rate limits"
            raise Failure(operation=case.operation.label, title=title, message=message)
