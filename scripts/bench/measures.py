"""Measurements: each runs for some seconds and returns a sample."""

import json
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import programs

SCRIPT = Path(__file__).resolve().parent / "requests.lua"
WRK_THREADS = 2
# Longer than an answer takes while sign-in is flooded.
WRK_TIMEOUT = 30


@dataclass
class Sample:
    rate: float
    """Requests a second."""
    p50: float = 0
    """Milliseconds, like `p99`."""
    p99: float = 0


class Template:
    """A whole HTTP request with placeholders, see requests.lua."""

    def __init__(self, folder, method, path, body=None, with_token=True, scheme="Bearer", kind="application/json", state=""):
        head = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
        if with_token:
            head.append(f"Authorization: {scheme} {{token}}")
        if body is not None:
            # The values have the same length as these, whatever the user.
            filled = body.replace("{user}", "0" * 12).replace("{random}", "0" * 12).replace("{state}", state)
            filled = filled.replace("{contact}", "0" * 36)
            head += [f"Content-Type: {kind}", f"Content-Length: {len(filled.encode())}"]
        self.method, self.path = method, path
        self.file = folder / f"request-{len(list(folder.glob('request-*')))}"
        self.file.write_bytes("\r\n".join([*head, "", body or ""]).encode())


@dataclass
class Wrk:
    """Requests of random users over HTTP."""

    template: Template
    base: str
    users: Path
    connections: int = 32
    count: int = 1_000_000_000
    """Number of users to choose from."""
    factor: int = 1
    """Factor of the duration, for slow requests."""
    may_be_busy: bool = False
    """Answers with an error status are no failure."""

    def command(self, seconds):
        return [
            "wrk", f"--threads={min(WRK_THREADS, self.connections)}", f"--connections={self.connections}",
            f"--duration={seconds * self.factor}s", f"--timeout={WRK_TIMEOUT}s", f"--script={SCRIPT}", self.base,
            "--", str(self.template.file), str(self.users), str(self.count),
        ]

    def run(self, seconds):
        return self.read(programs.run(*self.command(seconds)))

    def read(self, output):
        result = json.loads(output.strip().splitlines()[-1])
        if not result["requests"] or result["failures"] or (result["statuses"] and not self.may_be_busy):
            raise SystemExit(f"bench: {self.template.method} {self.template.path} failed: {result}")
        rate = result["requests"] * 1e6 / result["microseconds"]
        return Sample(rate, result["p50"] / 1e3, result["p99"] / 1e3)


@dataclass
class Flooded:
    """Requests while other clients flood another route."""

    reads: Wrk
    flood: Wrk

    def run(self, seconds):
        flood = subprocess.Popen(
            self.flood.command(seconds + 2), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        try:
            # The queue of passwords is full by then.
            time.sleep(1)
            sample = self.reads.run(seconds)
            self.flood.read(flood.communicate()[0])
        finally:
            flood.kill()
            flood.wait()
        return sample


@dataclass
class Pgbench:
    """Statements by pgbench, without HTTP."""

    script: Path
    url: str
    clients: int
    users: int

    def run(self, seconds):
        output = programs.run(
            "pgbench", "--no-vacuum", "--protocol=prepared", f"--client={self.clients}", "--jobs=2", f"--time={seconds}",
            f"--define=users={self.users}", f"--file={self.script}", self.url,
        )
        return Sample(float(re.search(r"^tps = ([0-9.]+)", output, re.MULTILINE)[1]))


@dataclass
class Work:
    """Work of the floors without HTTP."""

    command: list
    factor: int = 1

    def run(self, seconds):
        return Sample(float(programs.run(programs.FLOORS, *self.command, seconds * self.factor)))
