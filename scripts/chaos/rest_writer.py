"""A client of REST that writes single contacts and batches."""

import time
import uuid

from actors import PAUSE, Actor
from answers import Client, Record
from ledger import LIVE, TRASH, Ledger

# A writer with more contacts deletes more than it creates.
MANY = 60
# Attempts of a request that may be repeated. A failure may outlast them.
ATTEMPTS = 40


class RestWriter(Actor):
    """Chooses a random write, and records its answer in the ledger."""

    def __init__(self, name: str, record: Record, clients: list[Client], ledger: Ledger):
        super().__init__(name, record, clients)
        self.ledger = ledger
        self.number = 0

    def step(self) -> None:
        live, trash = self.ledger.of_state(LIVE), self.ledger.of_state(TRASH)
        grows = len(live) < MANY
        actions = [self.create] * (6 if grows else 2) + [self.batch]
        if live:
            actions += [self.patch] * 5 + [self.replace, self.read_back] + [self.delete] * (1 if grows else 4)
        if trash:
            actions += [self.restore, self.purge]
        if len(trash) > MANY:
            actions += [self.purge] * 6
        self.random.choice(actions)()

    def marker(self) -> str:
        self.number += 1
        return f"{self.name}-{self.number}"

    def some(self, state: str) -> str:
        return self.random.choice(self.ledger.of_state(state))

    def notes_after(self, marker: str) -> str:
        return f"v{int(self.ledger.known[marker][1][1:]) + 1}"

    def write(self, request: tuple, after: dict, body=None, headers=None, expected=(200,)):
        """Sends a write once. Returns the answer."""
        answer = self.client.send(*request, body, headers, expected)
        if answer is None:
            self.ledger.doubt(" ".join(request), after)
            time.sleep(PAUSE)
        else:
            self.record.acknowledge()
            self.ledger.acknowledge(after)
        return answer

    def repeat(self, request: tuple, body, headers: dict, expected=(200, 201)):
        """Repeats a request with an idempotency key, on any replica, until it is answered."""
        headers = {"Idempotency-Key": str(uuid.uuid4()), **headers}
        for _ in range(ATTEMPTS):
            if (answer := self.client.send(*request, body, headers, expected)) is not None:
                self.record.add("repeated", "Idempotency-Replayed" in answer.headers)
                return answer
            if not self.awake.is_set():
                return None
            time.sleep(PAUSE)
        return None

    def create(self) -> None:
        marker = self.marker()
        after, request, body = {marker: (LIVE, "v1")}, ("POST", "/api/contacts"), {"first_name": marker, "notes": "v1"}
        if self.random.random() < 0.5:
            answer = self.write(request, after, body, expected=(201,))
        elif answer := self.repeat(request, body, {}):
            self.record.acknowledge()
            self.ledger.acknowledge(after)
        else:
            self.ledger.doubt("POST /api/contacts with a key", after)
        if answer:
            self.ledger.ids[marker] = answer.json()["id"]

    def path(self, marker: str) -> str:
        return f"/api/contacts/{self.ledger.ids[marker]}"

    def patch(self) -> None:
        marker = self.some(LIVE)
        notes = self.notes_after(marker)
        self.write(("PATCH", self.path(marker)), {marker: (LIVE, notes)}, {"notes": notes})

    def replace(self) -> None:
        marker = self.some(LIVE)
        notes = self.notes_after(marker)
        self.write(("PUT", self.path(marker)), {marker: (LIVE, notes)}, {"first_name": marker, "notes": notes})

    def delete(self) -> None:
        marker = self.some(LIVE)
        after = {marker: (TRASH, self.ledger.known[marker][1])}
        self.write(("DELETE", self.path(marker)), after, expected=(204,))

    def restore(self) -> None:
        marker = self.some(TRASH)
        self.write(("POST", f"{self.path(marker)}/restore"), {marker: (LIVE, self.ledger.known[marker][1])})

    def purge(self) -> None:
        marker = self.some(TRASH)
        path = f"/api/contacts/trash/{self.ledger.ids[marker]}"
        self.write(("DELETE", path), {marker: None}, expected=(204,))

    def batch(self) -> None:
        live = self.random.sample(self.ledger.of_state(LIVE), min(6, len(self.ledger.of_state(LIVE))))
        created, changed, deleted = [self.marker() for _ in range(4)], live[:3], live[3:]
        notes = {marker: self.notes_after(marker) for marker in changed}
        known = self.ledger.known
        ids = self.ledger.ids
        operations = [
            *({"op": "create", "contact": {"first_name": marker, "notes": "v1"}} for marker in created),
            *({"op": "update", "id": ids[marker], "contact": {"notes": notes[marker]}} for marker in changed),
            *({"op": "delete", "id": ids[marker]} for marker in deleted),
        ]
        after = {marker: (LIVE, "v1") for marker in created} | {marker: (LIVE, notes[marker]) for marker in changed}
        after |= {marker: (TRASH, known[marker][1]) for marker in deleted}
        answer = self.write(("POST", "/api/contacts/batch"), after, {"operations": operations})
        if answer:
            results = answer.json()["items"]
            for marker, result in zip(created, results[: len(created)], strict=True):
                self.ledger.ids[marker] = result["id"]

    def read_back(self) -> None:
        """Checks that an acknowledged contact is read as it was written, on any replica."""
        marker = self.some(LIVE)
        answer = self.client.send("GET", self.path(marker), expected=(200,))
        if answer and answer.json()["notes"] != self.ledger.known[marker][1]:
            self.record.violation(f"{marker} is read as {answer.json()['notes']}, not {self.ledger.known[marker][1]}")
