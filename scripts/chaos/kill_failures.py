"""kill -9 of the service during writes, imports and syncs."""

import collections
import os
import random
import time

from answers import CUT, IMPORT, LOST, SYNCHRONIZATION, UNAVAILABLE, WRITE, Sent
from databases import PostgresDatabase, SqliteDatabase
from postgres import Postgres
from programs import Violation, until
from redis_failures import on_redis
from scene import Scene
from service import Service

KILLS = int(os.environ.get("CHAOS_KILLS", "100"))
# Each kill is in the middle of a request of one of these kinds: of the kind that was hit least.
KINDS = (WRITE, IMPORT, SYNCHRONIZATION)
# Share of the kills that may miss: the answer was already sent.
MISSED = 0.05


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


def kill_replicas(folder):
    """kill -9 of one of two replicas with one Redis"""
    with on_redis(folder, prepare=with_registrant) as (scene, _, _):
        hits = kill_often(scene)
    return f"{hits}, {scene.report()}"


def with_registrant(scene: Scene) -> None:
    scene.has_registrant = True


def kills(scene: Scene) -> str:
    with_registrant(scene)
    scene.start()
    scene.more_writes()
    scene.check()
    hits = kill_often(scene)
    scene.more_writes()
    scene.check()
    scene.stop()
    return f"{hits}, {scene.report()}"


def kill_often(scene: Scene) -> str:
    chance = random.Random(18)
    hits: collections.Counter = collections.Counter()
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.2, 0.7))
        kind = min(KINDS, key=lambda kind: hits[kind])
        service = chance.choice(scene.services)
        # The clients of the other replica notice nothing. 503: while the pools open their connections.
        with scene.record.allows(LOST, CUT, UNAVAILABLE, service=service):
            requests = kill_during(scene, service, kind, chance)
            service.start()
            scene.more_writes(1)
            scene.check()
        hits[kind] += any(request.kind == kind and not request.answered for request in requests)
    require_each(hits)
    counts = ", ".join(f"{hits[kind]} during {kind} requests" for kind in KINDS)
    return f"{KILLS} kills ({counts})"


def kill_during(scene: Scene, service: Service, kind: str, chance: random.Random) -> list[Sent]:
    """Kills a service in the middle of a request of a kind. Returns all its requests of that moment."""
    record = scene.record
    while True:
        until(lambda: record.requests(service, kind), 60, f"a request is in progress: {kind}", 0.0005)
        time.sleep(chance.uniform(0, record.durations[kind]))
        requests = record.requests(service)
        if any(request.kind == kind for request in requests):
            service.kill()
            return requests


def require_each(hits: collections.Counter) -> None:
    """Requires that a third of the kills were meant for each kind, and left a request of it without an answer."""
    least = max(1, KILLS / len(KINDS) - max(1, MISSED * KILLS))
    for kind in KINDS:
        if hits[kind] < least:
            raise Violation(f"{hits[kind]} of {KILLS} kills were during {kind} requests, not {least:.0f} or more")


SCENARIOS = {"kill-sqlite": kill_sqlite, "kill-postgres": kill_postgres, "kill-replicas": kill_replicas}
