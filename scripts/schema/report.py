"""What the requests of all parts have not reached."""

import collections
from dataclasses import dataclass

import rules

# Reads the document, as schemathesis itself does. It sends no other request to it.
DOCUMENT = "openapi"


@dataclass
class Gap:
    """What was not reached, and its names. It is a failure unless so few requests may miss it at random."""

    text: str
    names: list[str]
    is_failure: bool


def total(answers: list[dict], name: str, caller: str | None = None) -> collections.Counter:
    """Returns the sum of a counter over all parts, or over those of one caller."""
    found = collections.Counter()
    for answer in answers:
        if caller in (None, answer["caller"]):
            found.update(answer[name])
    return found


def missing(answers: list[dict], name: str, reached: collections.Counter) -> list[str]:
    """Returns the members of a list of all parts that were not reached."""
    members = {member for answer in answers for member in answer[name]}
    return sorted(member for member in members if not reached[member])


def gaps(answers: list[dict], is_long: bool) -> list[Gap]:
    """Returns the gaps, also empty ones. A long run, with 1,000 examples, reaches every operation."""
    accepted = total(answers, "accepted", "signed-in") + collections.Counter([DOCUMENT])
    followed, rejected = total(answers, "followed", "signed-in"), total(answers, "too_many", "limited")
    errors = total(answers, "errors")
    unused = sorted(name for rule in rules.errors() if not errors[name := rules.name_of(*rule)])
    return [
        Gap("never accepted a request", missing(answers, "operations", accepted), is_long),
        Gap("no request followed these links", missing(answers, "links", followed) if is_long else [], False),
        Gap("never rejected a request with 429", missing(answers, "limited", rejected), True),
        Gap("rules.toml lists errors that did not occur", unused if is_long else [], False),
    ]
