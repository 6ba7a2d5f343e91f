"""Compares the times of requests that must not reveal by their time what exists: accounts and app passwords.

    python3 scripts/timing    on SQLite, and on PostgreSQL with Redis (TEST_POSTGRES_URL, TEST_REDIS_URL): part of `make soak`

The service is BINARY, `target/debug/contacts-api` by default, on a free port of 127.0.0.1. All rate limits count as they
do as shipped, but none is reached. Each comparison sends two requests in turns, in a random order, over one connection:
at least 200 of each. Their medians may differ by 5 %. A larger difference is confirmed with more samples before the script
fails. The first comparison is a control: it has a real difference, and the script fails when it does not see it. The script
also fails without PostgreSQL or Redis, after it has measured SQLite.
"""

import base64
import itertools
import json
import os
import pathlib
import re
import secrets
import subprocess
import sys
import tempfile
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "dav"))

from measure import Client, Comparison, takes_same_time  # noqa: E402
from service import PASSWORD, Person, Service  # noqa: E402

BINARY = pathlib.Path(os.environ.get("BINARY", "target/debug/contacts-api"))
# Sign-in is compared with the lowest cost of bcrypt, because a high one hides other differences.
SETTINGS = {"BCRYPT_COST": "10", "RUST_LOG": "warn"} | {
    f"RATE_LIMIT_{name}": "1000000/s"
    for name in ("APP_PASSWORD", "CONTACTS", "DAV", "FLOOD", "LOGIN", "MAIL", "ME", "REGISTER", "SECURITY")
}
ACCOUNTS = 10
# Numbers of pairs. 5 % of a short answer is less than the noise of one sample, so it needs more of them.
SLOW, FAST = 200, 2000


