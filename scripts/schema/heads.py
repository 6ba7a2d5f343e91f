"""Bounds of the request heads that are sent. The service answers a longer one before it reads which operation it is for: see
docs/behaviour/errors.md. Such answers have a test of their own."""

import schemathesis

# Characters of a parameter. Each may be sent as twelve bytes. Longer than the maximum of each parameter.
PARAMETER = 4_000
# The service reads at most 96 headers, and a client adds some.
HEADERS = 60


def shortened(value):
    if isinstance(value, str):
        return value[:PARAMETER]
    if isinstance(value, list):
        return [shortened(item) for item in value]
    return value


def register() -> None:
    """Shortens the head of each request."""

    @schemathesis.hook
    def before_call(context, case, kwargs):
        for parameters in (case.query, case.path_parameters):
            for name, value in (parameters or {}).items():
                parameters[name] = shortened(value)
        for name in list(case.headers or {})[HEADERS:]:
            del case.headers[name]
