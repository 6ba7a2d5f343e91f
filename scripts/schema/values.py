"""Values of valid requests that no generator guesses. Without them an error would hide the answer to the rest."""

import itertools
import unicodedata
import zlib

import schemathesis
from schemathesis.transport.serialization import contains_binary

from mails import tokens
from service import PASSWORD, Service
from users import operation_id

# One of this number of valid requests is sent as it was generated.
UNCHANGED = 4
EMAIL = "olena@example.com"
# The id of no contact.
NOTHING = "0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27"
NAMES = ("first_name", "last_name", "middle_name", "nickname", "organization")
# Operations of lists, and the member of a response with which the next request continues.
CONTINUED = {"list_contacts": "next_cursor", "list_trash": "next_cursor", "list_changes": "next"}
# Values whose pattern has control characters.
PATTERNS = ("if_match", "timezone")


class Values:
    """Values that belong to a service."""

    def __init__(self, service: Service):
        self.service, self.keys, self.tokens = service, itertools.count(1), {}
        # Values of the service, which links send.
        self.made = set()

    def remember(self, case, response) -> None:
        """Remembers the value with which a list is continued."""
        name = CONTINUED.get(operation_id(case))
        if name and response.status_code == 200 and response.content:
            self.made.add(response.json()[name])

    def headers(self, headers: dict) -> None:
        """Makes a new Idempotency-Key of each, and accepts every version of a contact."""
        if "Idempotency-Key" in headers:
            headers["Idempotency-Key"] = f"key-{next(self.keys)}"
        if "If-Match" in headers:
            headers["If-Match"] = "*"

    def query(self, query: dict) -> None:
        """Leaves out values that only the service can make, unless it has made them, and those of other formats."""
        for name in ("cursor", "since", "charset", "mapping"):
            if str(query.get(name)) not in self.made:
                query.pop(name, None)

    def body(self, operation: str, body: dict) -> None:
        """Adds a name, or the secrets of a user."""
        if operation in ("create_contact", "replace_contact"):
            if not any(body.get(name) for name in NAMES):
                body["first_name"] = "Леся"
        elif operation == "refresh":
            pair = self.service.call("POST", "/api/auth/login", {"email": EMAIL, "password": PASSWORD})
            body["refresh_token"] = pair["refresh_token"]
        elif operation == "register":
            body["email"] = f"new{next(self.keys)}.{EMAIL}"
        elif operation == "login":
            body.update(email=EMAIL, password=PASSWORD)
        elif operation in ("delete_account", "request_email_change"):
            body["password"] = PASSWORD
        elif operation == "change_password":
            body["current_password"] = PASSWORD
        else:
            if operation not in self.tokens:
                self.tokens[operation] = tokens(self.service, operation)
            if self.tokens[operation]:
                body["token"] = self.tokens[operation].pop()


def printable(value):
    """Replaces the control characters in the texts of a value, which hide the other members."""
    if isinstance(value, str):
        return "".join("x" if unicodedata.category(character) == "Cc" else character for character in value)
    if isinstance(value, list):
        return [printable(item) for item in value]
    if isinstance(value, dict):
        return {name: item if name in PATTERNS else printable(item) for name, item in value.items()}
    return value


def follow_patterns(headers: dict) -> None:
    """Adds quotes: schemathesis sends `0` as a valid value of a header with any pattern, while it varies the body."""
    for name in ("If-Match", "If-None-Match", "Idempotency-Key"):
        if headers.get(name) == "0":
            headers[name] = '"0"'


def register(service: Service) -> None:
    """Replaces values of valid requests, before they are sent."""
    values = Values(service)

    @schemathesis.hook
    def before_call(context, case, kwargs):
        if case.meta is None or not case.meta.generation.mode.is_positive:
            return
        follow_patterns(case.headers or {})
        # The link from the report of an import: an entry has no contact in a dry run.
        if (case.path_parameters or {}).get("id", "") in (None, "None"):
            case.path_parameters["id"] = NOTHING
        # A repeated request is changed again, or left again: schemathesis expects the same answer.
        if zlib.crc32(repr((operation_id(case), case.query, case.body)).encode()) % UNCHANGED == 0:
            return
        values.headers(case.headers or {})
        values.query(case.query or {})
        case.query = printable(case.query)
        # A file would become empty: schemathesis has its bytes behind an empty text.
        if isinstance(case.body, dict) and not contains_binary(case.body):
            case.body = printable(case.body)
            values.body(operation_id(case), case.body)

    @schemathesis.hook
    def after_call(context, case, response):
        values.remember(case, response)
