"""The service, by default on SQLite and with the settings that it is shipped with, and its REST API."""

import json
import os
import pathlib
import secrets
import socket
import subprocess
import time
import urllib.error
import urllib.request

PASSWORD = "correct horse battery"
# Only limits of the steps before the test are off. Those of CardDAV are tested as they are shipped.
SETTINGS = {"BCRYPT_COST": "10", "CONTACT_LIMIT": "1000", "RATE_LIMIT_ME": "off", "RATE_LIMIT_REGISTER": "off"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Service:
    """A running service. The log is in the folder `service`, and is printed when a test fails."""

    def __init__(self, binary: pathlib.Path, work: pathlib.Path, settings: dict = SETTINGS):
        self.binary, self.folder = binary, work / "service"
        self.folder.mkdir()
        port = free_port()
        self.base = f"http://127.0.0.1:{port}"
        secret = {"PORT": str(port), "PUBLIC_URL": self.base, "JWT_SECRET": secrets.token_hex(32), "RUST_LOG": "info"}
        self.environment = {"PATH": os.environ["PATH"], **secret, **settings}

    def __enter__(self):
        with (self.folder / "log").open("w") as log:
            self.process = subprocess.Popen([self.binary], cwd=self.folder, env=self.environment, stderr=log)
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{self.base}/readyz").close()
                return self
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
        self.__exit__(RuntimeError, None, None)
        raise RuntimeError("the service did not start")

    def __exit__(self, kind, error, trace):
        self.process.terminate()
        self.process.wait()
        if kind:
            print((self.folder / "log").read_text("utf-8"))

    def person(self, email: str) -> "Person":
        """Registers a user with a verified e-mail address."""
        body = {"username": "Olena", "email": email, "password": PASSWORD}
        self.call("POST", "/api/auth/register", body)
        self.user_command("verify", email)
        pair = self.call("POST", "/api/auth/login", {"email": email, "password": PASSWORD})
        return Person(self, email, pair["access_token"])

    def user_command(self, name: str, email: str) -> None:
        """Runs a command of the operator for a user."""
        command = [self.binary, "user", name, email]
        subprocess.run(command, cwd=self.folder, env=self.environment, check=True, capture_output=True)

    def call(self, method: str, path: str, body=None, token: str | None = None):
        """Sends a request with JSON, and returns the JSON of a successful response."""
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request) as response:
                text = response.read()
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()}") from error
        return json.loads(text) if text else None


class Person:
    """A signed-in user of the REST API."""

    def __init__(self, service: Service, email: str, token: str):
        self.service, self.email, self.token = service, email, token

    def call(self, method: str, path: str, body=None):
        return self.service.call(method, path, body, self.token)

    def app_password(self, name: str) -> str:
        return self.call("POST", "/api/me/app-passwords", {"name": name})["password"]

    def contacts(self) -> dict:
        """Returns the contacts by first name."""
        return {contact["first_name"]: contact for contact in self.call("GET", "/api/contacts?limit=100")["items"]}

    def trash(self) -> list:
        """Returns the first names of the contacts in the trash."""
        return [item["contact"]["first_name"] for item in self.call("GET", "/api/contacts/trash")["items"]]

    def create(self, **fields) -> dict:
        return self.call("POST", "/api/contacts", fields)

    def patch(self, contact: dict, **fields) -> dict:
        request = {"path": f"/api/contacts/{contact['id']}", "body": fields}
        return self.call("PATCH", request["path"], request["body"])

    def delete(self, contact: dict) -> None:
        self.call("DELETE", f"/api/contacts/{contact['id']}")

    def restore(self, contact: dict) -> None:
        self.call("POST", f"/api/contacts/{contact['id']}/restore")
