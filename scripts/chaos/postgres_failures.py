"""PostgreSQL stopped, crashed, stalled, failed over, and its connections cut in mid-transaction."""

import contextlib
import signal
import subprocess
import time

from answers import CUT, UNAVAILABLE
from databases import PostgresDatabase
from postgres import Pair, Postgres
from programs import until
from relay import Relay
from scene import Scene

TROUBLES = (UNAVAILABLE, CUT)
# Ends transactions at random, until it is stopped.
CUTTER = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL AND random() < 0.3
\\watch 0.05
"""


@contextlib.contextmanager
def on_postgres(folder, replicas: int = 1):
    """Yields a scene, its server, and the relay to it."""
    server = Postgres.create(folder / "postgres")
    relay = Relay(server.port)
    scene = Scene(folder, PostgresDatabase(server), {"DATABASE_URL": server.url(relay.port)}, replicas)
    scene.start()
    scene.more_writes()
    scene.check()
    yield scene, server, relay
    scene.more_writes()
    scene.check()
    scene.stop()
    relay.close()
    server.stop()


def stop(folder):
    with on_postgres(folder) as (scene, server, _):
        for how in (signal.SIGINT, signal.SIGQUIT):
            with scene.failure(*TROUBLES):
                server.stop(how)
                await_troubles(scene)
                time.sleep(2)
                server.start()
            scene.check()
    return scene.report()


def restart(folder):
    with on_postgres(folder) as (scene, server, _):
        for _ in range(5):
            with scene.failure(*TROUBLES):
                server.stop()
                server.start()
            scene.check()
    return f"5 restarts, {scene.report()}"


def stall(folder):
    with on_postgres(folder) as (scene, _, relay):
        with scene.failure(*TROUBLES):
            relay.stall()
            await_troubles(scene)
            time.sleep(5)
            relay.flow()
        scene.check()
    return scene.report()


def cut(folder):
    with on_postgres(folder) as (scene, server, relay):
        with scene.failure(*TROUBLES):
            psql = subprocess.Popen(
                server.psql(), env=server.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            psql.stdin.write(CUTTER)
            psql.stdin.flush()
            time.sleep(12)
            psql.terminate()
            ended = psql.communicate()[0].count("t\n")
        scene.check()
        with scene.failure(*TROUBLES):
            for _ in range(40):
                time.sleep(0.15)
                relay.cut()
        scene.check()
    return f"{ended} transactions ended and 40 times all connections cut, {scene.report()}"


def failover(folder):
    pair = Pair(folder / "postgres")
    database = PostgresDatabase(pair.primary)
    scene = Scene(folder, database, {"DATABASE_URL": pair.primary.url(pair.relay.port)}, 2)
    scene.start()
    scene.more_writes()
    scene.check()
    with scene.failure(*TROUBLES):
        pair.fail_over()
        database.server = pair.primary
    scene.check()
    scene.more_writes()
    scene.check()
    scene.stop()
    pair.stop()
    return scene.report()


def await_troubles(scene: Scene) -> None:
    before = scene.record.counts[UNAVAILABLE]
    until(lambda: scene.record.counts[UNAVAILABLE] > before + 3, 30, "requests are answered 503")


SCENARIOS = {
    "postgres-stop": stop,
    "postgres-restart": restart,
    "postgres-stall": stall,
    "postgres-cut": cut,
    "postgres-failover": failover,
}
