"""Samples of two requests that must take the same time, and their verdict."""

import random
import socket
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

# The medians of both requests differ by at most this share of the larger one.
TOLERANCE = 0.05
# Requests of each kind before the first sample: they fill the caches of the service.
WARM_UP = 20
# A difference is confirmed with more samples, which are added to the earlier ones: 1, 3, then 7 times as many in all.
ROUNDS = (1, 2, 4)

Request = Callable[[], bytes]


@dataclass
class Comparison:
    """Two requests with the same answer. `known` has a secret that unknown clients must not learn by its time."""

    name: str
    status: int
    samples: int
    known: Request
    unknown: Request
    times: dict[str, list[float]] = field(default_factory=lambda: {"known": [], "unknown": []})

    def medians(self) -> tuple[float, float]:
        return statistics.median(self.times["known"]), statistics.median(self.times["unknown"])

    def difference(self) -> float:
        known, unknown = self.medians()
        return abs(known - unknown) / max(known, unknown)

    def report(self) -> str:
        known, unknown = self.medians()
        values = f"{known * 1e3:8.3f} ms {unknown * 1e3:8.3f} ms {(known - unknown) / max(known, unknown):+8.2%}"
        return f"{self.name:<58} {len(self.times['known']):>6} {values}"


class Client:
    """One connection, which is used for all requests. Times end with the first byte of the answer."""

    def __init__(self, port: int):
        self.port = port
        self.connect()

    def connect(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, request: bytes, status: int) -> float:
        """Sends a request, checks the status of the answer, and returns the time in seconds."""
        begin = time.perf_counter()
        self.socket.sendall(request)
        answer = self.socket.recv(65536)
        taken = time.perf_counter() - begin
        while b"\r\n\r\n" not in answer:
            answer += self.more()
        head, _, body = answer.partition(b"\r\n\r\n")
        found = int(head.split(b" ", 2)[1])
        if found != status:
            raise AssertionError(f"the status is {found} instead of {status}: {answer.decode()}")
        headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        while len(body) < int(headers.get(b"content-length", 0)):
            body += self.more()
        if headers.get(b"connection") == b"close":
            self.socket.close()
            self.connect()
        return taken

    def more(self) -> bytes:
        part = self.socket.recv(65536)
        if not part:
            raise AssertionError("the service closed the connection")
        return part


def sample(comparison: Comparison, client: Client, pairs: int) -> None:
    """Adds samples: pairs of both requests, each pair in a random order."""
    requests = {"known": comparison.known, "unknown": comparison.unknown}
    for _ in range(pairs):
        for kind in random.sample(list(requests), 2):
            comparison.times[kind].append(client.send(requests[kind](), comparison.status))


def takes_same_time(comparison: Comparison, client: Client) -> bool:
    for request in (comparison.known, comparison.unknown):
        for _ in range(WARM_UP):
            client.send(request(), comparison.status)
    for factor in ROUNDS:
        sample(comparison, client, comparison.samples * factor)
        if comparison.difference() <= TOLERANCE:
            return True
    return False
