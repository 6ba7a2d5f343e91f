"""Runs one part with schemathesis against a new service. Started by __main__.py, with the Python of schemathesis."""

import argparse
import gc
import os
import pathlib
import re
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "dav"))

from schemathesis.cli import schemathesis as program  # noqa: E402

import checks  # noqa: E402
import database  # noqa: E402
import heads  # noqa: E402
import limits  # noqa: E402
import users  # noqa: E402
import values  # noqa: E402
from install import ROOT  # noqa: E402
from service import Service  # noqa: E402

BINARY = pathlib.Path(os.environ.get("BINARY", "target/debug/contacts-api"))
# The phase that follows links, and its least number of requests for each of the examples.
LINKS = "stateful"
STEPS = 4
# Number of new objects before a collection of garbage.
GARBAGE = 50_000


def settings(rate: str) -> dict:
    """Returns settings with this rate of all limits, except that of requests of any kind."""
    names = re.findall(r"^# (RATE_LIMIT_[A-Z_]+)=", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE)
    assert "RATE_LIMIT_FLOOD" in names, "no rate limits in .env.example"
    others = {"BCRYPT_COST": "10", "CONTACT_LIMIT": "100000", "ACCESS_TOKEN_TTL": "1d", "RUST_LOG": "info"}
    return {**dict.fromkeys(names, rate), "RATE_LIMIT_FLOOD": limits.HIGH, **others}


def main() -> int:
    parser = argparse.ArgumentParser()
    for name in ("--caller", "--phases", "--answers"):
        parser.add_argument(name, required=True)
    for name in ("--examples", "--seed"):
        parser.add_argument(name, type=int, required=True)
    parser.add_argument("--postgres")
    parser.add_argument("--only")
    options = parser.parse_args()
    is_limited = options.caller == "limited"
    rate = limits.LOW if is_limited else limits.HIGH
    with tempfile.TemporaryDirectory(prefix="contacts-schema.") as folder, database.new(options.postgres) as url:
        with Service(BINARY.resolve(), pathlib.Path(folder), settings(rate) | url) as service:
            # The user of the examples in the document.
            person = service.person(values.EMAIL)
            if is_limited:
                limits.use_up(person)
                users.register_one(person)
            else:
                values.register(service)
            heads.register()
            if options.caller == "signed-in":
                users.register(service)
            limits.register()
            answers = checks.register(options.caller, service.call("GET", "/openapi.json"))
            # The document and the modules stay: without this each collection of garbage reads them again.
            gc.freeze()
            gc.set_threshold(GARBAGE)
            status = schemathesis(service.base, options, options.phases, options.seed)
            if is_limited:
                # Again, because the first requests of the operations without a credential were accepted.
                status = schemathesis(service.base, options, options.phases, options.seed) or status
            if LINKS in options.phases.split(",") and not options.only:
                status = follow_links(service.base, options, answers) or status
    answers.write(pathlib.Path(options.answers))
    return status


def follow_links(base: str, options, answers: checks.Answers) -> int:
    """Follows links until there are enough requests. schemathesis ends early, and without an error, when an answer depends
    on requests that it has forgotten."""
    status, seed = 0, options.seed
    while answers.steps < STEPS * options.examples:
        steps, seed = answers.steps, seed + 1
        status = schemathesis(base, options, LINKS, seed) or status
        if answers.steps == steps:
            print("schema: no request was sent")
            return 1
    return status


def schemathesis(base: str, options, phases: str, seed: int) -> int:
    arguments = ["--config-file", str(HERE / "schemathesis.toml"), "run", f"{base}/openapi.json", "--no-color"]
    arguments += ["--phases", phases, "--max-examples", str(options.examples), "--seed", str(seed)]
    arguments += ["--include-operation-id", options.only] if options.only else []
    try:
        return program(arguments, standalone_mode=False) or 0
    except SystemExit as end:
        return end.code


sys.exit(main())
