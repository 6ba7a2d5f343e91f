"""Threads that use the service until they are stopped. They rest while the database is checked."""

import itertools
import random
import threading
import time
import traceback

from answers import Client, Record
from programs import Violation

# Pause after a request without success. Retry-After asks for longer, but then a failure would meet few requests.
PAUSE = 0.05


class Actor:
    """A thread that calls `step` again and again."""

    def __init__(self, name: str, record: Record, clients: list[Client]):
        self.name, self.record, self.clients = name, record, clients
        self.random = random.Random(name)
        self.turns = itertools.cycle(clients)
        self.working = threading.Lock()
        self.awake = threading.Event()
        self.ended = False
        self.thread = threading.Thread(target=self.run, daemon=True, name=name)

    @property
    def client(self) -> Client:
        """One of the replicas, each in turn."""
        return next(self.turns)

    def use_only(self, client: Client) -> None:
        """Sends all further requests to one replica."""
        self.turns = itertools.cycle([client])

    def start(self) -> None:
        self.thread.start()

    def run(self) -> None:
        while not self.ended:
            self.awake.wait()
            with self.working:
                if self.awake.is_set() and not self.ended:
                    try:
                        self.step()
                    except Exception:  # reported as a violation: an answer that the client does not understand
                        self.record.violation(f"{self.name}: {traceback.format_exc(limit=-3)}")
                        time.sleep(PAUSE)

    def step(self) -> None:
        raise NotImplementedError

    def rest(self) -> None:
        """Waits for the end of the step. The bound is that of all requests of a step."""
        self.awake.clear()
        if not self.working.acquire(timeout=180):
            raise Violation(f"{self.name} does not finish its requests")
        for client in self.clients:
            client.close()
        self.working.release()

    def wake(self) -> None:
        self.awake.set()

    def end(self) -> None:
        self.ended = True
        self.awake.set()
        self.thread.join(180)


class Reader(Actor):
    """Reads lists, searches, single contacts, cards and the export. Its answers are only checked for their status."""

    PATHS = (
        "/api/contacts?limit=50",
        "/api/contacts?q=w1&limit=20",
        "/api/contacts/tags",
        "/api/contacts/trash?limit=20",
    )

    def __init__(self, name: str, record: Record, clients: list[Client]):
        super().__init__(name, record, clients)
        self.some_id = ""

    def step(self) -> None:
        paths = [*self.PATHS, *([f"/api/contacts/{self.some_id}"] if self.some_id else [])]
        answer = self.client.send("GET", self.random.choice(paths), expected=(200, 404))
        if answer is None:
            time.sleep(PAUSE)
            return
        self.record.add("reads")
        found = answer.json()
        items = found.get("items", []) if isinstance(found, dict) else []
        if items and "id" in items[0]:
            self.some_id = items[0]["id"]
        time.sleep(0.02)
