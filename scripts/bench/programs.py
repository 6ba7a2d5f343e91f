"""Databases, and the programs that are measured. All of them listen on 127.0.0.1 and are stopped at the end."""

import http.client
import os
import shlex
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent.parent
BINARIES = ROOT / "target" / "release"
SERVICE = BINARIES / "contacts-api"
FLOORS = BINARIES / "examples" / "floors"
DRIVER_FLOORS = BINARIES / "driver-floors"
DATA = BINARIES / "examples" / "bench_data"

SECRET = "benchmark-only-0123456789abcdefghijklmnopq"
PUBLIC_URL = "http://localhost:8000"
LIMITS = [
    "ME", "SECURITY", "CONTACTS", "CONTACT_CREATE", "CONTACT_BATCH", "LOGIN", "REFRESH", "REFRESH_SESSION", "MAIL",
    "REGISTER", "FLOOD", "IMPORT", "DAV", "APP_PASSWORD",
]
START_TIMEOUT = 60


def run(*command, **options):
    """Runs a program and returns its output. Ends the measurement when the program fails."""
    command = [str(part) for part in command]
    done = subprocess.run(command, text=True, capture_output=True, **options)
    if done.returncode:
        raise SystemExit(f"bench: {Path(command[0]).name} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Postgres:
    """Databases on the server of TEST_POSTGRES_URL."""

    name = "PostgreSQL"

    def __init__(self, server):
        self.server = server
        self.names = []

    def sql(self, statement, url=None):
        return run("psql", "--no-psqlrc", "--tuples-only", "--no-align", "--quiet", "--command", statement, url or self.server)

    def create(self, name, template="template1"):
        """Creates a database and returns its URL. Only `template` without connections can be copied."""
        name = f"bench_{os.getpid()}_{name}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        self.names.append(name)
        return urlsplit(self.server)._replace(path=f"/{name}").geturl()

    def copy(self, url, name):
        return self.create(name, template=urlsplit(url).path[1:])

    def analyze(self, url):
        self.sql("VACUUM ANALYZE", url)

    def close(self):
        for name in self.names:
            self.sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


class Sqlite:
    """Databases in files."""

    name = "SQLite"

    def __init__(self, folder):
        self.folder = folder

    def create(self, name):
        return f"sqlite://{self.folder}/{name}.db?mode=rwc"

    def copy(self, url, name):
        copy = self.create(name)
        source, target = (sqlite3.connect(urlsplit(url).path) for url in (url, copy))
        source.backup(target)
        source.close()
        target.close()
        return copy

    def analyze(self, url):
        """The service does not do it either."""

    def close(self):
        """The folder is removed with its files."""


class Program:
    """A program that answers HTTP requests, until it is stopped."""

    def __init__(self, folder, probe, command, variables):
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        self.folder.mkdir()
        command = [str(part).replace("{port}", str(self.port)) for part in command]
        variables = {name: value.replace("{port}", str(self.port)) for name, value in variables.items()}
        begun = time.perf_counter()
        # A log that is written to a file would slow the commits of the database.
        self.process = subprocess.Popen(
            command, cwd=folder, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._wait(probe, begun)
        self.started_in = time.perf_counter() - begun

    def _wait(self, probe, begun):
        while True:
            try:
                if self.get(*probe)[0] == 200:
                    return
            except OSError:
                pass
            if self.process.poll() is not None or time.perf_counter() - begun > START_TIMEOUT:
                self.stop()
                raise SystemExit(f"bench: {Path(self.process.args[0]).name} did not start: {shlex.join(self.process.args)}")
            time.sleep(0.001)

    def get(self, path, token=None):
        """Returns the status and the body of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=START_TIMEOUT)
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, body

    def memory(self, name):
        """Returns VmRSS (now) or VmHWM (the maximum) in MiB."""
        with open(f"/proc/{self.process.pid}/status") as status:
            line = next(line for line in status if line.startswith(name + ":"))
        return int(line.split()[1]) / 1024

    def forget_maximum(self):
        with open(f"/proc/{self.process.pid}/clear_refs", "w") as file:
            file.write("5")

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Programs:
    """Starts programs, and stops all of them at the end."""

    def __init__(self, folder):
        self.folder = folder
        self.started = []

    def _start(self, *arguments):
        program = Program(self.folder / f"program-{len(self.started)}", *arguments)
        self.started.append(program)
        return program

    def service(self, url, contact_limit=None, probe=("/healthz",)):
        """Starts the service as shipped, without rate limits. `contact_limit` replaces the default."""
        variables = {f"RATE_LIMIT_{limit}": "off" for limit in LIMITS}
        variables |= {"DATABASE_URL": url, "JWT_SECRET": SECRET, "PUBLIC_URL": PUBLIC_URL, "PORT": "{port}"}
        if contact_limit:
            variables["CONTACT_LIMIT"] = str(contact_limit)
        return self._start(probe, [SERVICE, "serve"], variables)

    def floors(self, url):
        return self._start(("/empty",), [FLOORS, "serve", url, "{port}"], {})

    def driver_floors(self, url):
        return self._start(("/empty",), [DRIVER_FLOORS, url, "{port}"], {})

    def stop(self):
        for program in self.started:
            program.stop()


def fill(programs, url, folder, users, contacts, notes=60):
    """Creates users with contacts in a new database, through the service."""
    folder.mkdir()
    service = programs.service(url, contact_limit=1_000_000)
    run(
        DATA, "--database", url, "--service", service.base, "--public-url", PUBLIC_URL, "--secret", SECRET,
        "--users", users, "--contacts", contacts, "--notes", notes, "--folder", folder,
    )
    service.stop()


def missing_programs():
    """Yields the missing programs, each with the way to get it."""
    hints = {
        "wrk": "Debian: apt-get install wrk; macOS: brew install wrk; else https://github.com/wg/wrk",
        "psql": "Debian: apt-get install postgresql-client",
        "pgbench": "Debian: apt-get install postgresql-contrib; other systems: part of PostgreSQL",
    }
    for name, hint in hints.items():
        if not shutil.which(name):
            yield f"{name} is missing ({hint})"
    for path in (SERVICE, FLOORS, DRIVER_FLOORS, DATA):
        if not path.exists():
            yield f"{path.relative_to(ROOT)} is missing (make bench builds it)"
