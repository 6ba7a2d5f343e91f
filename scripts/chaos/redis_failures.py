"""Redis killed, frozen, slow, emptied, and restored with old data, under two replicas. No request may fail."""

import contextlib
import random
import statistics
import time
from collections.abc import Callable

from answers import Client
from databases import PostgresDatabase
from postgres import Postgres
from programs import PATIENCE, Violation, until
from redis_server import RedisServer
from relay import Relay
from scene import Scene
from service import HIGH_LIMITS, PASSWORD, sent

# Time for which an ended session may be accepted (docs/operating.md, Redis).
SESSION_LAG = 60
# Seconds without an accepted request after which an ended session counts as rejected by every replica.
STEADY = 3
DURATION = 5
# Counters of the requests that the clients send (docs/behaviour/limits.md).
COUNTERS = {
    "contacts", "contacts-user", "contact-create", "contact-batch", "import", "dav", "dav-user", "login", "security",
}  # fmt: skip
# Seconds by which Redis is slow, and those that a request waits for it at most (docs/behaviour/limits.md).
DELAYS = (0.1, 0.3, 0.9)
LONGEST_WAIT = 0.1


@contextlib.contextmanager
def on_redis(folder, with_relay: bool = False, prepare: Callable[[Scene], None] = lambda _: None):
    """Yields a scene of two replicas, their Redis, and the relay to it. `prepare` changes the scene before it starts.
    Requests are counted, and none is rejected."""
    server, redis = Postgres.create(folder / "postgres"), RedisServer(folder / "redis")
    relay = Relay(redis.port)
    settings = {**HIGH_LIMITS, "REDIS_URL": f"redis://127.0.0.1:{relay.port if with_relay else redis.port}"}
    scene = Scene(folder, PostgresDatabase(server), settings, 2)
    # Redis is the reason for 60 seconds: the sessions are used again at the end.
    scene.session_lag = 0
    prepare(scene)
    scene.start()
    scene.more_writes()
    scene.check()
    await_counts(redis)
    yield scene, redis, relay
    scene.more_writes()
    scene.check()
    await_counts(redis)
    scene.rest()
    scene.record.violations += scene.account.accepted(SESSION_LAG)
    scene.stop()
    relay.close()
    redis.stop()
    server.stop()


def await_counts(redis: RedisServer) -> None:
    """Waits until requests of every kind were counted in Redis."""
    before, changed = redis.counters(), set()

    def are_counted() -> bool:
        changed.update(name for name, *_ in redis.counters() - before)
        return changed >= COUNTERS

    try:
        until(are_counted, 60, "Redis counts requests of every kind", 0.2)
    except Violation as error:
        raise Violation(f"{error}; missing: {sorted(COUNTERS - changed)}") from error


class Session:
    """A session that all replicas have cached, and that is ended while Redis fails."""

    def __init__(self, scene: Scene):
        body = {"email": scene.mixed.email, "password": PASSWORD}
        token = sent(scene.clients("")[0].send("POST", "/api/auth/login", body))["access_token"]
        self.clients: list[Client] = scene.clients(f"Bearer {token}")
        self.is_ended = False
        self.statuses()

    def statuses(self) -> set:
        answers = [client.send("GET", "/api/me", expected=(200, 401)) for client in self.clients]
        return {answer.status for answer in answers if answer}

    def end(self) -> float:
        """Signs out once. Returns the seconds until no replica accepts the session."""
        if not self.is_ended:
            self.clients[0].send("POST", "/api/auth/logout", expected=(204,))
            self.is_ended = True
        return self.await_end()

    def await_end(self) -> float:
        """Uses the session until each replica rejects it again and again. Returns the seconds until the last time that one
        accepted it: after a failure a replica asks the database first, and Redis later."""
        begin = last = time.monotonic()
        while time.monotonic() - last < STEADY:
            if 200 in self.statuses():
                last = time.monotonic()
            if last - begin > SESSION_LAG + PATIENCE:
                raise Violation(f"an ended session is accepted after {last - begin:.0f} s")
            time.sleep(0.05)
        return last - begin


def after_return(scene: Scene, session: Session) -> float:
    """Waits until all replicas use Redis again. Returns the seconds for which one still accepts an ended session."""
    until(lambda: all(service.uses_redis() for service in scene.services), 10, "all replicas use Redis")
    return session.await_end()


