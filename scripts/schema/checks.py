"""Checks of schemathesis that know more than the OpenAPI document, and the answers that they have seen."""

import collections
import json
import pathlib
import re
import tomllib

import schemathesis
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import TestPhase
from schemathesis.specs.openapi.checks import RejectedPositiveData, negative_data_rejection, positive_data_acceptance

from users import operation_id

RULES = pathlib.Path(__file__).resolve().parent / "rules.toml"
# Errors of each operation without its credential.
ANONYMOUS = {"unauthenticated", "access-token-invalid"}
# A file is any text.
TEXT_FILES = ("text/csv", "text/vcard")
# A text that is too long only with its blanks: they are removed before its length is checked.
TRIMMED = re.compile(r'violates `maxLength` at .*, became "(\s.*|.*\s)"\)', re.DOTALL)


def known_errors(anonymous: bool) -> dict:
    """Returns the errors that a valid request may cause, by operation."""
    known = collections.defaultdict(lambda: set(ANONYMOUS if anonymous else ()))
    for rule in tomllib.loads(RULES.read_text("utf-8"))["rule"]:
        assert rule["reason"].strip(), rule
        for operation in rule["operations"]:
            known[operation] |= set(rule["errors"])
    return known


def errors_of(response) -> set:
    """Returns the codes of a problem: each with that of a field, or its own."""
    try:
        problem = response.json()
    except json.JSONDecodeError:
        return {f"status {response.status_code} without a problem"}
    fields = {error["code"] for error in problem.get("errors", [])}
    return {f"{problem['code']}/{field}" for field in fields} or {problem["code"]}


def common_headers(document: dict) -> set:
    """Returns the headers that the description of the document lists for every response, in lower case."""
    sentences = document["info"]["description"].split("**Headers of every response**", 1)[1].split("\n\n", 1)[0]
    return {name.lower() for name in re.findall(r"`([A-Za-z-]+)`", sentences)}


class Answers:
    """Numbers of answers by operation, and the operations of the document."""

    def __init__(self, operations: list):
        self.operations = operations
        self.all, self.accepted, self.linked = collections.Counter(), collections.Counter(), 0

    def write(self, file: pathlib.Path) -> None:
        file.write_text(json.dumps(vars(self)), "utf-8")


def register(anonymous: bool, document: dict) -> Answers:
    """Adds the checks."""
    operations = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    known, answers, common = known_errors(anonymous), Answers(operations), common_headers(document)

    @schemathesis.check
    def valid_request_is_accepted(context, response, case):
        operation = operation_id(case)
        answers.all[operation] += 1
        answers.linked += case.meta is not None and case.meta.phase.name == TestPhase.STATEFUL
        try:
            positive_data_acceptance(context, response, case)
        except RejectedPositiveData as failure:
            if unknown := errors_of(response) - known[operation]:
                title = "A valid request was rejected by a rule that rules.toml does not list"
                raise Failure(operation=failure.operation, title=title, message=", ".join(sorted(unknown))) from None
        else:
            if response.status_code < 400 and case.meta and case.meta.generation.mode.is_positive:
                answers.accepted[operation] += 1

    @schemathesis.check
    def invalid_request_is_rejected(context, response, case):
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
        if not documented.definition.get("content"):
            names.discard("content-type")
        if unknown := {name.lower() for name in response.headers} - names:
            title = "The document does not have a header of the response"
            message = f"{response.status_code}: {', '.join(sorted(unknown))}"
            raise Failure(operation=case.operation.label, title=title, message=message)

    return answers
