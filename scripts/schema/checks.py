"""Checks of schemathesis that know more than the OpenAPI document, and the answers that they have seen."""

import collections
import json
import pathlib
import re

import schemathesis
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import TestPhase
from schemathesis.specs.openapi.checks import RejectedPositiveData, negative_data_rejection, positive_data_acceptance

import links
import rules
from users import operation_id

# Errors of each operation without its credential, and beyond a limit. One operation of the limited user has no credential.
ANONYMOUS = {"unauthenticated", "access-token-invalid"}
CALLERS = {"signed-in": set(), "anonymous": ANONYMOUS, "limited": ANONYMOUS | {"too-many-requests"}}
# A file is any text.
TEXT_FILES = ("text/csv", "text/vcard")
# A text that is too long only with its blanks: they are removed before its length is checked.
TRIMMED = re.compile(r'violates `maxLength` at .*, became "(\s.*|.*\s)"\)', re.DOTALL)


def known_errors(caller: str) -> dict:
    """Returns the errors that a valid request may cause, by operation."""
    known = collections.defaultdict(lambda: set(CALLERS[caller]))
    for operation, error in rules.errors():
        known[operation].add(error)
    return known


def errors_of(response) -> set:
    """Returns the codes of a problem: each with that of a field, or its own."""
    try:
        problem = response.json()
    except json.JSONDecodeError:
        return {f"status {response.status_code} without a problem"}
    fields = {error["code"] for error in problem.get("errors", [])}
    return {f"{problem['code']}/{field}" for field in fields} or {problem["code"]}


def described_headers(document: dict, subject: str, end: str) -> set:
    """Returns the headers that the description of the document lists behind a subject, in lower case."""
    sentences = document["info"]["description"].split(f"**{subject}**", 1)[1].split(end, 1)[0]
    return {name.lower() for name in re.findall(r"`([A-Za-z-]+)`", sentences)}


def is_valid(case) -> bool:
    return case.meta is not None and case.meta.generation.mode.is_positive


class Answers:
    """Numbers of answers, and the operations and links of the document."""

    def __init__(self, caller: str, document: dict):
        operations = [operation for path in document["paths"].values() for operation in path.values()]
        self.caller, self.links = caller, links.of_document(document)
        self.operations = [operation["operationId"] for operation in operations]
        # Those that count their requests.
        self.limited = [operation["operationId"] for operation in operations if "429" in operation["responses"]]
        # By operation: all answers, valid requests that were accepted, and answers with 429.
        self.all, self.accepted, self.too_many = (collections.Counter() for _ in range(3))
        # By name: errors of valid requests, and links that requests followed.
        self.errors, self.followed = collections.Counter(), collections.Counter()
        # Requests of the phase that follows links, with the first one of each chain.
        self.steps = 0

    def add(self, context, response, case) -> None:
        operation = operation_id(case)
        self.all[operation] += 1
        self.too_many[operation] += response.status_code == 429
        if is_valid(case) and response.status_code >= 400:
            self.errors.update(rules.name_of(operation, error) for error in errors_of(response))
        if case.meta is not None and case.meta.phase.name == TestPhase.STATEFUL:
            self.steps += 1
            if link := links.followed(context, case):
                self.followed[link] += 1

    def write(self, file: pathlib.Path) -> None:
        file.write_text(json.dumps(vars(self)), "utf-8")


def register(caller: str, document: dict) -> Answers:
    """Adds the checks."""
    known, answers = known_errors(caller), Answers(caller, document)
    common = described_headers(document, "Headers of every response", "\n\n")
    limit_headers = described_headers(document, "Rate limits", ". ")

    @schemathesis.check
    def valid_request_is_accepted(context, response, case):
        operation = operation_id(case)
        answers.add(context, response, case)
        try:
            positive_data_acceptance(context, response, case)
        except RejectedPositiveData as failure:
            if unknown := errors_of(response) - known[operation]:
                title = "A valid request was rejected by a rule that rules.toml does not list"
                raise Failure(operation=failure.operation, title=title, message=", ".join(sorted(unknown))) from None
        else:
            if response.status_code < 400 and is_valid(case):
                answers.accepted[operation] += 1

    @schemathesis.check
    def invalid_request_is_rejected(context, response, case):
        if caller == "limited" and response.status_code == 429:
            return
        try:
            negative_data_rejection(context, response, case)
        except AcceptedNegativeData as failure:
            if TRIMMED.search(failure.message):
                return
            others = [part for part in ParameterLocation if part != ParameterLocation.BODY]
            if case.media_type not in TEXT_FILES or any(case.meta.is_negative_at(part) for part in others):
                raise

    @schemathesis.check
    def only_documented_headers_are_sent(context, response, case):
        documented = case.operation.responses.find_by_status_code(response.status_code)
        # Another check reports an unknown status.
        if documented is None:
            return
        names = {name.lower() for name in documented.definition.get("headers", {})} | common
        # An error that was counted reports the limits, too.
        if operation_id(case) in answers.limited:
            names |= limit_headers
        if not documented.definition.get("content"):
            names.discard("content-type")
        if unknown := {name.lower() for name in response.headers} - names:
            title = "The document does not have a header of the response"
            message = f"{response.status_code}: {', '.join(sorted(unknown))}"
            raise Failure(operation=case.operation.label, title=title, message=message)

    return answers
