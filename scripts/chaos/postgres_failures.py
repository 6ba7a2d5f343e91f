"""PostgreSQL stopped, crashed, stalled, failed over, and its connections cut in mid-transaction."""

import contextlib
import signal
import subprocess
import time

from answers import BUSY_SHARE, CUT, UNAVAILABLE
from databases import PostgresDatabase
from postgres import Pair, Postgres
from programs import Violation, until
from relay import Relay
from scene import Scene

TROUBLES = (UNAVAILABLE, CUT)
# A pool opens its connections again one by one, as they are needed: also after the service works again. On a busy machine
# a request may wait longer for one than the service allows.
TOLERATED = BUSY_SHARE
# Ends transactions at random, until it is stopped.
CUTTER = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL AND random() < 0.3
\\watch 0.05
"""
# Lines of the log of PostgreSQL: a connection that CUTTER ended, one that had written in its transaction, and one that
# was cut while its transaction was open.
ENDED = r"FATAL:  terminating connection due to administrator command"
ENDED_WRITE = rf"transaction [1-9]\d*: {ENDED}"
CUT_OFF = r"unexpected EOF on client connection with an open transaction"
LEAST = 5


@contextlib.contextmanager
def on_postgres(folder, replicas: int = 1):
    """Yields a scene, its server, and the relay to it."""
    server = Postgres.create(folder / "postgres")
    relay = Relay(server.port)
    scene = Scene(folder, PostgresDatabase(server), {"DATABASE_URL": server.url(relay.port)}, replicas)
    scene.busy_share = TOLERATED
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
    unavailable = []
    with on_postgres(folder) as (scene, server, _):
        for _ in range(5):
            before = scene.record.counts[UNAVAILABLE]
            with scene.failure(*TROUBLES):
                server.stop()
                server.start()
            unavailable.append(scene.record.counts[UNAVAILABLE] - before)
            scene.check()
    # A single restart may be so short that all requests wait for its end.
    if not any(unavailable):
        raise Violation("no request is answered 503 while PostgreSQL restarts")
    return f"5 restarts with {unavailable} answers 503, {scene.report()}"


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
                server.psql(), env=server.environment(), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
            )
            psql.stdin.write(CUTTER)
            psql.stdin.flush()
            time.sleep(12)
            await_lines(server, ENDED_WRITE)
            psql.terminate()
            psql.communicate()
        scene.check()
        cuts = 0

        def cut_again() -> bool:
            nonlocal cuts
            time.sleep(0.15)
            relay.cut()
            cuts += 1
            return cuts >= 40 and server.log_lines(CUT_OFF) >= LEAST

        with scene.failure(*TROUBLES):
            until(cut_again, 60, f"{LEAST} connections are cut in the middle of transactions")
        scene.check()
        ended, writes, cut_off = (server.log_lines(pattern) for pattern in (ENDED, ENDED_WRITE, CUT_OFF))
    return (
        f"{ended} transactions ended ({writes} of them after a write), {cuts} times all connections cut "
        f"({cut_off} with an open transaction), {scene.report()}"
    )


def failover(folder):
    pair = Pair(folder / "postgres")
    database = PostgresDatabase(pair.primary)
    scene = Scene(folder, database, {"DATABASE_URL": pair.primary.url(pair.relay.port)}, 2)
    scene.busy_share = TOLERATED
    scene.start()
    scene.more_writes()
    scene.check()
    with scene.failure(*TROUBLES):
        pair.fail_over(lambda: await_troubles(scene))
        database.server = pair.primary
    scene.check()
    scene.more_writes()
    scene.check()
    scene.stop()
    pair.stop()
    return scene.report()


def await_lines(server: Postgres, pattern: str) -> None:
    until(lambda: server.log_lines(pattern) >= LEAST, 60, f"{LEAST} lines of the log of PostgreSQL: {pattern}")


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
