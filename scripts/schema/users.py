"""Users for the requests of a run. An operation that ends a session or an account gets a user of its own."""

import itertools

import schemathesis
from schemathesis.generation.meta import TestPhase

from service import Person, Service

# Operations that make the token of a later request invalid when they succeed. Those of one group share a user.
ENDING = {
    "logout": "sessions",
    "end_session": "sessions",
    "end_other_sessions": "sessions",
    "change_password": "password",
    "delete_account": "account",
}
# Operations that need the user of a group.
SHARING = {"list_sessions": "sessions"}
# Error of a user with too many app passwords, and the number of them that stay: the latest ones, which links may name.
FULL, STAYING = "app-password-limit-reached", 10


def operation_id(case) -> str:
    return case.operation.definition.raw["operationId"]


class Users:
    """Users with a verified e-mail address, one in each group."""

    def __init__(self, service: Service):
        self.service, self.numbers, self.known = service, itertools.count(1), {}

    def group(self, case) -> str:
        name = operation_id(case)
        return ENDING.get(name) or SHARING.get(name) or "others"

    def token(self, case) -> str:
        """Returns the access token of the user for an operation."""
        group = self.group(case)
        if group not in self.known:
            self.known[group] = self.service.person(f"user{next(self.numbers)}@example.com")
        return self.known[group].token

    def resource(self, case) -> str | None:
        """Returns an id that the operation accepts. None for an operation whose ids come from links often enough."""
        self.token(case)
        person = self.known[self.group(case)]
        if operation_id(case) == "end_session":
            return person.call("GET", "/api/me/sessions")["items"][0]["id"]
        if operation_id(case) == "purge_contact":
            contact = person.create(first_name="Olena")
            person.delete(contact)
            return contact["id"]
        return None

    def after(self, case, response) -> None:
        """Forgets the user of an operation that has ended its session or account. Makes room for app passwords."""
        if operation_id(case) in ENDING and 200 <= response.status_code < 300:
            self.known.pop(self.group(case), None)
        elif response.status_code == 409 and FULL in response.text:
            person = self.known[self.group(case)]
            for password in person.call("GET", "/api/me/app-passwords")["items"][STAYING:]:
                person.call("DELETE", f"/api/me/app-passwords/{password['id']}")


def sign_in(token_of) -> None:
    """Signs in each request for which the function returns an access token."""

    @schemathesis.auth(refresh_interval=None)
    class SignedIn:
        def get(self, case, context):
            return token_of(case)

        def set(self, case, data, context):
            case.headers["Authorization"] = f"Bearer {data}"


def register_one(person: Person) -> None:
    """Signs in each request as one user, except that which would end the session."""
    sign_in(lambda case: None if operation_id(case) == "logout" else person.token)


def register(service: Service) -> None:
    """Signs in each request, and replaces a user who cannot be used any more."""
    users = Users(service)
    sign_in(users.token)

    @schemathesis.hook
    def before_call(context, case, kwargs):
        is_valid = case.meta is not None and case.meta.generation.mode.is_positive
        # In the other phase the ids come from links.
        if is_valid and case.meta.phase.name != TestPhase.STATEFUL and (resource := users.resource(case)):
            case.path_parameters["id"] = resource

    @schemathesis.hook
    def after_call(context, case, response):
        users.after(case, response)
