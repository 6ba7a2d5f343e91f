"""HTTP clients, and the record of all answers: only documented ones, and 503 or a lost connection only during a failure."""

import base64
import collections
import contextlib
import dataclasses
import http.client
import json
import threading
import time

from programs import PATIENCE

# Longer than every time limit of the service. A request without an answer after that is a violation.
LONGEST = 60 * PATIENCE
# Seconds for which a client leaves a connection unused. The service closes an idle one after 75 seconds, and a request that
# is sent at that moment is lost without a failure.
LONGEST_IDLE = 30
# Answers that a failure may cause: 503 with Retry-After, a connection that ended without an answer, and one that ended
# within a long answer (docs/decisions/028-long-responses.md).
UNAVAILABLE, LOST, CUT = "answered 503", "lost", "cut"
# Kinds of requests. Those of accounts are writes, too.
WRITE, IMPORT, SYNCHRONIZATION, READ = "write", "import", "synchronization", "read"
# Share of the answers that may be 503 without a failure, and a number that always may be, where a scene tolerates some.
BUSY_SHARE, SOME = 0.01, 5


def kind_of(method: str, path: str) -> str:
    if method == "REPORT" or path.startswith("/api/contacts/changes"):
        return SYNCHRONIZATION
    if path.startswith("/api/contacts/import"):
        return IMPORT
    return READ if method == "GET" else WRITE


@dataclasses.dataclass(eq=False)
class Sent:
    """A request that was sent. `answered`: its whole answer was read."""

    kind: str
    service: object
    answered: bool = False


class Record:
    """What all clients have seen."""

    def __init__(self):
        self.lock = threading.Lock()
        # Troubles that are allowed, each with the service that may have it, or None for all services.
        self.allowed: frozenset = frozenset()
        self.counts: collections.Counter = collections.Counter()
        self.violations: list[str] = []
        self.last_trouble = 0.0
        # The time of the last acknowledged write.
        self.last_write = 0.0
        self.longest = 0.0
        # 503 without a failure.
        self.busy: list[str] = []
        self.sent: set[Sent] = set()
        # Seconds that the latest requests of each kind took.
        self.durations: collections.defaultdict = collections.defaultdict(lambda: 0.03)

    def violation(self, text: str) -> None:
        with self.lock:
            self.violations.append(text)

    def add(self, kind: str, number: int = 1) -> None:
        with self.lock:
            self.counts[kind] += number

    def acknowledge(self) -> None:
        with self.lock:
            self.counts["acknowledged"] += 1
            self.last_write = time.monotonic()

    def trouble(self, kind: str, is_allowed: bool, text: str) -> None:
        """Counts an answer that a failure may cause."""
        with self.lock:
            self.counts[kind] += 1
            self.last_trouble = time.monotonic()
            if is_allowed:
                return
            found = self.busy if kind == UNAVAILABLE else self.violations
            found.append(f"{kind} without a failure: {text}")

    def too_busy(self, share: float) -> list[str]:
        """Returns the answers 503 without a failure, if they are more than a share of all answers."""
        answered = self.counts["acknowledged"] + self.counts["reads"] + self.counts["pages"]
        most = max(SOME, share * answered) if share else 0
        return self.busy if len(self.busy) > most else []

    @contextlib.contextmanager
    def in_flight(self, method: str, path: str, service):
        """Lists a request to a service while it is not answered."""
        request, begin = Sent(kind_of(method, path), service), time.monotonic()
        with self.lock:
            self.sent.add(request)
        try:
            yield
            request.answered = True
            self.durations[request.kind] += 0.2 * (time.monotonic() - begin - self.durations[request.kind])
        finally:
            with self.lock:
                self.sent.discard(request)

    def requests(self, service, kind: str | None = None) -> list[Sent]:
        """Returns the requests to a service that are in flight, or those of a kind."""
        with self.lock:
            return [request for request in self.sent if request.service is service and kind in (None, request.kind)]

    @contextlib.contextmanager
    def allows(self, *kinds: str, service=None):
        """Allows these troubles, with all services or with one."""
        before, self.allowed = self.allowed, self.allowed | {(kind, service) for kind in kinds}
        try:
            yield
        finally:
            self.allowed = before

    def allowed_of(self, service) -> frozenset:
        return frozenset(kind for kind, other in self.allowed if other is None or other is service)


class Answer:
    def __init__(self, status: int, headers, body: bytes):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


class Client:
    """One connection to a service. `send` returns None when it is unknown if the request has had an effect."""

    def __init__(self, service, record: Record, authorization: str = ""):
        self.service, self.record, self.authorization = service, record, authorization
        self.connection: http.client.HTTPConnection | None = None
        # The time of the last answer.
        self.last_used = 0.0
        # Troubles that only this client may have.
        self.allowed: frozenset = frozenset()

    def close(self) -> None:
        if self.connection:
            self.connection.close()
        self.connection = None

    def send(self, method: str, path: str, body=None, headers=None, expected=(200,)) -> Answer | None:
        headers = {**({"Authorization": self.authorization} if self.authorization else {}), **(headers or {})}
        if isinstance(body, (dict, list)):
            body, headers = json.dumps(body).encode(), {"Content-Type": "application/json", **headers}
        elif isinstance(body, str):
            body = body.encode()
        allowed, request = self.troubles(), f"{method} {path}"
        begin, answer = time.monotonic(), None
        try:
            with self.record.in_flight(method, path, self.service):
                answer = self.exchange(method, path, body, headers)
        except TimeoutError:
            self.record.violation(f"no answer within {LONGEST:.0f} s: {request}")
        except http.client.IncompleteRead as error:
            self.trouble(CUT, allowed, f"{request}: {error}")
        except (OSError, http.client.HTTPException) as error:
            self.trouble(LOST, allowed, f"{request}: {error!r}")
        self.record.longest = max(self.record.longest, time.monotonic() - begin)
        if answer is None:
            self.close()
            return None
        return answer if self.is_documented(answer, request, expected, allowed) else None

    def exchange(self, method: str, path: str, body, headers: dict) -> Answer:
        if time.monotonic() - self.last_used > LONGEST_IDLE:
            self.close()
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.service.port, timeout=LONGEST)
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        answer = Answer(response.status, response.headers, response.read())
        self.last_used = time.monotonic()
        if response.will_close:
            self.close()
        return answer

    def is_documented(self, answer: Answer, request: str, expected: tuple, allowed: frozenset) -> bool:
        text = f"{request}: {answer.status} {answer.body[:300].decode('utf-8', 'replace')}"
        if answer.status in expected:
            return True
        if answer.status != 503:
            self.record.violation(f"unexpected answer: {text}")
        elif not (answer.headers.get("Retry-After") or "").isdigit():
            self.record.violation(f"503 without Retry-After: {text}")
        else:
            self.trouble(UNAVAILABLE, allowed, text)
        return False

    def troubles(self) -> frozenset:
        """Returns the troubles that this client may have now."""
        return self.allowed | self.record.allowed_of(self.service)

    def trouble(self, kind: str, allowed: frozenset, text: str) -> None:
        """Reports a trouble. It is allowed if it was at the begin or is at the end of the request."""
        self.record.trouble(kind, kind in allowed | self.troubles(), text)


def bearer(token: str) -> str:
    return f"Bearer {token}"


def basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()
