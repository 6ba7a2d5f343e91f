"""Tests the running service against its own OpenAPI document, with schemathesis.

    python3 scripts/schema --examples 50      part of `make test`
    python3 scripts/schema --examples 1000    part of `make soak`

Generates valid and invalid requests for each operation, and follows the links between operations: as a user who is signed
in, and without a credential. All checks of schemathesis are on. `rules.toml` lists the errors that a valid request may
cause. The rate limits are so high that responses report them and none is reached. In one part they are so low that almost
every request is answered 429.

An operation that never accepts a request of the user is reported, because its responses are not tested then. With 1,000
examples it fails the run. Links that no request has followed, and errors of `rules.toml` that did not occur, are only
printed then: chance decides on them. The test `each_link_leads_to_an_accepted_request` follows each link.

BINARY is the service, `target/debug/contacts-api` by default. schemathesis is installed into target/clients/schema. If that
is impossible, the last line reports it, and the run fails in CI.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "dav"))

import report  # noqa: E402
from install import ROOT, Missing, python_environment  # noqa: E402

# Each part has a service of its own and one thread, so that its requests depend on the seed only. The longest part first.
PARTS = (
    ("signed-in", "fuzzing"),
    ("signed-in", "examples,coverage,stateful"),
    ("anonymous", "examples,fuzzing,stateful"),
    ("limited", "coverage"),
)
# Another part of `make soak`: nearly all its answers are 401.
LONG_PARTS = (("anonymous", "coverage"),)
# Parts at the same time.
WORKERS = 2
# Number of requests with which each operation must accept one. Fewer may miss it at random.
ENOUGH = 1000


def main() -> int:
    parser = argparse.ArgumentParser(prog="python3 scripts/schema", description="Tests the service against its document.")
    parser.add_argument("--examples", type=int, default=50, help="generated requests of each operation")
    parser.add_argument("--seed", type=int, default=1, help="another number generates other requests")
    parser.add_argument("--postgres", metavar="URL", help="a PostgreSQL whose role may create databases; default: SQLite")
    parser.add_argument("--only", metavar="OPERATION", help="the id of the only operation to test")
    options = parser.parse_args()
    try:
        programs = python_environment(ROOT / "target/clients/schema", HERE / "requirements.txt")
    except Missing as missing:
        print(f"NOT TESTED: the OpenAPI document: {missing}", file=sys.stderr)
        return 1 if os.environ.get("CI") else 0
    print(f"schema: seed {options.seed}, {'PostgreSQL' if options.postgres else 'SQLite'}", flush=True)
    shared = ["--examples", str(options.examples), "--seed", str(options.seed)]
    for name in ("postgres", "only"):
        if value := getattr(options, name):
            shared += [f"--{name}", value]
    with tempfile.TemporaryDirectory(prefix="contacts-schema.") as folder:
        return run_all([programs / "python", HERE / "run.py", *shared], pathlib.Path(folder), options)


def run_all(command: list, folder: pathlib.Path, options) -> int:
    """Runs all parts, and prints the output of those that fail."""
    is_long = options.examples >= ENOUGH
    parts = PARTS + (LONG_PARTS if is_long else ())
    files = [folder / str(number) for number in range(len(parts))]
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        passed = all([*pool.map(lambda part, file: run(command, *part, file), parts, files)])
    answers = [json.loads(file.read_text("utf-8")) for file in files if file.exists()]
    # A part that fails may have ended early.
    gaps = [gap for gap in report.gaps(answers, is_long) if gap.names] if passed and not options.only else []
    for gap in gaps:
        print(f"schema: {gap.text}: {', '.join(gap.names)}")
    everyone, linked = report.total(answers, "all"), report.total(answers, "followed")
    accepted = report.total(answers, "accepted", "signed-in")
    print(
        f"schema: {everyone.total()} requests to {len(everyone)} operations, {linked.total()} of them by links "
        f"({len(linked)} links); {accepted.total()} valid ones accepted from the user"
    )
    return 0 if passed and not any(gap.is_failure for gap in gaps) else 1


def run(command: list, caller: str, phases: str, answers: pathlib.Path) -> bool:
    """Runs one part. Returns true when it passes."""
    options = ["--caller", caller, "--phases", phases, "--answers", answers]
    start = time.monotonic()
    result = subprocess.run([*command, *options], capture_output=True, text=True)
    seconds = round(time.monotonic() - start)
    outcome = "failed" if result.returncode else "passed"
    text = f"\n{result.stdout}{result.stderr}" if result.returncode or os.environ.get("VERBOSE") else ""
    print(f"schema: {caller}, {phases}: {outcome} in {seconds} seconds{text}", flush=True)
    return result.returncode == 0


sys.exit(main())
