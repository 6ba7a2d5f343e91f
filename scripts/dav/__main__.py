"""Tests the service with CardDAV clients that people use, each as it is shipped.

    python3 scripts/dav vdirsyncer khard tsdav    a few seconds each: part of `make test`
    python3 scripts/dav thunderbird               a real desktop program: part of `make soak`

BINARY is the service, `target/debug/contacts-api` by default. It runs on SQLite, on a free port of 127.0.0.1. The clients
are installed into target/clients/dav. A client that cannot be installed is named at the end, and fails the run in CI.
"""

import importlib
import os
import pathlib
import sys
import tempfile

from install import Missing
from service import Service

CLIENTS = ("vdirsyncer", "khard", "tsdav", "thunderbird")
BINARY = pathlib.Path(os.environ.get("BINARY", "target/debug/contacts-api"))


def try_client(name: str) -> str | None:
    """Runs the walk of a client against a new service. Returns the reason when the client cannot be installed."""
    walk = importlib.import_module(f"walk_{name}")
    try:
        client = walk.install()
    except Missing as missing:
        return f"{name}: {missing}"
    with tempfile.TemporaryDirectory(prefix="contacts-dav.") as folder:
        work = pathlib.Path(folder)
        with Service(BINARY.resolve(), work) as service:
            walk.run(client, service, work)
    print(f"{name}: passed", flush=True)
    return None


def main() -> int:
    names = sys.argv[1:]
    if not names or not set(names) <= set(CLIENTS):
        print(f"usage: python3 scripts/dav {'|'.join(CLIENTS)} ...", file=sys.stderr)
        return 2
    missing = [reason for name in names if (reason := try_client(name))]
    for reason in missing:
        print(f"NOT TESTED: {reason}", file=sys.stderr)
    return 1 if missing and os.environ.get("CI") else 0


sys.exit(main())
