"""Breaks the parts that the service needs, one after the other, while clients use it, and checks what they were promised.

    python3 scripts/chaos                            all scenarios: part of `make soak`
    python3 scripts/chaos kill-sqlite disk-sqlite    some of them
    CHAOS_KILLS=3 python3 scripts/chaos ...          fewer than 100 kills
    CHAOS_PATIENCE=3 python3 scripts/chaos ...       longer bounds of all waits, for a machine that does much else

BINARY is the service, `target/debug/contacts-api` by default. PostgreSQL, Redis, the mail server and the stand-in for
Cloudinary run on free ports of 127.0.0.1. CONTRIBUTING.md explains the scenarios and their result.
"""

import importlib
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time
import traceback

import install
from programs import Violation, kill_all
from scene import Scene

# Modules, with the scenarios of each.
MODULES = {
    "self_test": ["checks"],
    "postgres_failures": [
        "postgres-stop", "postgres-restart", "postgres-stall", "postgres-cut", "postgres-failover",
    ],
    "redis_failures": ["redis-kill", "redis-freeze", "redis-slow", "redis-flush", "redis-restore"],
    "mail_failures": ["mail-rejecting", "mail-stalling", "mail-cutting", "mail-killed"],
    "cloudinary_failures": ["cloudinary"],
    "disk_failures": ["disk-sqlite", "disk-pictures"],
    "clock_failures": ["clock-sqlite", "clock-postgres", "clock-replicas"],
    "kill_failures": ["kill-sqlite", "kill-postgres", "kill-replicas"],
}  # fmt: skip
# Those that need packages of PyPI.
WITH_PACKAGES = ("self_test", "mail_failures", "cloudinary_failures")
MODULE_OF = {name: module for module, names in MODULES.items() for name in names}


def run(name: str) -> str:
    """Runs one scenario. Returns `passed`, `failed` or `missing`, and prints a line with the result."""
    # Not in TMPDIR: the path of a Unix socket has at most 107 bytes.
    folder = pathlib.Path(tempfile.mkdtemp(prefix="contacts-chaos.", dir="/tmp"))
    folder.chmod(0o755)
    begin, Scene.latest = time.monotonic(), None
    try:
        result = importlib.import_module(MODULE_OF[name]).SCENARIOS[name](folder)
    except (install.Missing, ModuleNotFoundError) as missing:
        shutil.rmtree(folder)
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
    names = sys.argv[1:] or list(MODULE_OF)
    if not set(names) <= set(MODULE_OF):
        print(f"usage: python3 scripts/chaos [{'|'.join(MODULE_OF)}] ...", file=sys.stderr)
        return 2
    if any(MODULE_OF[name] in WITH_PACKAGES for name in names):
        try:
            install.run_in_environment()
        except install.Missing as missing:
            print(f"chaos: {missing}", file=sys.stderr)
    # So that the programs of a scenario are ended, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    outcomes = [run(name) for name in names]
    print(f"chaos: {outcomes.count('passed')} of {len(names)} scenarios passed")
    return 1 if "failed" in outcomes or ("missing" in outcomes and os.environ.get("CI")) else 0


sys.exit(main())
