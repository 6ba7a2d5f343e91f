"""Memory, time of the start, and waiting times."""

import socket
import statistics
import time

import programs
from devices import FIRST_SYNC, FIRST_SYNC_MEMORY

STARTS = 5
# Until a process without requests has settled.
SETTLE = 3
# Users with a long page of long contacts, and the time in which their unread answers are written.
UNREADING, LONG_PAGE, LONG_NOTES, STALL = 60, 1000, 1000, 8

FIRST_ANSWER = "first answer after the start"
IDLE = "memory of an idle process"
PEAK = "memory under the load of this page, maximum"
WRITING_PEAK = "memory of the process that gets the new contacts, maximum"
FLOODED = "list of 50 while 64 clients flood sign-in, 99th percentile"
QUIET = "the same without the flood"
UNREAD = f"memory for {UNREADING} clients that do not read a page of {LONG_PAGE:,} contacts"

# Name, unit and goal.
BOUNDS = [
    (FLOODED, "ms", 50), (QUIET, "ms", None), (FIRST_ANSWER, "ms", 150), (IDLE, "MiB", 40), (PEAK, "MiB", 120),
    (WRITING_PEAK, "MiB", 120), (UNREAD, "MiB", 95), (FIRST_SYNC, "ms", 3000), (FIRST_SYNC_MEMORY, "MiB", 30),
]


class Bounds:
    """Values with an upper goal, by database."""

    def __init__(self, engines):
        self.values = {engine: {} for engine in engines}

    def add(self, engine, values):
        self.values[engine].update(values)

    def lines(self):
        for name, unit, goal in BOUNDS:
            yield name, unit, goal, {engine: values[name] for engine, values in self.values.items() if name in values}


def start(running, engine, url, users):
    """Starts the service on an existing database several times. The first answer needs the database."""
    token = users.read_text().split("\t")[1]
    times = []
    for _ in range(STARTS):
        service = running.service(url, probe=("/api/me", token))
        times.append(service.started_in)
        if len(times) == STARTS:
            time.sleep(SETTLE)
            idle = service.memory("VmRSS")
        service.stop()
    return {FIRST_ANSWER: statistics.median(times) * 1000, IDLE: idle}


def clients_that_do_not_read(running, engine, folder):
    """Returns the additional memory while clients have requested a long page each and do not read the answer."""
    url = engine.create("long")
    programs.fill(running, url, folder, UNREADING, LONG_PAGE, LONG_NOTES)
    service = running.service(url, contact_limit=LONG_PAGE)
    tokens = [line.split("\t")[1] for line in (folder / "users.tsv").read_text().splitlines()]
    # The first long page fills caches that are not counted.
    service.get(f"/api/contacts?limit={LONG_PAGE}", tokens[0])
    time.sleep(SETTLE)
    before = service.memory("VmRSS")
    service.forget_maximum()
    clients = [request_without_reading(service.port, token) for token in tokens]
    time.sleep(STALL)
    after = service.memory("VmHWM")
    for client in clients:
        client.close()
    service.stop()
    return {UNREAD: after - before}


def request_without_reading(port, token):
    client = socket.socket()
    # So that the answer does not fit into the buffers of the system.
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", port))
    request = f"GET /api/contacts?limit={LONG_PAGE} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n"
    client.sendall(request.encode())
    return client
