"""Breaks the parts that the service needs, one after the other, while clients use it, and checks what they were promised.

    python3 scripts/chaos                            all scenarios: part of `make soak`
    python3 scripts/chaos kill-sqlite disk-sqlite    some of them
    CHAOS_KILLS=3 python3 scripts/chaos ...          fewer than 100 kills

BINARY is the service, `target/debug/contacts-api` by default. PostgreSQL, Redis, the mail server and the stand-in for
Cloudinary run on free ports of 127.0.0.1. docs/operating.md explains how to read the result.
"""

import install

install.run_in_environment()

import os
import pathlib
import shutil
import sys
import tempfile
import time
import traceback

import clock_failures
import cloudinary_failures
import disk_failures
import kill_failures
import mail_failures
import postgres_failures
import redis_failures
import self_test
from programs import Violation, kill_all
from scene import Scene

MODULES = (
    self_test, postgres_failures, redis_failures, mail_failures, cloudinary_failures, disk_failures, clock_failures,
    kill_failures,
)  # fmt: skip
SCENARIOS = {name: scenario for module in MODULES for name, scenario in module.SCENARIOS.items()}


def run(name: str) -> str:
    """Runs one scenario. Returns `passed`, `failed` or `missing`, and prints a line with the result."""
    # Not in TMPDIR: the path of a Unix socket has at most 107 bytes.
    folder = pathlib.Path(tempfile.mkdtemp(prefix="contacts-chaos.", dir="/tmp"))
    folder.chmod(0o755)
    begin, Scene.latest = time.monotonic(), None
    try:
        result = SCENARIOS[name](folder)
    except install.Missing as missing:
        print(f"{name}: NOT TESTED: {missing}", flush=True)
        return "missing"
    except Exception as error:  # the other scenarios run all the same
        if not isinstance(error, Violation):
            traceback.print_exc()
        print(f"{name}: FAILED after {time.monotonic() - begin:.0f} s: {error}; files in {folder}", flush=True)
        for text in Scene.latest.record.violations[:6] if Scene.latest else []:
            print(f"    {text[:700]}", flush=True)
        return "failed"
    finally:
        kill_all()
    shutil.rmtree(folder)
    print(f"{name}: passed in {time.monotonic() - begin:.0f} s: {result}", flush=True)
    return "passed"


def main() -> int:
    names = sys.argv[1:] or list(SCENARIOS)
    if not set(names) <= set(SCENARIOS):
        print(f"usage: python3 scripts/chaos [{'|'.join(SCENARIOS)}] ...", file=sys.stderr)
        return 2
    outcomes = [run(name) for name in names]
    print(f"chaos: {outcomes.count('passed')} of {len(names)} scenarios passed")
    return 1 if "failed" in outcomes or ("missing" in outcomes and os.environ.get("CI")) else 0


sys.exit(main())
