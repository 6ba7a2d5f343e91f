"""Redis killed, frozen, emptied, and restored with old data, under two replicas. None of it may fail a request."""

import contextlib
import time

from answers import Client
from databases import PostgresDatabase
from postgres import Postgres
from programs import until
from redis_server import RedisServer
from scene import Scene
from service import PASSWORD, sent

# Time for which an ended session may be accepted (docs/operating.md, Redis).
SESSION_LAG = 60
DURATION = 5


@contextlib.contextmanager
def on_redis(folder):
    """Yields a scene of two replicas, and their Redis."""
    server, redis = Postgres.create(folder / "postgres"), RedisServer(folder / "redis")
    settings = {"REDIS_URL": f"redis://127.0.0.1:{redis.port}"}
    scene = Scene(folder, PostgresDatabase(server), settings, 2)
    scene.start()
    scene.more_writes()
    yield scene, redis
    scene.more_writes()
    scene.check()
    scene.stop()
    redis.stop()
    server.stop()


class Session:
    """A session that all replicas have cached, and that is ended while Redis fails."""

    def __init__(self, scene: Scene):
        body = {"email": scene.mixed.email, "password": PASSWORD}
        token = sent(scene.clients("")[0].send("POST", "/api/auth/login", body))["access_token"]
        self.clients: list[Client] = scene.clients(f"Bearer {token}")
        self.statuses()

    def statuses(self) -> set:
        answers = [client.send("GET", "/api/me", expected=(200, 401)) for client in self.clients]
        return {answer.status for answer in answers if answer}

    def end(self) -> float:
        """Signs out. Returns the seconds until no replica accepts the session."""
        self.clients[0].send("POST", "/api/auth/logout", expected=(204,))
        return self.await_end()

    def await_end(self) -> float:
        begin = time.monotonic()
        until(lambda: self.statuses() == {401}, SESSION_LAG + 2, "an ended session is rejected by every replica")
        return time.monotonic() - begin


def kill(folder):
    with on_redis(folder) as (scene, redis):
        session = Session(scene)
        redis.kill()
        lag = session.end()
        work(scene)
        redis.start()
        lag = max(lag, session.await_end())
        work(scene)
    return f"an ended session rejected after {lag:.1f} s, {scene.report()}"


def freeze(folder):
    with on_redis(folder) as (scene, redis):
        session, lag = Session(scene), 0.0
        for _ in range(3):
            redis.freeze()
            lag = max(lag, session.end() if not lag else 0)
            work(scene)
            redis.thaw()
            work(scene, 2)
        lag = max(lag, session.await_end())
    return f"an ended session rejected after {lag:.1f} s, {scene.report()}"


def flush(folder):
    with on_redis(folder) as (scene, redis):
        session = Session(scene)
        lag = session.end()
        for _ in range(20):
            redis.command("FLUSHALL")
            time.sleep(0.2)
        lag = max(lag, session.await_end())
    return f"20 times emptied, an ended session rejected after {lag:.1f} s, {scene.report()}"


def restore(folder):
    with on_redis(folder) as (scene, redis):
        session = Session(scene)
        redis.save()
        session.end()
        redis.start_with_saved()
        lag = session.await_end()
        work(scene)
    return f"an ended session of the old data rejected after {lag:.1f} s, {scene.report()}"


def work(scene: Scene, seconds: float = DURATION) -> None:
    """Lets the clients work for a time, and requires that they do."""
    before = scene.record.counts["acknowledged"]
    time.sleep(seconds)
    scene.more_writes(1, 5)
    scene.check()
    assert scene.record.counts["acknowledged"] > before


SCENARIOS = {"redis-kill": kill, "redis-freeze": freeze, "redis-flush": flush, "redis-restore": restore}
