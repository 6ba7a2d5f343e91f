"""kill -9 of the service during writes, imports and syncs."""

import os
import random
import time

from answers import CUT, LOST, UNAVAILABLE
from databases import PostgresDatabase, SqliteDatabase
from postgres import Postgres
from programs import until
from scene import Scene

KILLS = int(os.environ.get("CHAOS_KILLS", "100"))


def kill_sqlite(folder):
    """kill -9 of the service on SQLite"""
    scene = Scene(folder, SqliteDatabase(folder / "data/contacts.db"))
    return kills(scene)


def kill_postgres(folder):
    """kill -9 of the service on PostgreSQL"""
    server = Postgres.create(folder / "postgres")
    result = kills(Scene(folder, PostgresDatabase(server)))
    server.stop()
    return result


def kills(scene: Scene) -> str:
    scene.start()
    chance = random.Random(18)
    scene.more_writes()
    scene.check()
    busy = 0
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.2, 0.7))
        # In the middle of a write, or just after one.
        until(lambda: scene.record.writing > 0, 10, "a write is in progress", 0.0005)
        time.sleep(chance.uniform(0, 0.03))
        # 503: while the pools open their connections.
        with scene.record.allows(LOST, CUT, UNAVAILABLE):
            busy += scene.record.writing > 0
            scene.services[0].kill()
            scene.services[0].start()
            scene.more_writes(1)
            scene.check()
    scene.more_writes()
    scene.check()
    scene.stop()
    return f"{KILLS} kills, {busy} of them during a write, {scene.report()}"


SCENARIOS = {"kill-sqlite": kill_sqlite, "kill-postgres": kill_postgres}