def kill(folder):
    with on_redis(folder) as (scene, redis, _):
        session = Session(scene)
        redis.kill()
        lag = session.end()
        work(scene)
        redis.start()
        lag = max(lag, after_return(scene, session))
        work(scene)
    return f"an ended session rejected after {lag:.1f} s, {scene.report()}"


def freeze(folder):
    with on_redis(folder) as (scene, redis, _):
        session, lag = Session(scene), 0.0
        for _ in range(3):
            redis.freeze()
            lag = max(lag, session.end())
            work(scene)
            redis.thaw()
            lag = max(lag, after_return(scene, session))
            work(scene, 2)
    return f"an ended session rejected after {lag:.1f} s, {scene.report()}"


def slow(folder):
    """Slow for some seconds, and then slow and fast by turns, so that the replicas use it again and again."""
    with on_redis(folder, with_relay=True) as (scene, redis, relay):
        session, lag, usual, medians = Session(scene), 0.0, answer_time(scene), []
        for delay in DELAYS:
            relay.delay = delay
            lag = max(lag, session.end())
            measured = ping_time(redis, relay)
            if measured < delay:
                raise Violation(f"Redis answers after {measured:.3f} s, not after {delay} s")
            until(lambda: not any(service.uses_redis() for service in scene.services), 10, "no replica uses Redis")
            medians.append(answer_time(scene))
            bound = 2 * usual + LONGEST_WAIT * PATIENCE
            if medians[-1] > bound:
                raise Violation(f"requests take {medians[-1]:.3f} s, while Redis is slow; the bound is {bound:.3f} s")
            work(scene, 2)
        chance = random.Random(9)
        for _ in range(20):
            relay.delay = 0
            time.sleep(chance.uniform(0.3, 0.8))
            relay.delay = chance.uniform(DELAYS[0], DELAYS[-1])
            time.sleep(0.4)
        work(scene, 1)
        relay.delay = 0
        lag = max(lag, after_return(scene, session))
        work(scene, 2)
    times = ", ".join(f"{median * 1000:.0f}" for median in medians)
    return (
        f"requests of {usual * 1000:.0f} ms took {times} ms while Redis took {DELAYS} s, "
        f"an ended session rejected after {lag:.1f} s, {scene.report()}"
    )


def ping_time(redis: RedisServer, relay: Relay) -> float:
    begin = time.monotonic()
    assert redis.command("PING", port=relay.port) == "+PONG"
    return time.monotonic() - begin


def answer_time(scene: Scene) -> float:
    """Returns the median of the seconds that a request takes, which asks Redis for its session and its counters."""
    clients, times = scene.clients(scene.mixed.session), []
    for client in clients * 20:
        begin = time.monotonic()
        answer = client.send("GET", "/api/me")
        times.append(time.monotonic() - begin)
        if answer and "RateLimit" not in answer.headers:
            raise Violation("a request was not counted while Redis failed")
    for client in clients:
        client.close()
    return statistics.median(times)


def flush(folder):
    with on_redis(folder) as (scene, redis, _):
        session = Session(scene)
        lag = session.end()
        for _ in range(20):
            redis.command("FLUSHALL")
            time.sleep(0.2)
        lag = max(lag, after_return(scene, session))
    return f"20 times emptied, an ended session rejected after {lag:.1f} s, {scene.report()}"


def restore(folder):
    with on_redis(folder) as (scene, redis, _):
        session = Session(scene)
        redis.save()
        session.end()
        redis.start_with_saved()
        lag = after_return(scene, session)
        if not lag:
            raise Violation("no replica has used the old data, so nothing was tested")
        work(scene)
    return f"an ended session of the old data rejected after {lag:.1f} s, {scene.report()}"


def work(scene: Scene, seconds: float = DURATION) -> None:
    """Lets the clients work for a time, and requires that they do."""
    before = scene.record.counts["acknowledged"]
    time.sleep(seconds)
    scene.more_writes(1, 5)
    scene.check()
    assert scene.record.counts["acknowledged"] > before


SCENARIOS = {
    "redis-kill": kill,
    "redis-freeze": freeze,
    "redis-slow": slow,
    "redis-flush": flush,
    "redis-restore": restore,
}
