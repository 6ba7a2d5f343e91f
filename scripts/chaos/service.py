"""Processes of the service."""

import json
import os
import pathlib
import re
import secrets
import signal
import urllib.error
import urllib.request
import uuid

from answers import Client, Record, basic, bearer
from programs import Program, Violation, free_port, until

BINARY = pathlib.Path(os.environ.get("BINARY", "target/debug/contacts-api")).resolve()
PASSWORD = "correct horse battery"
LIMITS = (
    "ME", "SECURITY", "CONTACTS", "CONTACT_CREATE", "CONTACT_BATCH", "IMPORT", "DAV", "APP_PASSWORD", "LOGIN", "REFRESH",
    "REFRESH_SESSION", "MAIL", "REGISTER", "FLOOD",
)  # fmt: skip
# Without limits, so that each rejected request is an error.
NO_LIMITS = {f"RATE_LIMIT_{name}": "off" for name in LIMITS}
# So high that no counter rejects a request. A counter needs a tenth of a second to forget a request.
HIGH_LIMITS = dict.fromkeys(NO_LIMITS, "1000000/d")
SETTINGS = {
    "BCRYPT_COST": "10", "CONTACT_LIMIT": "100000", "RUST_LOG": "info", "ACCESS_TOKEN_TTL": "1d",
    **NO_LIMITS,
}  # fmt: skip
# Lines of the log about a panic: `panic location=...`, or the cause of the failure that it has led to.
PANIC = re.compile(r"\bpanic(ked)?\b")


class Service:
    """The binary with its own port. Replicas share the settings."""

    def __init__(self, folder: pathlib.Path, settings: dict, name: str = "service"):
        self.folder, self.log, self.port = folder, folder / f"{name}.log", free_port()
        self.settings = {"PATH": os.environ["PATH"], **SETTINGS, **settings, "PORT": str(self.port)}

    def start(self) -> None:
        """Starts the service. Its database must be available: without it the service ends."""
        self.program = Program([BINARY], self.log, cwd=self.folder, env=self.settings)
        until(self.is_ready, 60, f"the service starts, see {self.log}")

    def is_ready(self) -> bool:
        if not self.program.is_running():
            raise Violation(f"the service has ended by itself, see {self.log}")
        return self.readiness() == 200

    def readiness(self) -> int:
        try:
            with self.ready_answer() as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def uses_redis(self) -> bool:
        with self.ready_answer() as answer:
            return json.load(answer)["cache"]["status"] == "ok"

    def ready_answer(self):
        return urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=10)

    def kill(self) -> None:
        code = self.program.kill()
        if code != -signal.SIGKILL:
            raise Violation(f"the service has ended by itself with {code} before it was killed, see {self.log}")

    def stop(self) -> list[str]:
        """Stops the service. Returns violations: an exit code other than 0, and the panics of the log."""
        code = self.program.end(signal.SIGTERM)
        lines = self.log.read_text(errors="replace").splitlines()
        panics = [f"{self.log.name}: {line}" for line in lines if PANIC.search(line)]
        return panics + ([f"the service ended with {code}, see {self.log}"] if code else [])

    def command(self, *arguments: str) -> None:
        Program([BINARY, *arguments], self.folder / "commands.log", cwd=self.folder, env=self.settings).process.wait(60)


def new_settings() -> dict:
    return {"JWT_SECRET": secrets.token_hex(32), "PUBLIC_URL": "http://localhost:8000"}


class Person:
    """A user with a verified e-mail address, and the ways in which its clients sign in."""

    def __init__(self, service: Service, record: Record, email: str):
        """Registers, verifies the e-mail address by the command line, and signs in."""
        self.email, client = email, Client(service, record)
        body = {"username": "Olena", "email": email, "password": PASSWORD}
        self.id = sent(client.send("POST", "/api/auth/register", body, expected=(201,)))["id"]
        service.command("user", "verify", email)
        self.tokens = sent(client.send("POST", "/api/auth/login", {"email": email, "password": PASSWORD}))
        self.session = client.authorization = bearer(self.tokens["access_token"])

        def app_password(*scopes: str) -> str:
            body = {"name": "Phone", "scopes": scopes}
            return sent(client.send("POST", "/api/me/app-passwords", body, expected=(201,)))["password"]

        self.device = basic(email, app_password("carddav"))
        # Unlike that of a session, it does not depend on the clock.
        self.app = bearer(app_password("api:read", "api:write"))
        client.close()
        self.book = f"/dav/books/{self.id}/contacts/"


def session_of(tokens: dict) -> str:
    """Returns the id of a session, with which its refresh token begins."""
    return str(uuid.UUID(tokens["refresh_token"].partition(".")[0]))


def sent(answer):
    if answer is None:
        raise RuntimeError("a request before the failure was not answered")
    return answer.json()