def request(method: str, path: str, headers: dict, body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def post(path: str, **fields: str) -> bytes:
    return request("POST", path, {"Content-Type": "application/json"}, json.dumps(fields).encode())


def form(path: str, **fields: str) -> bytes:
    body = urllib.parse.urlencode(fields).encode()
    return request("POST", path, {"Content-Type": "application/x-www-form-urlencoded"}, body)


def basic(user_name: str, password: str) -> bytes:
    credentials = base64.b64encode(f"{user_name}:{password}".encode()).decode()
    return request("PROPFIND", "/dav/", {"Authorization": f"Basic {credentials}", "Depth": "0"})


def bearer(password: str) -> bytes:
    return request("GET", "/api/contacts", {"Authorization": f"Bearer {password}"})


def random_secret() -> str:
    """Returns an app password that does not exist: 20 random digits of Crockford's base32 in groups of five."""
    digits = "".join(secrets.choice("0123456789abcdefghjkmnpqrstvwxyz") for _ in range(20))
    return "-".join(re.findall(".{5}", digits))


def in_turns(make, values: list[str]):
    """Returns a function that makes a request of the next value."""
    turns = itertools.cycle(values)
    return lambda: make(next(turns))


def used_app_password(service: Service, person: Person) -> dict:
    """Creates an app password, and uses it once, so that the session cache knows it."""
    created = person.call("POST", "/api/me/app-passwords", {"name": "Old phone", "scopes": ["carddav", "api:read"]})
    Client(urllib.parse.urlsplit(service.base).port).send(bearer(created["password"]), 200)
    return created


def comparisons(service: Service):
    """Makes the accounts and app passwords, and yields the comparisons. The control is the first one."""
    people = [service.person(f"known-{number}@example.com") for number in range(ACCOUNTS)]
    known = [person.email for person in people]
    unverified = [f"unverified-{number}@example.com" for number in range(ACCOUNTS)]
    for email in unverified:
        service.call("POST", "/api/auth/register", {"username": "Olena", "email": email, "password": PASSWORD})
    to_disable = [service.person(f"disabled-{number}@example.com") for number in range(ACCOUNTS)]
    disabled = [person.email for person in to_disable]
    of_disabled = [used_app_password(service, person)["password"] for person in to_disable]
    for email in disabled:
        service.user_command("disable", email)
    # As long as the known ones.
    unknown = [f"other-{number}@example.com" for number in range(ACCOUNTS)]
    never_verified = [f"unexpected-{number}@example.com" for number in range(ACCOUNTS)]
    never_disabled = [f"notknown-{number}@example.com" for number in range(ACCOUNTS)]

    created = [person.call("POST", "/api/me/app-passwords", {"name": "Phone"}) for person in people]
    valid = [password["password"] for password in created]
    ended = []
    for person in people:
        password = used_app_password(service, person)
        person.call("DELETE", f"/api/me/app-passwords/{password['id']}")
        ended.append(password["password"])
    of_other = dict(zip(known, valid[1:] + valid[:1], strict=True))

    def login(email: str) -> bytes:
        return post("/api/auth/login", email=email, password="incorrect horse battery")

    def forgot(email: str) -> bytes:
        return post("/api/auth/forgot-password", email=email)

    def forgot_by_form(email: str) -> bytes:
        return form("/forgot-password", email=email)

    def resend(email: str) -> bytes:
        return post("/api/auth/verify-email/resend", email=email)

    def similar(secret: str) -> str:
        """Returns a secret with the first 15 digits of this one."""
        return secret[:18] + random_secret()[18:]

    def random_bearer() -> bytes:
        return bearer(random_secret())

    def random_basic() -> bytes:
        return basic(known[0], random_secret())

    malformed = random_secret()[:-1]
    yield Comparison("control: a wrong app password, and a text that is none", 401, FAST, random_basic,
                     lambda: basic(known[0], malformed))
    yield Comparison("sign-in, wrong password: account, no account", 401, SLOW,
                     in_turns(login, known), in_turns(login, unknown))
    yield Comparison("sign-in, wrong password: unverified account, no account", 401, SLOW,
                     in_turns(login, unverified), in_turns(login, never_verified))
    yield Comparison("sign-in, wrong password: disabled account, no account", 401, SLOW,
                     in_turns(login, disabled), in_turns(login, never_disabled))
    yield Comparison("forgot password: account, no account", 202, FAST,
                     in_turns(forgot, known), in_turns(forgot, unknown))
    yield Comparison("forgot password: unverified account, no account", 202, FAST,
                     in_turns(forgot, unverified), in_turns(forgot, never_verified))
    yield Comparison("forgot password: disabled account, no account", 202, FAST,
                     in_turns(forgot, disabled), in_turns(forgot, never_disabled))
    yield Comparison("forgot password, form: account, no account", 202, FAST,
                     in_turns(forgot_by_form, known), in_turns(forgot_by_form, unknown))
    yield Comparison("resend verification: unverified account, no account", 202, FAST,
                     in_turns(resend, unverified), in_turns(resend, never_verified))
    yield Comparison("/dav, wrong app password: account, no account", 401, FAST,
                     in_turns(lambda email: basic(email, random_secret()), known),
                     in_turns(lambda email: basic(email, random_secret()), unknown))
    yield Comparison("/dav, app password of another: account, no account", 401, FAST,
                     in_turns(lambda email: basic(email, of_other[email]), known),
                     in_turns(lambda secret: basic(unknown[0], secret), valid))
    yield Comparison("/dav, app password: 15 digits of a valid one, random", 401, FAST,
                     in_turns(lambda secret: basic(known[0], similar(secret)), valid), random_basic)
    yield Comparison("/dav, app password: ended, random", 401, FAST,
                     in_turns(lambda secret: basic(known[0], secret), ended), random_basic)
    yield Comparison("/dav, app password: of a disabled account, random", 401, FAST,
                     in_turns(lambda secret: basic(disabled[0], secret), of_disabled), random_basic)
    yield Comparison("/api, app password: 15 digits of a valid one, random", 401, FAST,
                     in_turns(lambda secret: bearer(similar(secret)), valid), random_bearer)
    yield Comparison("/api, app password: ended, random", 401, FAST, in_turns(bearer, ended), random_bearer)


def failures(database: str, settings: dict) -> list[str]:
    """Runs all comparisons on a database. Prints each, and returns the names of those that fail."""
    failed = []
    with tempfile.TemporaryDirectory(prefix="contacts-timing.") as folder:
        with Service(BINARY.resolve(), pathlib.Path(folder), SETTINGS | settings) as service:
            prepared = list(comparisons(service))
            # Connected afterwards, because the service closes a connection that is silent for long.
            client = Client(urllib.parse.urlsplit(service.base).port)
            print(f"{database:<58} {'pairs':>6} {'first':>11} {'second':>11} {'':>8}", flush=True)
            for number, comparison in enumerate(prepared):
                is_control = number == 0
                succeeded = takes_same_time(comparison, client) != is_control
                print(f"{comparison.report()} {'' if succeeded else 'FAILED'}", flush=True)
                if not succeeded:
                    failed.append(f"{database}: {comparison.name}")
    return failed


def new_database(server: str) -> str:
    """Creates a database on a server of the tests, and returns its URL."""
    name = f"timing_{secrets.token_hex(4)}"
    subprocess.run(["psql", server, "--quiet", "--command", f"CREATE DATABASE {name}"], check=True)
    return urllib.parse.urlsplit(server)._replace(path=f"/{name}").geturl()


def main() -> int:
    failed = failures("SQLite", {})
    server, redis = os.environ.get("TEST_POSTGRES_URL"), os.environ.get("TEST_REDIS_URL")
    if server and redis:
        failed += failures("PostgreSQL and Redis", {"DATABASE_URL": new_database(server), "REDIS_URL": redis})
    else:
        failed.append("not measured: PostgreSQL and Redis: run it with scripts/with-services")
    for name in failed:
        print(f"FAILED: {name}", file=sys.stderr)
    if not failed:
        print("timing: all medians within 5 %")
    return 1 if failed else 0


sys.exit(main())
