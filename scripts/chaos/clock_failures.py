"""Steps of the wall clock, forwards and back, under load. libfaketime moves the clock of the service only, by a file that
it reads at each call. The monotonic clock goes on, as it does when a machine's clock is set. With two replicas, the clock
of one of them moves."""

import datetime
import pathlib
import platform
import time
import uuid

from answers import UNAVAILABLE, Client, bearer
from databases import PostgresDatabase, SqliteDatabase
from install import debian_package
from postgres import Postgres
from redis_failures import Session, on_redis
from scene import Scene
from service import HIGH_LIMITS, PASSWORD, sent

LIBRARY = pathlib.Path(f"/usr/lib/{platform.machine()}-linux-gnu/faketime/libfaketime.so.1")
# Hours from the real time. No step outlasts the lifetime of an access token, which is a day here.
STEPS = (2, 0, -2, 0, 20, -1, 0)


class Clock:
    """The clock of a service that has these settings."""

    def __init__(self, folder: pathlib.Path):
        library = debian_package("libfaketime", LIBRARY)
        self.file = folder / "clock"
        self.set(0)
        self.settings = {
            "LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": str(self.file), "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1",
        }  # fmt: skip

    def set(self, hours: int) -> None:
        """Sets it to a number of hours from the real time."""
        self.file.write_text(f"{hours:+d}h\n")


def steps(folder, database) -> str:
    clock = Clock(folder)
    # Requests are counted, and none is rejected: no step is as long as the period of a counter.
    scene = Scene(folder, database, {**HIGH_LIMITS, **clock.settings})
    scene.by_app_password = True
    scene.start()
    scene.account.is_clock_set = True
    scene.more_writes()
    sessions = []
    for hours in STEPS:
        # Not while the account renews a token and uses it: the new token may be of the future, too.
        scene.account.rest()
        clock.set(hours)
        scene.account.wake()
        scene.record.violations += moved(scene, hours)
        # A session of the new time, which must work after the next step.
        body = {"email": scene.mixed.email, "password": PASSWORD}
        sessions.append(sent(scene.clients("")[0].send("POST", "/api/auth/login", body)))
        time.sleep(2)
        scene.more_writes(10)
        sessions = [used(scene, session) for session in sessions]
        scene.check()
    scene.stop()
    return (
        f"{len(STEPS)} steps of up to {max(STEPS) + 1} hours, {len(sessions)} sessions used after them, "
        f"{scene.record.counts['renewed']} tokens renewed, {scene.report()}"
    )


def used(scene: Scene, session: dict) -> dict:
    """Uses a session. Its access token may be of the future: then it is renewed, as by every client. Returns the tokens."""
    client = Client(scene.services[0], scene.record, bearer(session["access_token"]))
    answer = client.send("GET", "/api/me", expected=(200, 401))
    if answer and answer.status == 401:
        scene.record.add("renewed")
        session = sent(client.send("POST", "/api/auth/refresh", {"refresh_token": session["refresh_token"]}))
        client.authorization = bearer(session["access_token"])
        client.send("GET", "/api/me")
    client.close()
    return session


def moved(scene: Scene, *hours: int) -> list[str]:
    """Checks the clock of each service, by the time of a new contact: the hours by which it was set."""
    clients = zip(scene.clients(scene.mixed.app), hours, strict=True)
    shifts = [(time_of(client) - time.time(), expected) for client, expected in clients]
    return [
        f"a clock is off by {shift:.0f} s, not by {expected} hours"
        for shift, expected in shifts
        if abs(shift - expected * 3600) >= 60
    ]


def time_of(client: Client) -> float:
    """Creates a contact, and returns its time of creation."""
    contact = sent(client.send("POST", "/api/contacts", {"first_name": f"clock-{uuid.uuid4()}"}, expected=(201,)))
    client.send("DELETE", f"/api/contacts/{contact['id']}", expected=(204,))
    client.close()
    return datetime.datetime.fromisoformat(contact["created_at"].replace("Z", "+00:00")).timestamp()


def on_sqlite(folder):
    return steps(folder, SqliteDatabase(folder / "data/contacts.db"))


def on_postgres(folder):
    server = Postgres.create(folder / "postgres")
    result = steps(folder, PostgresDatabase(server))
    server.stop()
    return result


def on_replicas(folder):
    """Steps of the clock of one of two replicas with one Redis"""
    clock, lag = Clock(folder), 0.0

    def prepare(scene: Scene) -> None:
        scene.services[-1].settings |= clock.settings
        scene.by_app_password = True

    with on_redis(folder, prepare=prepare) as (scene, _, _):
        # A session works on replicas with the same time only.
        scene.account.rest()
        scene.account.use_only(scene.account.clients[0])
        scene.account.wake()
        for client in scene.photo_writer.clients:
            # A replica whose clock is ahead removes an upload, because it seems to be interrupted.
            client.allowed = frozenset({UNAVAILABLE})
        for hours in STEPS:
            clock.set(hours)
            scene.record.violations += moved(scene, 0, hours)
            time.sleep(2)
            scene.more_writes(10)
            lag = max(lag, Session(scene).end())
            scene.check()
    return f"{len(STEPS)} steps of up to {max(STEPS) + 1} hours, an ended session rejected after {lag:.1f} s, {scene.report()}"


SCENARIOS = {"clock-sqlite": on_sqlite, "clock-postgres": on_postgres, "clock-replicas": on_replicas}
