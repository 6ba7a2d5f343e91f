"""Steps of the wall clock, forwards and back, under load. libfaketime moves the clock of the service only, by a file that
it reads at each call. The monotonic clock goes on, as it does when a machine's clock is set."""

import datetime
import pathlib
import platform
import time
import uuid

from answers import Client, bearer
from databases import PostgresDatabase, SqliteDatabase
from install import debian_package
from postgres import Postgres
from scene import Scene
from service import HIGH_LIMITS, PASSWORD, sent

LIBRARY = pathlib.Path(f"/usr/lib/{platform.machine()}-linux-gnu/faketime/libfaketime.so.1")
# Hours from the real time. No step outlasts the lifetime of an access token, which is a day here.
STEPS = (2, 0, -2, 0, 20, -1, 0)


def steps(folder, database) -> str:
    library = debian_package("libfaketime", LIBRARY)
    clock = folder / "clock"
    clock.write_text("+0\n")
    settings = {
        # Requests are counted, and none is rejected: no step is as long as the period of a counter.
        **HIGH_LIMITS,
        "LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": str(clock), "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1",
    }  # fmt: skip
    scene = Scene(folder, database, settings)
    scene.by_app_password = True
    scene.start()
    scene.account.is_clock_set = True
    scene.more_writes()
    sessions = []
    for hours in STEPS:
        # Not while the account renews a token and uses it: the new token may be of the future, too.
        scene.account.rest()
        clock.write_text(f"{hours:+d}h\n")
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


def moved(scene: Scene, hours: int) -> list[str]:
    """Checks that the clock of the service was set, by the time of a new contact."""
    now = time_of(scene.clients(scene.mixed.app)[0])
    shift = now - time.time()
    return [] if abs(shift - hours * 3600) < 60 else [f"the clock is off by {shift:.0f} s, not by {hours} hours"]


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


SCENARIOS = {"clock-sqlite": on_sqlite, "clock-postgres": on_postgres}
