"""Checks of schemathesis that know more than the OpenAPI document, and the answers that they have seen."""

import collections
import json
import pathlib
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


class Answers:
    """Numbers of answers by operation."""

    def __init__(self):
        self.all, self.accepted, self.linked = collections.Counter(), collections.Counter(), 0

    def write(self, file: pathlib.Path) -> None:
        file.write_text(json.dumps({"all": self.all, "accepted": self.accepted, "linked": self.linked}), "utf-8")


def register(anonymous: bool) -> Answers:
    """Adds the checks."""
    known, answers = known_errors(anonymous), Answers()

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
        except AcceptedNegativeData:
            others = [part for part in ParameterLocation if part != ParameterLocation.BODY]
            if case.media_type not in TEXT_FILES or any(case.meta.is_negative_at(part) for part in others):
                raise

    return answers
