"""The rules of rules.toml: errors that a valid request may cause."""

import pathlib
import tomllib

FILE = pathlib.Path(__file__).resolve().parent / "rules.toml"


def errors() -> set[tuple[str, str]]:
    """Returns the errors of all rules, each with an operation."""
    found = set()
    for rule in tomllib.loads(FILE.read_text("utf-8"))["rule"]:
        assert rule["reason"].strip(), rule
        found |= {(operation, error) for operation in rule["operations"] for error in rule["errors"]}
    return found


def name_of(operation: str, error: str) -> str:
    return f"{operation}: {error}"
