"""Bounds of the request heads that are sent. The service answers a longer one before it reads which operation it is for: see
docs/behaviour/errors.md. Such answers have a test of their own."""

import urllib.parse

import schemathesis

# Bytes of a path and its query. The service reads 65,534.
URL = 60_000
# Characters of a parameter: more than the maximum of each, or fewer if the URL is too long then.
LENGTHS = (8_300, 4_000, 1_000, 100)
# The service reads at most 96 headers, and a client adds some.
HEADERS = 60


def shortened(value, length: int):
    if isinstance(value, str):
        return value[:length]
    if isinstance(value, list):
        return [shortened(item, length) for item in value]
    return value


def encoded_length(parameters: list[dict]) -> int:
    return sum(len(urllib.parse.quote(f"{name}{value}")) for part in parameters for name, value in part.items())


def register() -> None:
    """Shortens the head of each request."""

    @schemathesis.hook
    def before_call(context, case, kwargs):
        parameters = [part for part in (case.query, case.path_parameters) if part]
        for length in LENGTHS:
            for part in parameters:
                part.update({name: shortened(value, length) for name, value in part.items()})
            if encoded_length(parameters) < URL:
                break
        documented = {parameter.name.lower() for parameter in case.operation.headers} | {"authorization", "content-type"}
        others = [name for name in case.headers or {} if name.lower() not in documented]
        for name in others[HEADERS:]:
            del case.headers[name]
